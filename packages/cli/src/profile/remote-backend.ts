import type { Socket } from "node:net";
import type { ClientEvent } from "@stonechat/core";
import { BackendGone, type Backend } from "./backend.ts";
import { CALLS_VERSION, parseAnswer, reviveError, type Answer } from "./calls.ts";
import type { SharedMethod } from "./client-methods.ts";
import { connectTo } from "./endpoint.ts";
import { encodeFrame, FrameReader } from "./frames.ts";

/** Resolves to a backend on the core of the process that listens at `path`, or to undefined if none answers there. */
export async function connectBackend(path: string): Promise<Backend | undefined> {
  const socket = await connectTo(path);
  if (socket === undefined) return undefined;
  const backend = new RemoteBackend(socket);
  return (await backend.greeted) ? backend : undefined;
}

class RemoteBackend implements Backend {
  readonly gone: Promise<void>;
  /** Whether the holder greeted us before it went away. */
  readonly greeted: Promise<boolean>;
  readonly #socket: Socket;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();
  readonly #listeners = new Set<(event: ClientEvent) => void>();
  #greet: (greeted: boolean) => void = () => undefined;
  #nextId = 1;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.greeted = new Promise((resolve) => {
      this.#greet = resolve;
    });
    const reader = new FrameReader();
    socket.on("data", (bytes: Uint8Array) => {
      this.#receive(reader, bytes);
    });
    // "close" follows and says everything there is to say.
    socket.on("error", () => socket.destroy());
    this.gone = new Promise((resolve) => {
      socket.once("close", () => {
        this.#greet(false);
        for (const { reject } of this.#waiting.values()) reject(new BackendGone(true));
        this.#waiting.clear();
        resolve();
      });
    });
  }

  async call(method: SharedMethod | "start", args: readonly unknown[]): Promise<unknown> {
    if (!this.#socket.writable) throw new BackendGone(false);
    const id = this.#nextId;
    this.#nextId += 1;
    return await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(encodeFrame({ id, method, args }));
    });
  }

  onEvent(listener: (event: ClientEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#socket.end();
    this.#socket.destroy();
    await this.gone;
  }

  #receive(reader: FrameReader, bytes: Uint8Array): void {
    let answers: readonly Answer[];
    try {
      answers = reader.push(bytes).map(parseAnswer);
    } catch {
      // Another version of this program. Closing makes the caller try again, and then say that nobody answers.
      this.#socket.destroy();
      return;
    }
    for (const answer of answers) this.#take(answer);
  }

  #take(answer: Answer): void {
    switch (answer.type) {
      case "hello":
        if (answer.version === CALLS_VERSION) this.#greet(true);
        else this.#socket.destroy();
        return;
      case "event":
        for (const listener of this.#listeners) listener(answer.event);
        return;
      case "result":
        this.#settle(answer.id, ({ resolve }) => {
          resolve(answer.value);
        });
        return;
      case "refused":
        this.#settle(answer.id, ({ reject }) => {
          reject(reviveError(answer.error));
        });
        return;
      case "not-begun":
        this.#settle(answer.id, ({ reject }) => {
          reject(new BackendGone(false));
        });
    }
  }

  #settle(
    id: number,
    act: (waiting: { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }) => void,
  ): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting !== undefined) act(waiting);
  }
}
