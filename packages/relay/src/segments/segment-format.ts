import { crc32 } from "node:zlib";

/**
 * What stands in a segment. Numbers are little-endian; checksums are CRC-32.
 *
 * ```text
 * struct {
 *   opaque magic[8] = "STNSEG1\n";
 *   uint32 segment;
 *   uint32 mark;               // random: see SegmentSalt
 *   uint32 seed;               // random
 *   uint64 reserved = 0;
 *   uint32 crc;                // of what stands before it
 * } SegmentHeader;
 *
 * struct {                     // one for each sync
 *   uint32 mark;
 *   uint32 number;             // 0 for a segment's first batch, then one more each
 *   uint32 length;             // of the records that follow, in bytes
 *   uint32 crc;                // of the three before it, seeded
 * } BatchHeader;
 *
 * struct {
 *   uint8  type;               // message(1), commit(2)
 *   uint24 length;
 *   uint32 log;
 *   uint48 seq;
 *   uint56 expires_at;         // milliseconds since 1970
 *   opaque entry_id[16];
 *   uint32 body_crc;
 *   opaque next_hashes[type == commit ? 64 : 0];
 *   uint32 crc;                // of what stands before it, seeded
 *   uint8  state;              // living(1), erased(2): then the body is zeros, or about to be
 *   opaque body[length];
 * } EntryRecord;
 *
 * struct {
 *   uint8  type;               // what became of a log: see StateRecord
 *   uint24 length;
 *   uint32 log;
 *   opaque state[length];
 *   uint32 crc;                // of what stands before it, seeded
 * } StateRecord;
 * ```
 */
export const SEGMENT_HEADER_BYTES = 32;
export const BATCH_HEADER_BYTES = 16;
export const ENTRY_HEADER_BYTES = 46;
export const COMMIT_HASHES_BYTES = 64;
export const STATE_FRAME_BYTES = 12;

export const MESSAGE_RECORD = 1;
export const COMMIT_RECORD = 2;
export const CREATE_RECORD = 3;
export const DESTROY_RECORD = 4;

const LIVING = 1;
/** Not 0, so that what a power cut left unwritten does not look erased. */
export const ERASED = 2;

const HASHES_AT = 41;
const ENTRY_ID_AT = 21;
const MAGIC = 0x0a31_4745_534e_5453n; // "STNSEG1\n", read as a little-endian number
const MAX_SEQ = 2 ** 46;

/**
 * Random numbers of one segment. Nobody outside knows them, so that no body can look like a batch, and what an earlier
 * file left on the disk is not taken for this one's.
 */
export interface SegmentSalt {
  readonly mark: number;
  readonly seed: number;
}

/** The header of an entry's record. `at` is where the record begins, `bodyAt` where its body does. */
export interface EntryRecord {
  readonly at: number;
  readonly bodyAt: number;
  readonly commit: boolean;
  readonly length: number;
  readonly log: number;
  readonly seq: number;
  readonly expiresAt: number;
  readonly bodyCrc: number;
  readonly state: "living" | "erased" | "none";
}

