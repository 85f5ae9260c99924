import type { Random } from "@stonechat/crypto/issuer";
import { FINGERPRINT_KEY_BYTES, Fingerprints } from "./fingerprint.ts";
import { readIndex } from "./index-files.ts";
import type { ActiveSegment } from "./journal.ts";
import { LogTable } from "./log-table.ts";
import { DamagedSegmentError } from "./segment-errors.ts";
import type { SegmentFile, SegmentFiles } from "./segment-files.ts";
import {
  BATCH_HEADER_BYTES,
  decodeSegmentHeader,
  recordBytes,
  regionOf,
  SEGMENT_HEADER_BYTES,
  writeBatchHeader,
  type SegmentSalt,
} from "./segment-format.ts";
import { indexBytes, SegmentIndex } from "./segment-index.ts";
import { Segment, SegmentList } from "./segment-list.ts";
import { SegmentLog, type LogState } from "./segment-log.ts";
import { parseName, segmentName } from "./segment-names.ts";
import { placeEntry, Replay } from "./segment-replay.ts";
import { scanSegment, type ScannedSegment } from "./segment-scan.ts";
import type { SavedState, SegmentState } from "./segment-state.ts";

/** A store as it was found. */
export interface LoadedSegments {
  readonly table: LogTable;
  readonly segments: SegmentList;
  readonly fingerprints: Fingerprints;
  readonly saved: SavedState;
  readonly active: ActiveSegment | undefined;
  /** The highest number that was ever given to a segment. */
  readonly highest: number;
}

/** Where a store is loaded from. */
export interface LoadingParts {
  readonly files: SegmentFiles;
  readonly state: SegmentState;
  readonly random: Random;
}

interface Loading {
  readonly files: SegmentFiles;
  readonly saved: SavedState;
  readonly table: LogTable;
  readonly segments: SegmentList;
  readonly fingerprints: Fingerprints;
}

/**
 * Loads the table of logs and finds their entries. What a power cut left half-written is cut off, and what may not have
 * reached the disk is written again before anybody reads it.
 *
 * @throws DamagedSegmentError when something is missing or garbled that was durable.
 */
export async function loadSegments({ files, state, random }: LoadingParts): Promise<LoadedSegments> {
  const table = new LogTable();
  const take = (log: LogState): void => {
    table.add(new SegmentLog(log, true));
  };
  const saved = await loadState(state, random, take);
  for (const log of saved.logs) take(log);
  table.nextNumber = Math.max(table.nextNumber, saved.nextLog);
  const fingerprints = new Fingerprints(saved.fingerprintKey);
  const segments = new SegmentList();
  const loading = { files, saved, table, segments, fingerprints };
  const numbers = await tidyFolder(files, saved);
  const newest = numbers.at(-1);
  let active: ActiveSegment | undefined;
  for (const number of numbers) {
    const file = await files.open(segmentName(number));
    if (number === newest) active = await loadNewest(loading, number, file);
    else await loadSealed(loading, number, file);
  }
  for (const log of table.all()) log.entries.trim();
  table.reindex();
  table.nextSettled = table.nextNumber;
  return { ...{ table, segments, fingerprints, saved, active }, highest: Math.max(newest ?? 0, saved.durable.segment) };
}

/** A new store's first saving comes before its first segment: entries are found by what is in it. */
async function loadState(state: SegmentState, random: Random, take: (log: LogState) => void): Promise<SavedState> {
  const saved = await state.load(take);
  if (saved !== undefined) return saved;
  const fresh: SavedState = {
    fingerprintKey: random.bytes(FINGERPRINT_KEY_BYTES),
    coveredBefore: 0,
    segments: [],
    durable: { segment: 0, end: 0 },
    nextLog: 1,
    logs: [],
  };
  await state.save({ ...fresh, gone: [] });
  return fresh;
}

/** Removes what was never finished and what was let go. @returns the numbers of the segments that count, in order. */
async function tidyFolder(files: SegmentFiles, saved: SavedState): Promise<readonly number[]> {
  const kept: number[] = [];
  let removed = false;
  const listed = new Set(saved.segments);
  for (const name of await files.list()) {
    const parsed = parseName(name);
    if (parsed.kind === "other") continue;
    if (parsed.kind === "unfinished" || (parsed.number < saved.coveredBefore && !listed.has(parsed.number))) {
      await files.remove(name);
      removed = true;
    } else if (parsed.kind === "seg") kept.push(parsed.number);
  }
  kept.sort((a, b) => a - b);
  assertComplete(kept, saved);
  if (removed) await files.syncFolder();
  return await dropBegun(files, kept, saved);
}

/** @throws DamagedSegmentError when a segment is missing: one that was saved as there, or one amid those that are newer. */
function assertComplete(numbers: readonly number[], { segments, coveredBefore, durable }: SavedState): void {
  const present = new Set(numbers);
  const newest = Math.max(numbers.at(-1) ?? 0, durable.end > 0 ? durable.segment : 0);
  const newer = Array.from({ length: Math.max(0, newest - coveredBefore + 1) }, (_, i) => coveredBefore + i);
  for (const number of [...segments, ...newer]) {
    if (number > 0 && !present.has(number)) throw new DamagedSegmentError(segmentName(number), 0);
  }
}

/**
 * A segment whose header is not whole was never used: it goes. (One that was begun says that the one before it is whole,
 * since it is begun only when everything before it is durable.)
 */
