import type { Socket } from "node:net";
import type { ClientEvent } from "@stonechat/core";
import { BackendGone, type Backend } from "./backend.ts";
import { lockedFailure } from "../failure.ts";
import { CALLS_VERSION, END, parseAnswer, reviveError, type Answer, type Ending, type Holder } from "./calls.ts";
import type { SharedMethod } from "./client-methods.ts";
import { connectTo } from "@stonechat/serving/endpoint";
import { encodeFrame, FrameReader } from "./frames.ts";

/** The core of another process, and that process. */
export interface Remote {
  readonly holder: Holder;
  readonly backend: Backend;
  /** Asks it to lock the profile and let go. Resolves when it has heard, which is before it has done so. */
  end(how: Ending): Promise<void>;
}

/** Reaches the process that listens at `path`; undefined if none answers there. */
export async function connectRemote(path: string): Promise<Remote | undefined> {
  const socket = await connectTo(path);
  if (socket === undefined) return undefined;
  const backend = new RemoteBackend(socket);
  const holder = await backend.greeted;
  if (holder === undefined) return undefined;
  return {
    holder,
    backend,
    async end(how) {
      await backend.ask(END, [how]);
    },
  };
}

class RemoteBackend implements Backend {
  readonly gone: Promise<"ended" | "locked">;
  /** The holder, if it greeted us before it went away. */
  readonly greeted: Promise<Holder | undefined>;
  readonly #socket: Socket;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();
  readonly #listeners = new Set<(event: ClientEvent) => void>();
  #greet: (holder: Holder | undefined) => void = () => undefined;
  #locked = false;
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
        this.#greet(undefined);
        for (const { reject } of this.#waiting.values()) reject(this.#locked ? lockedFailure() : new BackendGone(true));
        this.#waiting.clear();
        resolve(this.#locked ? "locked" : "ended");
      });
    });
  }

  async call(method: SharedMethod | "start", args: readonly unknown[]): Promise<unknown> {
    return await this.ask(method, args);
  }

  async ask(method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#locked) throw lockedFailure();
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
        if (answer.version === CALLS_VERSION) this.#greet(answer.holder);
        else this.#socket.destroy();
        return;
      case "locked":
        this.#locked = true;
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
