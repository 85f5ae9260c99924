import { createServer, type Socket } from "node:net";
import type { Backend } from "./backend.ts";
import {
  CALLS_VERSION,
  describeError,
  END,
  parseCall,
  type Answer,
  type Call,
  type Ending,
  type Holder,
} from "./calls.ts";
import { isSharedMethod } from "./client-methods.ts";
import { listenAt } from "@stonechat/serving/endpoint";
import { encodeFrame, FrameReader } from "./frames.ts";

const MAX_CONNECTIONS = 64;
const MAX_CALLS_AT_ONCE = 64;
/** Calls carry ids, names and texts; files go by their path. */
const MAX_CALL_BYTES = 1024 * 1024;
/** A reader that lets this much pile up is cut off rather than held in memory. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;
/** How long calls that were begun may take when the holder wants to end. */
const DRAIN_MS = 10_000;

/** Answers the other processes of this profile until closed. Neither method closes the core. */
export interface ProfileServer {
  /** Takes no more calls, answers those that were begun, and closes all connections. */
  close(): Promise<void>;
  /** Tells everybody that the profile was locked, and closes all connections without waiting for what was begun. */
  lock(): Promise<void>;
}

/** Who serves, and what happens when another process asks for the profile to be locked. */
export interface Serving {
  readonly holder: Holder;
  readonly onEnd: (how: Ending) => void;
}

export async function serveProfile(
  backend: Backend,
  path: string,
  host: { random(length: number): Promise<Uint8Array>; delay(ms: number, signal?: AbortSignal): Promise<void> },
  serving: Serving,
): Promise<ProfileServer> {
  const connections = new Set<Connection>();
  let closing = false;
  const server = createServer((socket) => {
    if (closing || connections.size >= MAX_CONNECTIONS) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, backend, serving, () => closing);
    connections.add(connection);
    socket.once("close", () => {
      connections.delete(connection);
    });
  });
  await listenAt(server, path, (length) => host.random(length));
  const unsubscribe = backend.onEvent((event) => {
    for (const connection of connections) connection.answer({ type: "event", event });
  });
  const stop = async (drain: () => Promise<void>): Promise<void> => {
    closing = true;
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    await drain();
    unsubscribe();
    for (const connection of connections) connection.end();
    await closed;
  };
  return {
    close: () =>
      stop(async () => {
        const drained = new AbortController();
        const finished = Promise.all([...connections].map((connection) => connection.drained())).then(() => {
          drained.abort();
        });
        await Promise.race([finished, host.delay(DRAIN_MS, drained.signal)]);
      }),
    lock: () =>
      stop(async () => {
        for (const connection of connections) connection.answer({ type: "locked" });
      }),
  };
}

class Connection {
  readonly #socket: Socket;
  readonly #backend: Backend;
  readonly #serving: Serving;
  readonly #closing: () => boolean;
  readonly #running = new Set<Promise<void>>();

  constructor(socket: Socket, backend: Backend, serving: Serving, closing: () => boolean) {
    this.#socket = socket;
    this.#backend = backend;
    this.#serving = serving;
    this.#closing = closing;
    const reader = new FrameReader(MAX_CALL_BYTES);
    socket.on("data", (bytes: Uint8Array) => {
      this.#receive(reader, bytes);
    });
    // The other process was killed; its calls go on and their answers are dropped.
    socket.on("error", () => socket.destroy());
    this.answer({ type: "hello", version: CALLS_VERSION, holder: serving.holder });
  }

  answer(answer: Answer): void {
    if (!this.#socket.writable) return;
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) {
      this.#socket.destroy();
      return;
    }
    this.#socket.write(encodeFrame(answer));
  }

  async drained(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Sends what is written and closes; the other side need not agree. */
  end(): void {
    this.#socket.end(() => {
      this.#socket.destroy();
    });
  }

  #receive(reader: FrameReader, bytes: Uint8Array): void {
    let calls: readonly Call[];
    try {
      calls = reader.push(bytes).map(parseCall);
    } catch {
      // Not one of ours: no answer helps it.
      this.#socket.destroy();
      return;
    }
    for (const call of calls) {
      if (this.#running.size >= MAX_CALLS_AT_ONCE || !isKnown(call.method)) {
        this.#socket.destroy();
        return;
      }
      const running = this.#run(call).finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
  }

  async #run({ id, method, args }: Call): Promise<void> {
    if (this.#closing()) {
      this.answer({ type: "not-begun", id });
      return;
    }
    if (method === END) {
      this.answer({ type: "result", id });
      this.#serving.onEnd(args[0] === "now" ? "now" : "burn");
      return;
    }
    if (method !== "start" && !isSharedMethod(method)) return;
    try {
      this.answer({ type: "result", id, value: await this.#backend.call(method, args) });
    } catch (error) {
      this.answer({ type: "refused", id, error: describeError(error) });
    }
  }
}

function isKnown(method: string): boolean {
  return method === "start" || method === END || isSharedMethod(method);
}
