import { DamagedSegmentError } from "./segment-errors.ts";
import {
  BATCH_HEADER_BYTES,
  bodyIsWhole,
  COMMIT_RECORD,
  MESSAGE_RECORD,
  peekRecord,
  readBatchHeader,
  readEntry,
  readState,
  regionOf,
  SEGMENT_HEADER_BYTES,
  type EntryRecord,
  type Region,
  type SegmentSalt,
} from "./segment-format.ts";
import { segmentName } from "./segment-names.ts";

/** What a segment says, record by record, in order. */
export interface SegmentVisitor {
  entry(record: EntryRecord, bytes: Uint8Array): void;
  state(type: number, log: number, state: Uint8Array): void;
}

/** What is to be looked through. */
export interface SegmentToScan {
  readonly number: number;
  readonly salt: SegmentSalt;
  /** All of the file. */
  readonly bytes: Uint8Array;
  /** Whether a power cut may have left half of a batch at the end. Only the newest segment may have such a tail. */
  readonly mayBeTorn: boolean;
  /** Up to here it is known to have been durable. */
  readonly durableEnd: number;
}

/** Where the records end, how many batches there are, and where the last of them begins. */
export interface ScannedSegment {
  readonly end: number;
  readonly batches: number;
  readonly lastBatch: number;
}

/**
 * Reads a segment's records.
 *
 * A batch is written only after the one before it was synced. So what does not check is a torn tail if no batch stands
 * behind it, and damage if one does. Bodies are checked only where they may be torn: elsewhere whoever reads them does.
 *
 * @throws {@link DamagedSegmentError} when records are missing that were durable.
 */
export function scanSegment(segment: SegmentToScan, visitor: SegmentVisitor): ScannedSegment {
  const { number, salt, mayBeTorn, durableEnd } = segment;
  const region = regionOf(segment.bytes);
  let at = SEGMENT_HEADER_BYTES;
  let lastBatch = at;
  let batches = 0;
  while (at < region.bytes.length) {
    const header = readBatchHeader(region, at, salt);
    if (header?.number !== batches) break;
    const from = at + BATCH_HEADER_BYTES;
    const end = from + header.length;
    const last = mayBeTorn && !batchFollows(region, end, salt, batches + 1);
    const read = readRecords(region, from, Math.min(end, region.bytes.length), segment, last, visitor);
    if (read < end && !last) throw new DamagedSegmentError(segmentName(number), read);
    if (read === from && read < end) break;
    lastBatch = at;
    batches += 1;
    at = read;
    if (read < end) break;
  }
  const torn = at < region.bytes.length;
  if (at < durableEnd || (torn && (!mayBeTorn || laterBatch(region, at, salt, batches))))
    throw new DamagedSegmentError(segmentName(number), at);
  return { end: at, batches, lastBatch };
}

/** @returns where the first record stands that does not check, or `end`. */
function readRecords(
  region: Region,
  from: number,
  end: number,
  { number, salt }: SegmentToScan,
  mayBeTorn: boolean,
  visitor: SegmentVisitor,
): number {
  let at = from;
  while (at < end) {
    const next = peekRecord(region, at);
    const whole = next !== undefined && at + next.size <= end && visit(region, at, next.type, salt, mayBeTorn, visitor);
    if (!whole && !mayBeTorn) throw new DamagedSegmentError(segmentName(number), at);
    if (!whole) return at;
    at += next.size;
  }
  return at;
}

function visit(
  region: Region,
  at: number,
  type: number,
  salt: SegmentSalt,
  mayBeTorn: boolean,
  visitor: SegmentVisitor,
): boolean {
  if (type === MESSAGE_RECORD || type === COMMIT_RECORD) {
    const record = readEntry(region, at, salt);
    if (record === undefined || (mayBeTorn && !mayBeWhole(region, record))) return false;
    visitor.entry(record, region.bytes);
    return true;
  }
  const record = readState(region, at, salt);
  if (record === undefined) return false;
  visitor.state(record.type, record.log, record.state);
  return true;
}

/** Nothing of the newest batch is ever erased before another one is durable: then its bodies are there, or torn. */
function mayBeWhole(region: Region, record: EntryRecord): boolean {
  return record.state === "erased" || bodyIsWhole(region, record);
}

function batchFollows(region: Region, at: number, salt: SegmentSalt, number: number): boolean {
  return readBatchHeader(region, at, salt)?.number === number;
}

/** Whether a batch stands anywhere behind `from` that was begun after what stands there. */
function laterBatch({ bytes, view }: Region, from: number, salt: SegmentSalt, number: number): boolean {
  const mark = new Uint8Array(4);
  new DataView(mark.buffer).setUint32(0, salt.mark, true);
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = all.indexOf(mark, from + 1); at >= 0; at = all.indexOf(mark, at + 1)) {
    const header = readBatchHeader({ bytes, view }, at, salt);
    if (header !== undefined && header.number > number) return true;
  }
  return false;
}
