import { randomFillSync } from "node:crypto";

const BINARY = 0x82;
const PONG = 0x8a;
const MASKED = 0x80;
const OPCODE = 0x0f;
const OPCODE_BINARY = 2;
const OPCODE_CLOSE = 8;
const OPCODE_PING = 9;
const MASK_BYTES = 4;
const END_OF_HEAD = "\r\n\r\n";

/** The handshake that opens a WebSocket (RFC 6455 §4.1). */
export function upgradeRequest(host: string, path: string, subprotocol?: string): Buffer {
  const key = randomFillSync(Buffer.alloc(16)).toString("base64");
  const protocol = subprotocol === undefined ? "" : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
  return Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${protocol}\r\n`,
    "latin1",
  );
}

/** How long the answer to a handshake is; 0 while its end is not there. @throws ServerClosed with the status of a refusal. */
export function upgradeAnswerBytes(bytes: Buffer): number {
  const end = bytes.indexOf(END_OF_HEAD);
  if (end < 0) return 0;
  const status = bytes.toString("latin1", 9, 12);
  if (status !== "101") throw new ServerClosed(Number(status));
  return end + END_OF_HEAD.length;
}

/** How long the header of a client's frame is. */
export function headerBytes(payloadBytes: number): number {
  return (payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10) + MASK_BYTES;
}

/** Writes header and payload of one masked frame at `at`, under a fresh random mask, and says where the mask is. */
export function writeFrame(into: Buffer, at: number, payload: Uint8Array, first = BINARY): number {
  const start = at + headerBytes(payload.length);
  into[at] = first;
  if (payload.length < 126) into[at + 1] = MASKED + payload.length;
  else if (payload.length < 65_536) {
    into[at + 1] = MASKED + 126;
    into.writeUInt16BE(payload.length, at + 2);
  } else {
    into[at + 1] = MASKED + 127;
    into.writeBigUInt64BE(BigInt(payload.length), at + 2);
  }
  const maskAt = start - MASK_BYTES;
  randomFillSync(into, maskAt, MASK_BYTES);
  for (let i = 0; i < payload.length; i += 1)
    into[start + i] = (payload[i] ?? 0) ^ (into[maskAt + (i % MASK_BYTES)] ?? 0);
  return maskAt;
}

export function frameOf(payload: Uint8Array, first = BINARY): Buffer {
  const frame = Buffer.alloc(headerBytes(payload.length) + payload.length);
  writeFrame(frame, 0, payload, first);
  return frame;
}

/** The mask as it lies over the 4 payload bytes that begin at `offset`, as a big-endian number. */
export function maskWord(frame: Buffer, maskAt: number, offset: number): number {
  let word = 0;
  for (let i = 0; i < MASK_BYTES; i += 1) word = word * 256 + (frame[maskAt + ((offset + i) % MASK_BYTES)] ?? 0);
  return word;
}

/** Takes a payload apart where it lies: from `start` to before `end` of `bytes`. */
export type TakePayload = (bytes: Buffer, start: number, end: number) => unknown;

/**
 * Goes through the whole frames of a server at the start of `bytes`, until `take` answers false. A ping is answered by
 * `pong`.
 *
 * @returns how many bytes were gone through. @throws ServerClosed; RangeError if the server cuts a message into frames.
 */
export function takeFrames(bytes: Buffer, take: TakePayload, pong: (frame: Buffer) => void): number {
  let at = 0;
  let more: unknown = true;
  for (;;) {
    if (more === false || bytes.length - at < 2) return at;
    let length = bytes[at + 1] ?? 0;
    let start = at + 2;
    if (length === 126) {
      start = at + 4;
      if (start > bytes.length) return at;
      length = bytes.readUInt16BE(at + 2);
    } else if (length === 127) {
      start = at + 10;
      if (start > bytes.length) return at;
      length = bytes.readUInt32BE(at + 6);
    }
    const end = start + length;
    if (end > bytes.length) return at;
    const first = bytes[at] ?? 0;
    if (first === BINARY) more = take(bytes, start, end);
    else if ((first & OPCODE) === OPCODE_PING) pong(frameOf(bytes.subarray(start, end), PONG));
    else if ((first & OPCODE) === OPCODE_CLOSE) throw new ServerClosed(length < 2 ? 1005 : bytes.readUInt16BE(start));
    else if ((first & OPCODE) === OPCODE_BINARY || first < 0x80) throw new RangeError("a message in several frames");
    at = end;
  }
}

/** The server said goodbye with a code of RFC 6455 or of our own, or refused the handshake with an HTTP status. */
export class ServerClosed extends Error {
  override readonly name = "ServerClosed";
  readonly code: number;

  constructor(code: number) {
    super(`the server closed: ${String(code)}`);
    this.code = code;
  }
}
