import type { Socket } from "node:net";
import { CLOSE_CODES } from "@stonechat/protocol";
import type { WebSocket } from "ws";
import type { Sink } from "../service/sink.ts";
import type { Corks } from "./corks.ts";

/** {@link Sink} over one WebSocket. */
export class SocketSink implements Sink {
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #corks: Corks;

  constructor(webSocket: WebSocket, socket: Socket, corks: Corks) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#corks = corks;
  }

  send(frame: Uint8Array): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    this.#corks.hold(this.#socket);
    this.#webSocket.send(Buffer.from(frame));
  }

  pendingBytes(): number {
    return this.#socket.writableLength;
  }

  close(code: number): void {
    this.#webSocket.close(code);
    // Who is too slow to read will not read a close frame either.
    if (code === CLOSE_CODES.tooSlow) this.#webSocket.terminate();
  }

  pause(): void {
    this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }
}
