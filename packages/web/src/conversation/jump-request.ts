import type { ConversationId, MessageId } from "@stonechat/core/client-api";

/** A message that somebody outside of the list wants to be shown, e.g. the search. */
export interface JumpRequest {
  readonly conversationId: ConversationId;
  readonly messageId: MessageId;
}

let request: JumpRequest | undefined;
const listeners = new Set<() => void>();

/** Asks the conversation's list, which may not be on screen yet, to go to a message. */
export function requestJump(next: JumpRequest): void {
  change(next);
}

/** The list has heard it. */
export function takeJump(): void {
  change(undefined);
}

export function readJump(): JumpRequest | undefined {
  return request;
}

export function onJump(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function change(next: JumpRequest | undefined): void {
  request = next;
  for (const listener of listeners) listener();
}
