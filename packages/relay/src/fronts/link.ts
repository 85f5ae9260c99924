import type { Duplex } from "node:stream";

/** No message between our own processes is larger; anything else is a stream that lost its place. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const LENGTH_BYTES = 4;

/** A message from the other process was not one of ours: the two do not fit together. */
export class LinkError extends Error {
  override readonly name = "LinkError";
  readonly code = "bad-link";
}

/**
 * A byte stream between two processes of one relay, cut into messages: each has its length before it, as a `uint32`.
 * Messages arrive in the order in which they were sent.
 */
export class Link {
  readonly #stream: Duplex;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #wanted = LENGTH_BYTES;

  /**
   * @param onMessage - Called for each message; what it gets may be kept.
   * @param onEnd - Called once, when the stream is over for whatever reason.
   */
  constructor(stream: Duplex, onMessage: (message: Uint8Array) => void, onEnd: () => void) {
    this.#stream = stream;
    stream.on("data", (data: Buffer) => {
      this.#take(data, onMessage);
    });
    stream.on("error", () => {
      stream.destroy(); // `close` follows
    });
    stream.once("close", onEnd);
  }

  send(message: Uint8Array): void {
    if (!this.#stream.writable) return;
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    length.writeUInt32BE(message.length);
    this.#stream.cork();
    this.#stream.write(length);
    this.#stream.write(message);
    this.#stream.uncork();
  }

  /** What was sent and has not left this process, in bytes. */
  get pendingBytes(): number {
    return this.#stream.writableLength;
  }

  /** Takes in nothing more until all that was sent has left. Only one of the two ends may do this: both would wait. */
  waitUntilSent(): void {
    if (this.#stream.isPaused() || !this.#stream.writableNeedDrain) return;
    this.#stream.pause();
    this.#stream.once("drain", () => this.#stream.resume());
  }

  close(): void {
    this.#stream.destroy();
  }

  #take(data: Buffer, onMessage: (message: Uint8Array) => void): void {
    this.#rest.push(data);
    this.#restBytes += data.length;
    if (this.#restBytes < this.#wanted) return;
    const all = this.#rest.length === 1 ? data : Buffer.concat(this.#rest);
    let at = 0;
    for (;;) {
      this.#wanted = LENGTH_BYTES;
      if (all.length - at < LENGTH_BYTES) break;
      const length = all.readUInt32BE(at);
      if (length > MAX_MESSAGE_BYTES) {
        this.#stream.destroy(new LinkError("a message was too long"));
        return;
      }
      this.#wanted = LENGTH_BYTES + length;
      if (all.length - at < this.#wanted) break;
      onMessage(new Uint8Array(all.subarray(at + LENGTH_BYTES, at + this.#wanted)));
      at += this.#wanted;
    }
    this.#rest = at < all.length ? [all.subarray(at)] : [];
    this.#restBytes = all.length - at;
  }
}
