import { isUtf8 } from "node:buffer";
import { unmask } from "./unmask.ts";

/** Close codes of RFC 6455 §7.4.1 that we answer with. */
export const PROTOCOL_CLOSE_CODES = {
  normal: 1000,
  protocolError: 1002,
  unsupportedData: 1003,
  badText: 1007,
  policy: 1008,
  tooBig: 1009,
} as const;
/** A peer that closed without a code. It never goes over the wire. */
export const NO_CLOSE_CODE = 1005;

const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const FIN = 0x80;
const RESERVED = 0x70;
const OPCODE = 0x0f;
const MASKED = 0x80;
const CONTROL = 0x08;
const MAX_CONTROL_BYTES = 125;
const MASK_BYTES = 4;
/** First byte, length in its longest form, mask. */
const MAX_HEAD_BYTES = 2 + 8 + MASK_BYTES;

const NOTHING = new Uint8Array(0);

/** What a peer may send. */
export interface FrameLimits {
  readonly maxMessageBytes: number;
  /** Pieces that one message may come in. */
  readonly maxFragments: number;
}

/** Hears what came, in order. It may call {@link FrameReader.stop}. */
export interface FrameListener {
  /** A whole binary message. The bytes are the listener's; nothing writes to them again. */
  message(bytes: Uint8Array): void;
  ping(payload: Uint8Array): void;
  pong(): void;
  /** The peer says goodbye: nothing more will be heard. */
  goodbye(code: number): void;
  /** The peer broke a rule, and should be told this code: nothing more will be heard. */
  broken(code: number): void;
}

/**
 * The receiving half of RFC 6455 for a server that takes binary messages and no extensions: bytes in, messages out.
 *
 * Strict: what the RFC forbids a client to send is refused with the code that it names. Holds at most one message and one
 * frame that have begun, and of those no more than has come, so that a length alone costs nothing.
 */
export class FrameReader {
  readonly #limits: FrameLimits;
  /** What came and was not read yet: `#from` to `#to`. */
  #bytes: Uint8Array = NOTHING;
  #from = 0;
  #to = 0;
  /** Pieces of a message that has begun. */
  #pieces: Uint8Array[] | undefined;
  #piecesBytes = 0;
  #ended = false;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** Bytes of what has begun and is not whole. */
  get held(): number {
    return this.#to - this.#from + this.#piecesBytes;
  }

