import { ClientError, type Client, type ClientEvent } from "@stonechat/core/client-api";
import {
  CLIENT_METHODS,
  DOOR_METHODS,
  parseWorkerMessage,
  type CallMessage,
  type OpenFailure,
  type WorkerMessage,
} from "./client-protocol.ts";
import type { Door, OnTravelProgress } from "./door.ts";

/** The half of a `Worker` or `MessagePort` that a remote client needs. */
export interface ClientPort {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** The worker could not open the core. */
export class OpenError extends Error {
  override readonly name = "OpenError";
  readonly reason: OpenFailure;

  constructor(reason: OpenFailure) {
    super(reason);
    this.reason = reason;
  }
}

/** A call met a defect in the worker, or the worker is gone. Names the error's class only. */
export class BrokenCallError extends Error {
  override readonly name = "BrokenCallError";
}

/** A call was under way when the worker was ended, as locking does. What it was to do may be done or not. */
export class EndedCallError extends BrokenCallError {}

export interface RemoteClient {
  /** Resolves when the worker stands before the vault. Rejects with {@link OpenError}. */
  readonly ready: Promise<void>;
  readonly door: Door;
  /** Answers once the door has opened a vault. */
  readonly client: Client;
  /** Who hears how far a vault has come back from a journey. */
  onProgress: OnTravelProgress | undefined;
  /** Fails what is still under way; call it when the worker was terminated. */
  end(): void;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A {@link Client} whose calls go to a core behind `port`. Messages of any other shape are dropped. */
export function createRemoteClient(port: ClientPort): RemoteClient {
  const pending = new Map<number, Pending>();
  const listeners = new Set<(event: ClientEvent) => void>();
  const opening = Promise.withResolvers<void>();
  let nextId = 0;
  let ended = false;

  port.addEventListener("message", ({ data }) => {
    const message = parseWorkerMessage(data);
    if (message !== undefined) receive(message);
  });

  function receive(message: WorkerMessage): void {
    switch (message.type) {
      case "ready":
        opening.resolve();
        break;
      case "open-failed":
        opening.reject(new OpenError(message.reason));
        break;
      case "result":
        take(message.id)?.resolve(message.value);
        break;
      case "refused":
        take(message.id)?.reject(new ClientError(message.code));
        break;
      case "broken":
        take(message.id)?.reject(new BrokenCallError(message.error));
        break;
      case "progress":
        remote.onProgress?.(message.done, message.total);
        break;
      case "event":
        for (const listener of [...listeners]) listener(message.event);
        break;
    }
  }

  function take(id: number): Pending | undefined {
    const call = pending.get(id);
    pending.delete(id);
    return call;
  }

  function call(message: DistributiveOmit<CallMessage, "id">): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (ended) {
        reject(new EndedCallError("ended"));
        return;
      }
      const id = nextId++;
      pending.set(id, { resolve, reject });
      port.postMessage({ ...message, id } satisfies CallMessage);
    });
  }

  const methods = CLIENT_METHODS.map((method) => [
    method,
    (...args: unknown[]) => call({ type: "call", method, args }),
  ]);
  const client = {
    ...Object.fromEntries(methods),
    onEvent(listener: (event: ClientEvent) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  } as unknown as Client; // CLIENT_METHODS is checked against Client, and each forwards its arguments unchanged
  const questions = DOOR_METHODS.map((method) => [method, (...args: unknown[]) => call({ type: "ask", method, args })]);

  const door: unknown = Object.fromEntries(questions);

  const remote: RemoteClient = {
    ready: opening.promise,
    door: door as Door, // as above
    client,
    onProgress: undefined,
    end() {
      ended = true;
      for (const { reject } of pending.values()) reject(new EndedCallError("ended"));
      pending.clear();
      listeners.clear();
    },
  };
  return remote;
}

/** `Omit` for each case of a union. */
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
