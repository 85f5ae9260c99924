import { connect, type Socket } from "node:net";
import { SOCKET_PATH, SUBPROTOCOL } from "@stonechat/protocol";

/** A TCP connection that says exactly what a test wants, and collects what comes back. */
export class RawSocket {
  readonly socket: Socket;
  readonly ended: Promise<void>;
  #received = Buffer.alloc(0);
  #onData: () => void = () => undefined;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.on("error", () => undefined);
    this.socket.on("data", (data: Buffer) => {
      this.#received = Buffer.concat([this.#received, data]);
      this.#onData();
    });
    this.ended = new Promise((resolve) => {
      this.socket.on("close", () => {
        this.#onData();
        resolve();
      });
    });
  }

  /** Says this, and returns everything received until the other side ends the connection. */
  async talk(bytes: string | Uint8Array): Promise<string> {
    this.socket.write(bytes);
    await this.ended;
    return this.received;
  }

  get received(): string {
    return this.#received.toString("latin1");
  }

  get bytes(): Uint8Array {
    return this.#received;
  }

  async until(enough: (received: string) => boolean): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#onData = () => {
        if (enough(this.received)) resolve();
        else if (this.socket.closed) reject(new Error("the connection ended first"));
      };
      this.#onData();
    });
    return this.received;
  }

  /** Makes the WebSocket handshake and forgets its answer. */
  async upgrade(extra = ""): Promise<string> {
    this.socket.write(upgradeRequest(extra));
    const answer = await this.until((received) => received.includes("\r\n\r\n"));
    this.#received = Buffer.alloc(0);
    return answer;
  }

  /** Sends frames, and returns the close code that comes back (1006 when none does). */
  async closeCodeAfter(...frames: readonly Uint8Array[]): Promise<number> {
    for (const frame of frames) if (this.socket.writable) this.socket.write(frame);
    await this.ended;
    const at = this.#received.indexOf(0x88);
    return at < 0 ? 1006 : this.#received.readUInt16BE(at + 2);
  }
}

export function upgradeRequest(extra = "", path = SOCKET_PATH): string {
  return (
    `GET ${path} HTTP/1.1\r\nHost: relay.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
    `Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n${extra}\r\n`
  );
}

/** One frame of RFC 6455 §5.2, masked with zeros unless told otherwise. `first` is FIN, RSV and opcode. */
export function frame(first: number, payload: Uint8Array = new Uint8Array(0), masked = true): Uint8Array {
  const mask = masked ? 0x80 : 0;
  const { length } = payload;
  const head = length < 126 ? [first, mask | length] : [first, mask | 126, length >> 8, length & 0xff];
  return Uint8Array.of(...head, ...(masked ? [0, 0, 0, 0] : []), ...payload);
}
