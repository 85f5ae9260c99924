import { useEffect, useRef } from "react";
import type { ConversationId, ConversationView } from "@stonechat/core/client-api";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";

const DRAFT_DELAY_MS = 400;
/** Drafts that are on their way to the core: whoever opens the conversation meanwhile finds them here. */
const saving = new Map<ConversationId, string>();

/** What was being written in a conversation when it was left. */
export function readDraft(conversation: ConversationView): string {
  return saving.get(conversation.id) ?? conversation.draft;
}

/** Keeps what is being written in the core, a moment after the last key and when the conversation is left. */
export function useDraft(
  conversation: ConversationView,
  text: string,
  keeps: boolean,
): { readonly read: () => string; readonly forget: () => void } {
  const { client } = useClient();
  const kept = useRef(readDraft(conversation));
  const pending = useRef<string>(undefined);
  const paused = useRef(!keeps);
  useEffect(() => {
    // When editing has just ended, the box still holds the edited message.
    const resumes = keeps && paused.current;
    paused.current = !keeps;
    if (!keeps || resumes) return undefined;
    pending.current = text;
    if (text === kept.current) return undefined;
    const timer = setTimeout(save, DRAFT_DELAY_MS);
    return () => {
      clearTimeout(timer);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [text, keeps]);
  useEffect(() => {
    document.addEventListener("visibilitychange", save);
    return () => {
      document.removeEventListener("visibilitychange", save);
      save();
    };
    // Once for the conversation's life on screen.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  function save(): void {
    const next = pending.current;
    if (next === undefined || next === kept.current) return;
    kept.current = next;
    pending.current = undefined;
    saving.set(conversation.id, next);
    void act(() => client.setDraft(conversation.id, next)).then(() => {
      // The list's view of the conversation follows by an event; a moment later it is there.
      setTimeout(() => {
        if (saving.get(conversation.id) === next) saving.delete(conversation.id);
      }, DRAFT_DELAY_MS);
    });
  }

  return {
    read: () => pending.current ?? kept.current,
    forget: () => {
      pending.current = "";
      save();
    },
  };
}
