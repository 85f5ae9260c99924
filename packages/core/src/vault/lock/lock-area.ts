import type { Random } from "@stonechat/crypto";
import { ENTRY_COUNT, MAX_GUARDS } from "@stonechat/protocol";
import { WireError } from "@stonechat/protocol";

/** Nonce, a share of 32 bytes, tag. */
export const BOX_BYTES = 24 + 32 + 16;
/** A line has room for the most guards that there can be, so that its length does not tell how many there are. */
export const LINE_BYTES = MAX_GUARDS * BOX_BYTES;
export const HEAD_BYTES = 4096;
/** Lines take one block; heads follow it. */
const LINES_BYTES = 4096;
/** What a header copy must hold at least. */
export const LOCK_AREA_BYTES = LINES_BYTES + ENTRY_COUNT * HEAD_BYTES;

/** What lies in one header copy of the container: for each slot a line of boxes and a head. All of it looks random. */
export interface LockArea {
  readonly lines: readonly Uint8Array[];
  readonly heads: readonly Uint8Array[];
}

const slots = Array.from({ length: ENTRY_COUNT }, (_, at) => at);

/** @throws WireError `truncated` if the header is too short. */
export function parseLockArea(header: Uint8Array): LockArea {
  if (header.length < LOCK_AREA_BYTES) throw new WireError("truncated", "LockArea", header.length);
  const cut = (from: number, length: number): Uint8Array => header.slice(from, from + length);
  return {
    lines: slots.map((slot) => cut(slot * LINE_BYTES, LINE_BYTES)),
    heads: slots.map((slot) => cut(LINES_BYTES + slot * HEAD_BYTES, HEAD_BYTES)),
  };
}

/** A header copy of `headerBytes`; what the lock area does not fill is random. */
export function encodeLockArea({ lines, heads }: LockArea, headerBytes: number, random: Random): Uint8Array {
  if (headerBytes < LOCK_AREA_BYTES) throw new RangeError("the header has no room for the lock area");
  const header = random.bytes(headerBytes);
  lines.forEach((line, slot) => {
    header.set(line, slot * LINE_BYTES);
  });
  heads.forEach((head, slot) => {
    header.set(head, LINES_BYTES + slot * HEAD_BYTES);
  });
  return header;
}

/** A lock area that nothing opens. */
export function randomLockArea(random: Random): LockArea {
  return {
    lines: slots.map(() => random.bytes(LINE_BYTES)),
    heads: slots.map(() => random.bytes(HEAD_BYTES)),
  };
}

/** The lock area with one slot's line and head replaced. */
export function withSlot(area: LockArea, slot: number, line: Uint8Array, head: Uint8Array): LockArea {
  return { lines: area.lines.with(slot, line), heads: area.heads.with(slot, head) };
}

/** The box of share `index` (from 1). */
export function boxOf(line: Uint8Array, index: number): Uint8Array {
  return line.subarray((index - 1) * BOX_BYTES, index * BOX_BYTES);
}