  /** Adds what came. It is the reader's from now on: frames are unmasked in place. */
  add(chunk: Uint8Array): void {
    if (this.#ended) return;
    if (this.#from === this.#to) {
      // A Buffer's views would be Buffers, which are slow to make.
      this.#bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
      this.#from = 0;
      this.#to = chunk.length;
    } else this.#append(chunk);
  }

  /** Reads one frame. @returns false when there is no whole one. */
  next(listener: FrameListener): boolean {
    if (this.#ended) return false;
    const available = this.#to - this.#from;
    const first = this.#bytes[this.#from] ?? 0;
    const second = this.#bytes[this.#from + 1] ?? 0;
    if (available > 0) {
      const code = this.#refusalOf(first, available > 1 ? second : undefined);
      if (code !== undefined) return this.#break(listener, code);
    }
    if (available < 2) return this.#wait();
    const form = second & ~MASKED;
    const lengthBytes = lengthBytesOf(form);
    const headBytes = 2 + lengthBytes + MASK_BYTES;
    if (available < 2 + lengthBytes) return this.#wait();
    const length = lengthBytes === 0 ? form : readLength(this.#bytes, this.#from + 2, lengthBytes);
    if (lengthBytes !== shortestLengthBytes(length)) return this.#break(listener, PROTOCOL_CLOSE_CODES.protocolError);
    if (length > this.#limits.maxMessageBytes - (isControl(first) ? 0 : this.#piecesBytes))
      return this.#break(listener, PROTOCOL_CLOSE_CODES.tooBig);
    if (available < headBytes + length) return this.#wait();
    const start = this.#from + headBytes;
    const end = start + length;
    unmask(this.#bytes, start - MASK_BYTES, start, end);
    this.#from = end;
    this.#hear(listener, first, this.#bytes.subarray(start, end));
    if (this.#from === this.#to) this.#bytes = NOTHING;
    return true;
  }

  /** Nothing more will be read. */
  stop(): void {
    this.#ended = true;
    this.#bytes = NOTHING;
    this.#from = 0;
    this.#to = 0;
    this.#pieces = undefined;
    this.#piecesBytes = 0;
  }

  /** What the first two bytes of a frame give away, as early as they are there. */
  #refusalOf(first: number, second: number | undefined): number | undefined {
    const { protocolError, unsupportedData } = PROTOCOL_CLOSE_CODES;
    const opcode = first & OPCODE;
    if ((first & RESERVED) !== 0 || !isKnown(opcode)) return protocolError;
    if (isControl(first)) {
      if ((first & FIN) === 0) return protocolError;
      if (second !== undefined && (second & ~MASKED) > MAX_CONTROL_BYTES) return protocolError;
    } else if ((opcode === OPCODES.continuation) !== (this.#pieces !== undefined)) return protocolError;
    if (second !== undefined && (second & MASKED) === 0) return protocolError;
    return opcode === OPCODES.text ? unsupportedData : undefined;
  }

  #hear(listener: FrameListener, first: number, payload: Uint8Array): void {
    switch (first & OPCODE) {
      case OPCODES.ping:
        listener.ping(payload);
        break;
      case OPCODES.pong:
        listener.pong();
        break;
      case OPCODES.close:
        this.#hearClose(listener, payload);
        break;
      default:
        this.#hearData(listener, (first & FIN) !== 0, payload);
    }
  }

  #hearData(listener: FrameListener, whole: boolean, payload: Uint8Array): void {
    if (whole && this.#pieces === undefined) {
      listener.message(payload);
      return;
    }
    // Copies: a small piece must not keep the large buffer that it came in.
    const pieces = (this.#pieces ??= []);
    pieces.push(new Uint8Array(payload));
    this.#piecesBytes += payload.length;
    if (pieces.length > this.#limits.maxFragments) {
      this.#break(listener, PROTOCOL_CLOSE_CODES.policy);
    } else if (whole) {
      this.#pieces = undefined;
      this.#piecesBytes = 0;
      listener.message(new Uint8Array(Buffer.concat(pieces)));
    }
  }

  #hearClose(listener: FrameListener, payload: Uint8Array): void {
    const code = payload.length === 0 ? NO_CLOSE_CODE : (payload[0] ?? 0) * 0x100 + (payload[1] ?? 0);
    if (payload.length === 1 || (payload.length > 1 && !mayBeSent(code))) {
      this.#break(listener, PROTOCOL_CLOSE_CODES.protocolError);
    } else if (!isUtf8(payload.subarray(2))) {
      this.#break(listener, PROTOCOL_CLOSE_CODES.badText);
    } else {
      this.stop();
      listener.goodbye(code);
    }
  }

  #break(listener: FrameListener, code: number): false {
    this.stop();
    listener.broken(code);
    return false;
  }

  /** Keeps what is left of a chunk in memory of its own: it may be a few bytes of a large buffer. */
  #wait(): false {
    const left = this.#to - this.#from;
    if (left === 0) this.#bytes = NOTHING;
    else if (left < this.#bytes.length / 2) this.#bytes = new Uint8Array(this.#bytes.subarray(this.#from, this.#to));
    else return false;
    this.#from = 0;
    this.#to = left;
    return false;
  }

  /** Doubles what holds the beginning of a frame, so that bytes which come one by one cost no more than twice their number. */
  #append(chunk: Uint8Array): void {
    const left = this.#to - this.#from;
    const needed = left + chunk.length;
    if (this.#bytes.length - this.#to < chunk.length) {
      const grown = new Uint8Array(Math.max(needed, Math.min(2 * left, this.#limits.maxMessageBytes + MAX_HEAD_BYTES)));
      grown.set(this.#bytes.subarray(this.#from, this.#to));
      this.#bytes = grown;
      this.#from = 0;
      this.#to = left;
    }
    this.#bytes.set(chunk, this.#to);
    this.#to += chunk.length;
  }
}

function isControl(first: number): boolean {
  return (first & CONTROL) !== 0;
}

function isKnown(opcode: number): boolean {
  return opcode <= OPCODES.binary || (opcode >= OPCODES.close && opcode <= OPCODES.pong);
}

/** Bytes of the extended length that a 7-bit length announces (RFC 6455 §5.2). */
function lengthBytesOf(form: number): number {
  if (form < 126) return 0;
  return form === 126 ? 2 : 8;
}

function shortestLengthBytes(length: number): number {
  if (length < 126) return 0;
  return length <= 0xffff ? 2 : 8;
}

/** Above 2^53 it is not exact, but far above every limit. */
function readLength(bytes: Uint8Array, at: number, count: number): number {
  let length = 0;
  for (let i = 0; i < count; i += 1) length = length * 0x100 + (bytes[at + i] ?? 0);
  return length;
}

/** Close codes that may stand in a frame (RFC 6455 §7.4). */
function mayBeSent(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}
