import type { Socket } from "node:net";
import { GATHER_BYTES, type Gatherer, type Gathering } from "./gathering.ts";

const FIN = 0x80;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** The sending half of RFC 6455 for a server: messages in, bytes to the socket. Copies what it is given. */
export class FrameWriter implements Gatherer {
  readonly #socket: Socket;
  readonly #gathering: Gathering;
  #buffer: Uint8Array | undefined;
  #length = 0;

  constructor(socket: Socket, gathering: Gathering) {
    this.#socket = socket;
    this.#gathering = gathering;
  }

  /** Bytes handed over that the network has not taken yet. */
  get pendingBytes(): number {
    return this.#socket.writableLength + this.#length;
  }

  message(payload: Uint8Array): void {
    this.#frame(BINARY, payload);
  }

  ping(): void {
    this.#frame(PING, NOTHING);
  }

  pong(payload: Uint8Array): void {
    this.#frame(PONG, payload);
  }

  /** @param code - `undefined` says goodbye without one. */
  close(code: number | undefined): void {
    this.#frame(CLOSE, code === undefined ? NOTHING : Uint8Array.of(code >> 8, code & 0xff));
  }

  flush(): void {
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    this.#buffer = undefined;
    if (this.#hand(buffer)) this.#gathering.giveBack(buffer);
  }

  #frame(opcode: number, payload: Uint8Array): void {
    const size = headBytesOf(payload.length) + payload.length;
    if (size > GATHER_BYTES) {
      this.flush();
      const whole = new Uint8Array(size);
      writeFrame(whole, 0, opcode, payload);
      if (this.#socket.writable) this.#socket.write(whole);
      return;
    }
    if (this.#length + size > GATHER_BYTES) this.flush();
    this.#buffer ??= this.#gathering.lend(this);
    writeFrame(this.#buffer, this.#length, opcode, payload);
    this.#length += size;
  }

  /** @returns whether the system took it all, so that nothing reads the buffer any more. */
  #hand(buffer: Uint8Array): boolean {
    const bytes = buffer.subarray(0, this.#length);
    this.#length = 0;
    if (!this.#socket.writable) return true;
    const before = this.#socket.writableLength;
    this.#socket.write(bytes);
    return before === 0 && this.#socket.writableLength === 0;
  }
}

const NOTHING = new Uint8Array(0);

function headBytesOf(length: number): number {
  if (length < 126) return 2;
  return length <= 0xffff ? 4 : 10;
}

/** An unfragmented, unmasked frame (RFC 6455 §5.2). */
function writeFrame(into: Uint8Array, at: number, opcode: number, payload: Uint8Array): void {
  const { length } = payload;
  const head = headBytesOf(length);
  into[at] = FIN | opcode;
  if (head === 2) into[at + 1] = length;
  else {
    into[at + 1] = head === 4 ? 126 : 127;
    // Above 32 bits there is nothing but zeros.
    for (let i = head - 1, left = length; i > 1; i -= 1, left = Math.floor(left / 0x100)) into[at + i] = left & 0xff;
  }
  into.set(payload, at + head);
}
