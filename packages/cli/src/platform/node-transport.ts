import { MAX_FRAME_BYTES, SOCKET_PATH, SUBPROTOCOL } from "@stonechat/protocol";
import { WebSocket } from "ws";
import type { Socket, SocketEvents, Transport } from "@stonechat/core";

const HANDSHAKE_TIMEOUT_MS = 10_000;
const CLOSE_GRACE_MS = 2_000;
const UNSUPPORTED_DATA = 1003;

/** Sockets to relays over `ws`: binary frames only, no compression, capped frames. */
export const nodeTransport: Transport = {
  openSocket: (relayUrl, events) => new NodeSocket(relayUrl, events),
  canReach: (relayUrl) => URL.canParse(relayUrl) && /^https?:$/.test(new URL(relayUrl).protocol),
};

class NodeSocket implements Socket {
  readonly #socket: WebSocket;
  #closed = false;

  constructor(relayUrl: string, events: SocketEvents) {
    const url = new URL(SOCKET_PATH, relayUrl);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#socket = new WebSocket(url, SUBPROTOCOL, {
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      followRedirects: false,
    });
    this.#socket.on("open", () => {
      if (!this.#closed) events.onOpen();
    });
    this.#socket.on("message", (data: Buffer, isBinary) => {
      if (this.#closed) return;
      if (isBinary) events.onFrame(new Uint8Array(data));
      else this.#socket.close(UNSUPPORTED_DATA);
    });
    // "close" follows every error and says all that the core wants to know.
    this.#socket.on("error", () => undefined);
    this.#socket.on("close", (code) => {
      if (this.#closed) return;
      this.#closed = true;
      events.onClose(code);
    });
  }

  send(frame: Uint8Array): void {
    if (this.#closed || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(frame, { binary: true, compress: false });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    const timer = setTimeout(() => {
      this.#socket.terminate();
    }, CLOSE_GRACE_MS);
    this.#socket.once("close", () => {
      clearTimeout(timer);
    });
  }
}
