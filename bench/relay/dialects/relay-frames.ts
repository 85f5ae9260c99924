import { randomFillSync } from "node:crypto";
import { requestFrame, type EntryId, type LogId, type Token } from "@stonechat/protocol";
import type { Frames, LaneSize } from "../load/lane.ts";
import { headerBytes, maskWord, writeFrame } from "../load/web-socket.ts";

/** Where the message's number stands in an append: as request id, in the entry id, and at the start of the body. */
const REQUEST_ID_AT = 0;
const REQUEST_ID_BYTES = 4;
const ENTRY_ID_AT = REQUEST_ID_BYTES + 1 + 32 + 32;
const ENTRY_ID_BYTES = 16;
const TTL_SECONDS = 86_400;
/** Request ids below are the handshake's. */
export const FIRST_REQUEST_ID = 16;

/** Replies: `request id, type`, then what the type brings (PROTOCOL.md, "Replies"). */
const APPENDED = 66;
const ENTRIES = 67;
const ERROR = 127;
const LOG_ID_BYTES = 32;
const ENTRY_HEAD_BYTES = 8 + 1 + ENTRY_ID_BYTES + 8;
const KIND_AND_HIGH_SEQ = 4;
/** One body in so many is compared as a whole. */
const COMPARED = 64;

/** Appends to one log, masked and ready to send: only the number is written anew each time. */
export class AppendFrames implements Frames {
  readonly bytes: Buffer;
  readonly frameBytes: number;
  /** The body of every message, but for its first 4 bytes. */
  readonly body: Buffer;
  readonly #headerBytes: number;
  readonly #bodyAt: number;
  /** Of each slot: the mask over the request id, the entry id and the body. */
  readonly #masks: Uint32Array;

  constructor(logId: LogId, appendToken: Token, { window, bodyBytes }: LaneSize) {
    this.body = randomFillSync(Buffer.alloc(bodyBytes));
    const entryId = new Uint8Array(ENTRY_ID_BYTES) as EntryId; // 16 bytes of our own making
    const request = { type: "append", logId, appendToken, entryId, ttlSeconds: TTL_SECONDS, body: this.body } as const;
    const payload = requestFrame.encode({ requestId: FIRST_REQUEST_ID, request });
    this.#headerBytes = headerBytes(payload.length);
    this.frameBytes = this.#headerBytes + payload.length;
    this.bytes = Buffer.alloc(this.frameBytes * window);
    this.#bodyAt = payload.length - bodyBytes;
    this.#masks = new Uint32Array(3 * window);
    const places = [REQUEST_ID_AT, ENTRY_ID_AT, this.#bodyAt];
    for (let slot = 0; slot < window; slot += 1) {
      const maskAt = writeFrame(this.bytes, slot * this.frameBytes, payload);
      for (const [i, place] of places.entries()) this.#masks[3 * slot + i] = maskWord(this.bytes, maskAt, place);
    }
  }

  stamp(slot: number, number: number): void {
    const start = slot * this.frameBytes + this.#headerBytes;
    const [bytes, masks] = [this.bytes, this.#masks];
    bytes.writeUInt32BE(((number + FIRST_REQUEST_ID) ^ (masks[3 * slot] ?? 0)) >>> 0, start);
    bytes.writeUInt32BE((number ^ (masks[3 * slot + 1] ?? 0)) >>> 0, start + ENTRY_ID_AT);
    bytes.writeUInt32BE((number ^ (masks[3 * slot + 2] ?? 0)) >>> 0, start + this.#bodyAt);
  }

  /** Whether a delivered body is that of message `number`. Compares all of it only now and then. */
  isBodyOf(number: number, bytes: Buffer, start: number, end: number): boolean {
    if (end - start !== this.body.length || bytes.readUInt32BE(start) !== number) return false;
    return number % COMPARED !== 0 || bytes.compare(this.body, 4, this.body.length, start + 4, end) === 0;
  }
}

/** The relay did not take an append: in the load, because it cannot at the moment. */
export class AppendRefused extends Error {
  override readonly name = "AppendRefused";
}

/** The number of an acknowledged append. @throws AppendRefused for any other reply. */
export function takeAppended(bytes: Buffer, start: number): number {
  const type = bytes[start + REQUEST_ID_BYTES];
  if (type !== APPENDED) throw new AppendRefused(describeReply(bytes, start));
  return bytes.readUInt32BE(start) - FIRST_REQUEST_ID;
}

/** One entry that was pushed; its body lies from `start` to before `end`. */
export type TakeEntry = (seq: number, number: number, bytes: Buffer, start: number, end: number) => void;

/** Takes pushed entries apart. @throws RangeError for any other reply, or when the epoch is over. */
export function takeEntries(bytes: Buffer, start: number, end: number, take: TakeEntry): void {
  if (bytes[start + REQUEST_ID_BYTES] !== ENTRIES) throw new RangeError(`not entries: ${describeReply(bytes, start)}`);
  if (bytes[end - 1] !== 0) throw new RangeError("the epoch is over");
  let at = start + REQUEST_ID_BYTES + 1 + LOG_ID_BYTES;
  const listBytes = vectorLength(bytes, at);
  at += vectorLengthBytes(bytes, at);
  const listEnd = at + listBytes;
  while (at < listEnd) {
    const seq = bytes.readUInt32BE(at + KIND_AND_HIGH_SEQ); // no load reaches 2^32
    const number = bytes.readUInt32BE(at + 9);
    at += ENTRY_HEAD_BYTES;
    const bodyAt = at + vectorLengthBytes(bytes, at);
    const bodyEnd = bodyAt + vectorLength(bytes, at);
    take(seq, number, bytes, bodyAt, bodyEnd);
    at = bodyEnd;
  }
}

function vectorLengthBytes(bytes: Buffer, at: number): number {
  return 1 << ((bytes[at] ?? 0) >> 6);
}

function vectorLength(bytes: Buffer, at: number): number {
  switch (vectorLengthBytes(bytes, at)) {
    case 1:
      return bytes[at] ?? 0;
    case 2:
      return bytes.readUInt16BE(at) & 0x3fff;
    default:
      return bytes.readUInt32BE(at) & 0x3fff_ffff;
  }
}

function describeReply(bytes: Buffer, start: number): string {
  const type = bytes[start + REQUEST_ID_BYTES];
  const code = type === ERROR ? `, code ${String(bytes[start + REQUEST_ID_BYTES + 1])}` : "";
  return `reply ${String(type)}${code}`;
}
