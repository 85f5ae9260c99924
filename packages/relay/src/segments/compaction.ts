import { crc32 } from "node:zlib";
import { DamagedEntryError } from "./segment-errors.ts";
import type { SegmentFile } from "./segment-files.ts";
import {
  BATCH_HEADER_BYTES,
  encodeSegmentHeader,
  readEntry,
  recordBytes,
  regionOf,
  SEGMENT_HEADER_BYTES,
  writeBatchHeader,
  type SegmentSalt,
} from "./segment-format.ts";
import { SegmentIndex, type IndexItem } from "./segment-index.ts";
import { segmentName } from "./segment-names.ts";

/** A segment that is copied without its dead entries. */
export interface Copying {
  readonly number: number;
  readonly from: SegmentFile;
  readonly to: SegmentFile;
  /** Of the segment as it is, and of the copy. */
  readonly salt: SegmentSalt;
  readonly newSalt: SegmentSalt;
  readonly index: SegmentIndex;
  readonly living: (item: IndexItem) => boolean;
}

/** An entry that was copied, and where it is in the copy. */
export interface CopiedEntry {
  readonly item: IndexItem;
  readonly at: number;
}

/** The copy: durable, but for its name. */
export interface Copied {
  readonly entries: readonly CopiedEntry[];
  readonly index: SegmentIndex;
  readonly end: number;
}

const BATCH_BYTES = 1024 * 1024;
const CRC_BYTES = 4;
const STATE_BYTES = 1;

/**
 * Copies the living entries into a new file of the same number. Their bodies stay as they are, checksums and all: one
 * that is damaged stays damaged. Records of what became of logs are left out; a checkpoint must cover them.
 *
 * @throws DamagedEntryError when a record's header does not check: nothing must hide that.
 */
export async function copyLiving({ number, from, to, salt, newSalt, index, living }: Copying): Promise<Copied> {
  await to.write(encodeSegmentHeader(number, newSalt), 0);
  const entries: CopiedEntry[] = [];
  const copy = new SegmentIndex();
  let end = SEGMENT_HEADER_BYTES;
  let batches = 0;
  for (const batch of batchesOf(index, living)) {
    const bytes = await copyBatch(from, batch, number, salt, newSalt);
    const region = regionOf(bytes);
    writeBatchHeader(region, newSalt, batches, bytes.length - BATCH_HEADER_BYTES);
    let at = end + BATCH_HEADER_BYTES;
    for (const item of batch) {
      copy.add({ ...item, at, segment: number }, item.log, false);
      entries.push({ item, at });
      at += recordBytes(item.length, item.commit);
    }
    await to.write(bytes, end);
    end += bytes.length;
    batches += 1;
  }
  await to.sync();
  return { entries, index: copy, end };
}

function* batchesOf(index: SegmentIndex, living: (item: IndexItem) => boolean): Generator<readonly IndexItem[]> {
  let batch: IndexItem[] = [];
  let bytes = 0;
  let end = SEGMENT_HEADER_BYTES;
  for (let i = 0; i < index.count; i += 1) {
    const item = index.itemAt(i, end);
    ({ end } = item);
    if (item.log === 0 || item.erased || !living(item)) continue;
    batch.push(item);
    bytes += recordBytes(item.length, item.commit);
    if (bytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** The records of these entries behind room for a batch's header, sealed with the new file's salt. */
async function copyBatch(
  from: SegmentFile,
  batch: readonly IndexItem[],
  number: number,
  salt: SegmentSalt,
  { seed }: SegmentSalt,
): Promise<Uint8Array> {
  const size = batch.reduce((sum, { length, commit }) => sum + recordBytes(length, commit), BATCH_HEADER_BYTES);
  const bytes = new Uint8Array(size);
  const region = regionOf(bytes);
  let to = BATCH_HEADER_BYTES;
  for (const run of runsOf(batch)) {
    const [first] = run;
    if (first === undefined) continue;
    const length = run.reduce((sum, item) => sum + recordBytes(item.length, item.commit), 0);
    await from.read(bytes.subarray(to, to + length), first.at);
    for (const item of run) {
      const record = readEntry(region, to, salt);
      if (record?.log !== item.log || record.seq !== item.seq) throw new DamagedEntryError(segmentName(number));
      const crcAt = to + recordBytes(0, item.commit) - STATE_BYTES - CRC_BYTES;
      region.view.setUint32(crcAt, crc32(bytes.subarray(to, crcAt), seed), true);
      to += recordBytes(item.length, item.commit);
    }
  }
  return bytes;
}

/** Entries whose records stand directly one behind the other. */
function* runsOf(batch: readonly IndexItem[]): Generator<readonly IndexItem[]> {
  let run: IndexItem[] = [];
  for (const item of batch) {
    const last = run.at(-1);
    if (last !== undefined && last.end !== item.at) {
      yield run;
      run = [];
    }
    run.push(item);
  }
  if (run.length > 0) yield run;
}
