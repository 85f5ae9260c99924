import { createServer, type Socket } from "node:net";
import type { Backend } from "./backend.ts";
import { CALLS_VERSION, describeError, parseCall, type Answer, type Call } from "./calls.ts";
import { isSharedMethod } from "./client-methods.ts";
import { listenAt } from "./endpoint.ts";
import { encodeFrame, FrameReader } from "./frames.ts";

const MAX_CONNECTIONS = 64;
const MAX_CALLS_AT_ONCE = 64;
/** Calls carry ids, names and texts; files go by their path. */
const MAX_CALL_BYTES = 1024 * 1024;
/** A reader that lets this much pile up is cut off rather than held in memory. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;
/** How long calls that were begun may take when the holder wants to end. */
const DRAIN_MS = 10_000;

/** Answers the other processes of this profile until closed. */
export interface ProfileServer {
  /** Takes no more calls, answers those that were begun, and closes all connections. Does not close the core. */
  close(): Promise<void>;
}

/** @param delay - Resolves after so many milliseconds, or when the signal aborts. */
export async function serveProfile(
  backend: Backend,
  path: string,
  host: { random(length: number): Promise<Uint8Array>; delay(ms: number, signal?: AbortSignal): Promise<void> },
): Promise<ProfileServer> {
  const connections = new Set<Connection>();
  let closing = false;
  const server = createServer((socket) => {
    if (closing || connections.size >= MAX_CONNECTIONS) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, backend, () => closing);
    connections.add(connection);
    socket.once("close", () => {
      connections.delete(connection);
    });
  });
  await listenAt(server, path, (length) => host.random(length));
  const unsubscribe = backend.onEvent((event) => {
    for (const connection of connections) connection.answer({ type: "event", event });
  });
  return {
    async close() {
      closing = true;
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      const drained = new AbortController();
      const finished = Promise.all([...connections].map((connection) => connection.drained())).then(() => {
        drained.abort();
      });
      await Promise.race([finished, host.delay(DRAIN_MS, drained.signal)]);
      unsubscribe();
      for (const connection of connections) connection.end();
      await closed;
    },
  };
}

class Connection {
  readonly #socket: Socket;
  readonly #backend: Backend;
  readonly #closing: () => boolean;
  readonly #running = new Set<Promise<void>>();

  constructor(socket: Socket, backend: Backend, closing: () => boolean) {
    this.#socket = socket;
    this.#backend = backend;
    this.#closing = closing;
    const reader = new FrameReader(MAX_CALL_BYTES);
    socket.on("data", (bytes: Uint8Array) => {
      this.#receive(reader, bytes);
    });
    // The other process was killed; its calls go on and their answers are dropped.
    socket.on("error", () => socket.destroy());
    this.answer({ type: "hello", version: CALLS_VERSION });
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
      if (this.#running.size >= MAX_CALLS_AT_ONCE || (call.method !== "start" && !isSharedMethod(call.method))) {
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
    if (method !== "start" && !isSharedMethod(method)) return;
    try {
      this.answer({ type: "result", id, value: await this.#backend.call(method, args) });
    } catch (error) {
      this.answer({ type: "refused", id, error: describeError(error) });
    }
  }
}