async function dropBegun(
  files: SegmentFiles,
  numbers: readonly number[],
  saved: SavedState,
): Promise<readonly number[]> {
  const newest = numbers.at(-1);
  if (newest === undefined || saved.durable.segment >= newest) return numbers;
  const file = await files.open(segmentName(newest));
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES + 1);
  const count = await file.read(bytes, 0);
  await file.close();
  if (count > SEGMENT_HEADER_BYTES || decodeSegmentHeader(bytes.subarray(0, count), newest) !== undefined)
    return numbers;
  await files.remove(segmentName(newest));
  await files.syncFolder();
  return numbers.slice(0, -1);
}

/** By its index where a checkpoint covers it; otherwise all of it is read and replayed. */
async function loadSealed(loading: Loading, number: number, file: SegmentFile): Promise<void> {
  try {
    if (number < loading.saved.coveredBefore && (await loadIndexed(loading, number, file))) return;
    const { segment, bytes } = await scanWhole(loading, number, file, false);
    segment.sealed = true;
    freeAtOnce(bytes);
  } finally {
    await file.close();
  }
}

async function loadNewest(loading: Loading, number: number, file: SegmentFile): Promise<ActiveSegment> {
  const { segment, bytes, scanned } = await scanWhole(loading, number, file, true);
  await mendTail(file, bytes, segment.salt, scanned);
  freeAtOnce(bytes);
  await loading.files.syncFolder();
  loading.segments.newestBatch = { segment: number, base: scanned.lastBatch };
  return { number, salt: segment.salt, file, end: scanned.end, batches: scanned.batches };
}

/** @returns false if there is no index of this file. */
async function loadIndexed(loading: Loading, number: number, file: SegmentFile): Promise<boolean> {
  const { files, segments, table } = loading;
  const header = new Uint8Array(SEGMENT_HEADER_BYTES);
  const salt = (await file.read(header, 0)) === header.length ? decodeSegmentHeader(header, number) : undefined;
  if (salt === undefined) throw new DamagedSegmentError(segmentName(number), 0);
  const segment = new Segment(number, salt, await file.size(), undefined);
  const index = await readIndex(files, segment);
  if (index === undefined) return false;
  segment.sealed = true;
  segment.indexBytes = indexBytes(index.count);
  segments.add(segment);
  let end = SEGMENT_HEADER_BYTES;
  for (let i = 0; i < index.count; i += 1) {
    const item = index.itemAt(i, end);
    ({ end } = item);
    if (item.log === 0) continue;
    const log = table.numbered(item.log);
    if (log !== undefined && item.seq >= log.nextSeq) throw new DamagedSegmentError(segmentName(number), item.at);
    if (log === undefined || item.erased) {
      segment.deadBytes += recordBytes(item.length, item.commit);
      if (!item.erased) segment.toErase.push({ at: item.at, length: item.length, commit: item.commit });
      continue;
    }
    const place = { ...item, segment: number };
    placeEntry(table, log, place);
    segment.came(place);
  }
  return true;
}

interface WholeSegment {
  readonly segment: Segment;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly scanned: ScannedSegment;
}

async function scanWhole(
  { saved, table, fingerprints, segments }: Loading,
  number: number,
  file: SegmentFile,
  mayBeTorn: boolean,
): Promise<WholeSegment> {
  const bytes = await readWhole(file);
  const salt = decodeSegmentHeader(bytes, number);
  if (salt === undefined) throw new DamagedSegmentError(segmentName(number), 0);
  const index = new SegmentIndex();
  const segment = new Segment(number, salt, bytes.length, index);
  segments.add(segment);
  const durableEnd = saved.durable.segment === number ? saved.durable.end : 0;
  const replay = new Replay({ table, segments, fingerprints }, number, saved.nextLog, (place, log, fate) => {
    index.add(place, log, fate === "erased");
    if (fate === "living") segment.came(place);
    else segment.deadBytes += recordBytes(place.length, place.commit);
    if (fate === "dead") segment.toErase.push({ at: place.at, length: place.length, commit: place.commit });
  });
  const scanned = scanSegment({ number, salt, bytes, mayBeTorn, durableEnd }, replay);
  segment.end = scanned.end;
  return { segment, bytes, scanned };
}

/**
 * Cuts off what is torn, and writes the newest batch again: after a sync that failed, its bytes may be in memory and
 * counted as written without being on the disk.
 */
async function mendTail(
  file: SegmentFile,
  bytes: Uint8Array,
  salt: SegmentSalt,
  { end, batches, lastBatch }: ScannedSegment,
): Promise<void> {
  if (end < bytes.length) await file.truncate(end);
  if (batches > 0) {
    const batch = bytes.slice(lastBatch, end);
    writeBatchHeader(regionOf(batch), salt, batches - 1, batch.length - BATCH_HEADER_BYTES);
    await file.write(batch, lastBatch);
  } else {
    await file.write(bytes.slice(0, SEGMENT_HEADER_BYTES), 0);
  }
  await file.sync();
}

/** Gives the memory of a whole segment back without waiting for the collector, which does not know that it is large. */
function freeAtOnce({ buffer }: Uint8Array<ArrayBuffer>): void {
  buffer.transfer(0);
}

async function readWhole(file: SegmentFile): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await file.size());
  const count = await file.read(bytes, 0);
  return bytes.subarray(0, count);
}