/** Bytes of a whole record, in which someone reads or writes. */
export interface Region {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export function regionOf(bytes: Uint8Array): Region {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/** How much an entry's record takes, in bytes. */
export function recordBytes(length: number, commit: boolean): number {
  return ENTRY_HEADER_BYTES + (commit ? COMMIT_HASHES_BYTES : 0) + length;
}

export function encodeSegmentHeader(segment: number, { mark, seed }: SegmentSalt): Uint8Array {
  const { bytes, view } = regionOf(new Uint8Array(SEGMENT_HEADER_BYTES));
  view.setBigUint64(0, MAGIC, true);
  view.setUint32(8, segment, true);
  view.setUint32(12, mark, true);
  view.setUint32(16, seed, true);
  view.setUint32(28, crc32(bytes.subarray(0, 28)), true);
  return bytes;
}

/** @returns undefined if this is not the header of that segment. */
export function decodeSegmentHeader(bytes: Uint8Array, segment: number): SegmentSalt | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined;
  const { view } = regionOf(bytes);
  const right =
    view.getBigUint64(0, true) === MAGIC &&
    view.getUint32(8, true) === segment &&
    view.getUint32(28, true) === crc32(bytes.subarray(0, 28));
  return right ? { mark: view.getUint32(12, true), seed: view.getUint32(16, true) } : undefined;
}

export function writeBatchHeader({ bytes, view }: Region, salt: SegmentSalt, number: number, length: number): void {
  view.setUint32(0, salt.mark, true);
  view.setUint32(4, number, true);
  view.setUint32(8, length, true);
  view.setUint32(12, crc32(bytes.subarray(0, 12), salt.seed), true);
}

/** @returns number and length of the batch whose header stands at `at`; undefined if none does. */
export function readBatchHeader(
  { bytes, view }: Region,
  at: number,
  salt: SegmentSalt,
): { readonly number: number; readonly length: number } | undefined {
  if (at + BATCH_HEADER_BYTES > bytes.length || view.getUint32(at, true) !== salt.mark) return undefined;
  if (view.getUint32(at + 12, true) !== crc32(bytes.subarray(at, at + 12), salt.seed)) return undefined;
  return { number: view.getUint32(at + 4, true), length: view.getUint32(at + 8, true) };
}

/** An entry to write. `nextHashes`, 64 bytes, make it a commit. */
export interface EntryToWrite {
  readonly log: number;
  readonly seq: number;
  readonly expiresAt: number;
  readonly entryId: Uint8Array;
  readonly body: Uint8Array;
  readonly nextHashes: readonly [Uint8Array, Uint8Array] | undefined;
}

/** Writes a record at `at`, which must have room for it. @throws RangeError for a position beyond 2^46. */
export function writeEntry({ bytes, view }: Region, at: number, entry: EntryToWrite, { seed }: SegmentSalt): void {
  const { log, seq, expiresAt, entryId, body, nextHashes } = entry;
  if (seq >= MAX_SEQ) throw new RangeError("a log is full of positions");
  view.setUint32(at, (nextHashes === undefined ? MESSAGE_RECORD : COMMIT_RECORD) | (body.length << 8), true);
  view.setUint32(at + 4, log, true);
  view.setUint32(at + 8, seq, true);
  view.setUint16(at + 12, seq / 2 ** 32, true);
  view.setUint32(at + 14, expiresAt, true);
  view.setUint16(at + 18, expiresAt / 2 ** 32, true);
  view.setUint8(at + 20, expiresAt / 2 ** 48);
  bytes.set(entryId, at + ENTRY_ID_AT);
  view.setUint32(at + 37, crc32(body), true);
  let end = at + HASHES_AT;
  if (nextHashes !== undefined) {
    bytes.set(nextHashes[0], end);
    bytes.set(nextHashes[1], end + 32);
    end += COMMIT_HASHES_BYTES;
  }
  view.setUint32(end, crc32(bytes.subarray(at, end), seed), true);
  view.setUint8(end + 4, LIVING);
  bytes.set(body, end + 5);
}

/** The type of the record at `at`, and how long it is as a whole.. */
export function peekRecord(
  { bytes, view }: Region,
  at: number,
): { readonly type: number; readonly size: number } | undefined {
  if (at + 4 > bytes.length) return undefined;
  const word = view.getUint32(at, true);
  const type = word & 0xff;
  const length = word >>> 8;
  const size =
    type === MESSAGE_RECORD || type === COMMIT_RECORD
      ? recordBytes(length, type === COMMIT_RECORD)
      : STATE_FRAME_BYTES + length;
  return { type, size };
}

/** @returns undefined unless a whole header with the right checksum stands at `at`. The body may be anything. */
export function readEntry({ bytes, view }: Region, at: number, { seed }: SegmentSalt): EntryRecord | undefined {
  if (at + ENTRY_HEADER_BYTES > bytes.length) return undefined;
  const word = view.getUint32(at, true);
  const commit = (word & 0xff) === COMMIT_RECORD;
  if (!commit && (word & 0xff) !== MESSAGE_RECORD) return undefined;
  const crcAt = at + HASHES_AT + (commit ? COMMIT_HASHES_BYTES : 0);
  if (crcAt + 5 > bytes.length || view.getUint32(crcAt, true) !== crc32(bytes.subarray(at, crcAt), seed))
    return undefined;
  return {
    at,
    bodyAt: crcAt + 5,
    commit,
    length: word >>> 8,
    log: view.getUint32(at + 4, true),
    seq: view.getUint16(at + 12, true) * 2 ** 32 + view.getUint32(at + 8, true),
    expiresAt:
      view.getUint8(at + 20) * 2 ** 48 + view.getUint16(at + 18, true) * 2 ** 32 + view.getUint32(at + 14, true),
    bodyCrc: view.getUint32(at + 37, true),
    state: stateOf(view.getUint8(crcAt + 4)),
  };
}

function stateOf(byte: number): EntryRecord["state"] {
  return byte === LIVING ? "living" : byte === ERASED ? "erased" : "none";
}

/** A copy of the id of the entry whose record stands at `at`. */
export function entryIdAt(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.slice(at + ENTRY_ID_AT, at + ENTRY_ID_AT + 16);
}

/** Whether the record at `at` has this entry id. */
export function hasEntryId(bytes: Uint8Array, at: number, id: Uint8Array): boolean {
  for (let i = 0; i < 16; i += 1) if (bytes[at + ENTRY_ID_AT + i] !== id[i]) return false;
  return true;
}

/** Copies of the two hashes that a commit at `at` opens the next epoch with. */
export function nextHashesAt(bytes: Uint8Array, at: number): readonly [Uint8Array, Uint8Array] {
  const from = at + HASHES_AT;
  return [bytes.slice(from, from + 32), bytes.slice(from + 32, from + 64)];
}

/** Whether the body is whole: living, all there and of its checksum. */
export function bodyIsWhole({ bytes }: Region, { state, bodyAt, length, bodyCrc }: EntryRecord): boolean {
  return (
    state === "living" && bodyAt + length <= bytes.length && crc32(bytes.subarray(bodyAt, bodyAt + length)) === bodyCrc
  );
}

/** Writes a state record at `at`, which must have room for it. */
export function writeState(
  { bytes, view }: Region,
  at: number,
  { type, log, state }: { readonly type: number; readonly log: number; readonly state: Uint8Array },
  { seed }: SegmentSalt,
): void {
  const end = at + 8 + state.length;
  view.setUint32(at, type | (state.length << 8), true);
  view.setUint32(at + 4, log, true);
  bytes.set(state, at + 8);
  view.setUint32(end, crc32(bytes.subarray(at, end), seed), true);
}

/** @returns undefined unless a whole state record with the right checksum stands at `at`. `state` is a copy. */
export function readState(
  { bytes, view }: Region,
  at: number,
  { seed }: SegmentSalt,
): { readonly type: number; readonly log: number; readonly state: Uint8Array } | undefined {
  if (at + STATE_FRAME_BYTES > bytes.length) return undefined;
  const word = view.getUint32(at, true);
  const end = at + 8 + (word >>> 8);
  if (end + 4 > bytes.length || view.getUint32(end, true) !== crc32(bytes.subarray(at, end), seed)) return undefined;
  return { type: word & 0xff, log: view.getUint32(at + 4, true), state: bytes.slice(at + 8, end) };
}
