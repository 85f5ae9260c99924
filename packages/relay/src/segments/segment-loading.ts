import type { Random } from "@stonechat/crypto/issuer";
import { FINGERPRINT_KEY_BYTES, Fingerprints } from "./fingerprint.ts";
import type { ActiveSegment } from "./journal.ts";
import { LogTable } from "./log-table.ts";
import { DamagedSegmentError } from "./segment-errors.ts";
import type { SegmentFile, SegmentFiles } from "./segment-files.ts";
import {
  BATCH_HEADER_BYTES,
  decodeSegmentHeader,
  regionOf,
  SEGMENT_HEADER_BYTES,
  writeBatchHeader,
  type SegmentSalt,
} from "./segment-format.ts";
import { SegmentLog } from "./segment-log.ts";
import { parseName, segmentName } from "./segment-names.ts";
import { Replay } from "./segment-replay.ts";
import { scanSegment, type ScannedSegment } from "./segment-scan.ts";
import type { SavedState, SegmentState } from "./segment-state.ts";

/** A store as it was found. */
export interface OpenedSegments {
  readonly table: LogTable;
  readonly fingerprints: Fingerprints;
  readonly fingerprintKey: Uint8Array;
  readonly salts: Map<number, SegmentSalt>;
  readonly active: ActiveSegment | undefined;
  readonly highest: number;
}

/** Where a store is loaded from. */
export interface LoadingParts {
  readonly files: SegmentFiles;
  readonly state: SegmentState;
  readonly random: Random;
}

/**
 * Loads the table of logs and finds their entries. What a power cut left half-written is cut off, and what may not have
 * reached the disk is written again before anybody reads it.
 *
 * @throws DamagedSegmentError when something is missing or garbled that was durable.
 */
export async function loadSegments({ files, state, random }: LoadingParts): Promise<OpenedSegments> {
  const saved = await loadState(state, random);
  const table = new LogTable();
  for (const log of saved.logs) table.add(new SegmentLog(log, true));
  table.nextNumber = Math.max(table.nextNumber, saved.nextLog);
  const fingerprints = new Fingerprints(saved.fingerprintKey);
  const salts = new Map<number, SegmentSalt>();
  const numbers = await tidyFolder(files, saved);
  let active: ActiveSegment | undefined;
  const loading = { files, saved, table, fingerprints, salts };
  for (const [i, number] of numbers.entries()) active = await loadSegment(loading, number, i === numbers.length - 1);
  table.reindex();
  return {
    ...{ table, fingerprints, fingerprintKey: saved.fingerprintKey, salts, active },
    highest: Math.max(numbers.at(-1) ?? 0, saved.durable.segment),
  };
}

/** A new store's first saving comes before its first segment: entries are found by what is in it. */
async function loadState(state: SegmentState, random: Random): Promise<SavedState> {
  const saved = await state.load();
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
  const names = await files.list();
  const kept: number[] = [];
  let removed = false;
  const listed = new Set(saved.segments);
  for (const name of names) {
    const parsed = parseName(name);
    if (parsed.kind === "other") continue;
    if (parsed.kind === "unfinished" || (parsed.number < saved.coveredBefore && !listed.has(parsed.number))) {
      await files.remove(name);
      removed = true;
    } else if (parsed.kind === "seg") kept.push(parsed.number);
  }
  kept.sort((a, b) => a - b);
  const present = new Set(kept);
  const missing = saved.segments.find((number) => !present.has(number));
  if (missing !== undefined) throw new DamagedSegmentError(segmentName(missing), 0);
  if (removed) await files.syncFolder();
  return await dropBegun(files, kept, saved);
}

/** The newest segment may have been begun and not used: it goes, so that the last one that is left may have a torn tail. */
async function dropBegun(
  files: SegmentFiles,
  numbers: readonly number[],
  saved: SavedState,
): Promise<readonly number[]> {
  const newest = numbers.at(-1);
  if (newest === undefined || saved.durable.segment === newest) return numbers;
  const file = await files.open(segmentName(newest));
  const size = await file.size();
  await file.close();
  if (size > SEGMENT_HEADER_BYTES) return numbers;
  await files.remove(segmentName(newest));
  await files.syncFolder();
  return numbers.slice(0, -1);
}

interface Loading {
  readonly files: SegmentFiles;
  readonly saved: SavedState;
  readonly table: LogTable;
  readonly fingerprints: Fingerprints;
  readonly salts: Map<number, SegmentSalt>;
}

async function loadSegment(loading: Loading, number: number, newest: boolean): Promise<ActiveSegment | undefined> {
  const { files, saved, table, fingerprints, salts } = loading;
  const file = await files.open(segmentName(number));
  const bytes = await readWhole(file);
  const salt = decodeSegmentHeader(bytes, number);
  if (salt === undefined) throw new DamagedSegmentError(segmentName(number), 0);
  salts.set(number, salt);
  const durableEnd = saved.durable.segment === number ? saved.durable.end : 0;
  const replay = new Replay(table, fingerprints, number, saved.nextLog, () => undefined);
  const scanned = scanSegment({ number, salt, bytes, mayBeTorn: newest, durableEnd }, replay);
  if (!newest) {
    await file.close();
    return undefined;
  }
  await mendTail(file, bytes, salt, scanned);
  await files.syncFolder();
  return { number, salt, file, end: scanned.end, batches: scanned.batches };
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

async function readWhole(file: SegmentFile): Promise<Uint8Array> {
  const bytes = new Uint8Array(await file.size());
  const count = await file.read(bytes, 0);
  return bytes.subarray(0, count);
}
