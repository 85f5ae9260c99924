import type { Entry, EntryId } from "@stonechat/protocol";
import type { ReadLog, ReadOutcome } from "../logs/log-store.ts";
import { DamagedEntryError } from "./segment-errors.ts";
import {
  bodyIsWhole,
  entryIdAt,
  readEntry,
  recordBytes,
  regionOf,
  type Region,
  type SegmentSalt,
} from "./segment-format.ts";
import type { LogTable } from "./log-table.ts";
import type { OpenSegments } from "./open-segments.ts";
import type { RecentBytes } from "./recent-bytes.ts";
import type { SegmentFile } from "./segment-files.ts";
import type { SegmentLog } from "./segment-log.ts";
import { segmentName } from "./segment-names.ts";

/** What is read from. */
export interface PageReaderParts {
  readonly table: LogTable;
  readonly recent: RecentBytes;
  readonly segments: OpenSegments;
  readonly saltOf: (segment: number) => SegmentSalt | undefined;
}

/** An entry that is wanted, as its table had it. */
interface Wanted {
  readonly seq: number;
  readonly segment: number;
  /** Tells the file that had it from one that took its place: there the same bytes may hold another entry. */
  readonly salt: SegmentSalt | undefined;
  readonly at: number;
  readonly size: number;
}
/** Where an entry's bytes were read to. */
interface Located {
  readonly region: Region;
  readonly at: number;
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly limit: number;
  readonly maxBytes: number;
  readonly now: number;
}
interface Plan {
  readonly log: SegmentLog;
  readonly epoch: number;
  readonly wanted: readonly Wanted[];
  readonly next: number;
}

/** Entries that were read, up to the first that is where it was but not whole. */
interface Collected {
  readonly entries: readonly Entry[];
  readonly damaged: Wanted | undefined;
}

/** Neighbours this close are read at once, gap and all. */
const MAX_GAP_BYTES = 4 * 1024;
const MAX_RANGE_BYTES = 1024 * 1024;
/** From so many on a thread reads them faster than the pool does. */
const MANY_RANGES = 4;

/** Reads pages of logs: what is durable, from memory if it is new, otherwise from the disk without holding anybody up. */
export class PageReader {
  readonly #parts: PageReaderParts;

  constructor(parts: PageReaderParts) {
    this.#parts = parts;
  }

  /**
   * Until `settle` is called nothing is promised; it is called once, in the step in which the outcome is decided, so that
   * whatever becomes durable later is announced later: see [Note: Reads come after writes].
   *
   * @throws {@link DamagedEntryError}
   */
  read(what: ReadLog, settle: (outcome: ReadOutcome) => void, fail: (error: unknown) => void): void {
    const plan = this.#plan(what);
    if ("type" in plan) {
      settle(plan);
      return;
    }
    const recent = this.#takeRecent(plan);
    if (recent !== undefined) {
      settle(finish(plan, recent));
      return;
    }
    void this.#readFromDisk(what, plan, settle, fail);
  }

  async #readFromDisk(
    what: ReadLog,
    plan: Plan,
    settle: (outcome: ReadOutcome) => void,
    fail: (error: unknown) => void,
  ): Promise<void> {
    try {
      const collected = this.#collect(plan, await this.#fetch(plan.wanted));
      if (collected !== undefined) {
        const { entries, damaged } = collected;
        if (damaged !== undefined && entries.length === 0) throw new DamagedEntryError(segmentName(damaged.segment));
        // Up to the damaged one: whoever goes on from there is told.
        settle(finish(damaged === undefined ? plan : { ...plan, next: damaged.seq }, entries));
        return;
      }
    } catch (error) {
      if (this.#areThere(plan)) {
        fail(error);
        return;
      }
    }
    // Something of it was moved or erased while it was read: look again.
    this.read(what, settle, fail);
  }

  /**
   * Reads the id of a stored entry. @returns undefined if the entry is not there any more.
   *
   * @throws {@link DamagedEntryError}
   */
  async entryId(log: SegmentLog, seq: number): Promise<Uint8Array | undefined> {
    for (;;) {
      const index = log.entries.find(seq);
      if (index < 0 || log.gone) return undefined;
      const [segment, at] = [log.entries.segmentAt(index), log.entries.offsetAt(index)];
      const size = recordBytes(0, log.entries.commitAt(index));
      const salt = this.#parts.saltOf(segment);
      const wanted = { seq, segment, salt, at, size };
      const bytes = await this.#readBytes(segment, at, size).catch((error: unknown) => {
        if (this.#isThere(log, wanted)) throw error;
        return new Uint8Array(0);
      });
      const record = salt && readEntry(regionOf(bytes), 0, salt);
      if (record?.log === log.number && record.seq === seq) return entryIdAt(bytes, 0);
      if (this.#isThere(log, wanted)) throw new DamagedEntryError(segmentName(segment));
    }
  }

  #areThere({ log, wanted }: Plan): boolean {
    return wanted.every((one) => this.#isThere(log, one));
  }

  #isThere({ entries, gone }: SegmentLog, { seq, segment, salt, at }: Wanted): boolean {
    const index = entries.find(seq);
    const there = !gone && index >= 0 && entries.segmentAt(index) === segment && entries.offsetAt(index) === at;
    return there && this.#parts.saltOf(segment) === salt;
  }

  async #readBytes(segment: number, at: number, size: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(size);
    const count = await this.#parts.segments.use(segment, (file) => file.read(bytes, at));
    return bytes.subarray(0, count);
  }

  #plan({ logId, readHash, from, limit, maxBytes, now }: ReadLog): Plan | ReadOutcome {
    const log = this.#parts.table.findSettled(logId);
    const number = log?.findReader(readHash) ?? -1;
    const epoch = log?.epochNumbered(number);
    if (log === undefined || epoch === undefined) return { type: "unknown" };
    const closed = number < log.settledEpochs - 1;
    const end = closed ? epoch.closingSeq + 1 : log.settledSeq;
    if (closed && from < end && epoch.closingExpiresAt <= now) {
      return { type: "expired-before", seq: nextAfter(log, 0, log.settledSeq, now) ?? log.settledSeq };
    }
    const start = Math.max(from, epoch.firstSeq);
    if (limit === 0) return { log, epoch: number, wanted: [], next: start };
    const wanted = this.#collectWanted(log, { start, end, limit, maxBytes, now });
    const last = wanted.at(-1);
    const next = nextAfter(log, last === undefined ? start : last.seq + 1, end, now);
    return { log, epoch: number, wanted, next: next ?? Math.max(start, end) };
  }

  #collectWanted({ entries }: SegmentLog, { start, end, limit, maxBytes, now }: Span): Wanted[] {
    const wanted: Wanted[] = [];
    let bytes = 0;
    for (let index = entries.from(start); index < entries.end; index += 1) {
      const seq = entries.seqAt(index);
      if (seq >= end || wanted.length === limit) break;
      if (entries.isHole(index) || entries.expiresAt(index) <= now) continue;
      const length = entries.lengthAt(index);
      if (wanted.length > 0 && bytes + length > maxBytes) break;
      bytes += length;
      const size = recordBytes(length, entries.commitAt(index));
      const segment = entries.segmentAt(index);
      wanted.push({ seq, segment, salt: this.#parts.saltOf(segment), at: entries.offsetAt(index), size });
    }
    return wanted;
  }

  /** @returns undefined unless all of it is in memory. */
  #takeRecent({ wanted, log }: Plan): readonly Entry[] | undefined {
    const entries: Entry[] = [];
    for (const { segment, salt, at, size, seq } of wanted) {
      const bytes = this.#parts.recent.find(segment, at, size);
      if (bytes === undefined || salt === undefined) return undefined;
      // A copy: the buffer will be used again.
      const entry = entryIn(regionOf(bytes.slice()), 0, { log: log.number, seq }, salt);
      if (entry === undefined || entry === "erased") return undefined;
      entries.push(entry);
    }
    return entries;
  }

  /** Where each of them was read to, in the same order. */
  async #fetch(wanted: readonly Wanted[]): Promise<readonly Located[]> {
    const runs = await Promise.all(runsOf(wanted).map((run) => this.#fetchRun(run)));
    return runs.flat();
  }

  /** Entries of one segment. */
  async #fetchRun(run: readonly Wanted[]): Promise<readonly Located[]> {
    const segment = run[0]?.segment ?? 0;
    const ranges = rangesOf(run);
    const bytes = await this.#parts.segments.use(segment, (file) => readRanges(file, ranges));
    const region = regionOf(bytes);
    const located: Located[] = [];
    let begin = 0;
    let next = 0;
    for (const { at, size, count } of ranges) {
      for (const one of run.slice(next, next + count)) located.push({ region, at: begin + one.at - at });
      next += count;
      begin += size;
    }
    return located;
  }

  /**
   * What was erased is passed over: it had expired, by a clock that was set back since. What stands behind the first entry
   * that is not whole is left for later.
   *
   * @returns undefined if an entry is not where it was.
   */
  #collect(plan: Plan, located: readonly Located[]): Collected | undefined {
    const { log, wanted } = plan;
    const entries: Entry[] = [];
    for (const [i, one] of wanted.entries()) {
      const place = located[i];
      const entry = place && one.salt && entryIn(place.region, place.at, { log: log.number, seq: one.seq }, one.salt);
      if (entry === undefined || entry === "erased") {
        if (!this.#areThere(plan)) return undefined;
        if (entry === undefined) return { entries, damaged: one };
      } else entries.push(entry);
    }
    return { entries, damaged: undefined };
  }
}

function finish({ log, epoch: number, next }: Plan, entries: readonly Entry[]): ReadOutcome {
  const epoch = log.epochNumbered(number);
  const closed = number < log.settledEpochs - 1;
  const end = closed && epoch !== undefined ? epoch.closingSeq + 1 : log.settledSeq;
  return { type: "page", entries, next, end, epoch: number, endOfEpoch: closed && next >= end };
}

/** The position of the first living entry in this span. */
function nextAfter({ entries }: SegmentLog, from: number, end: number, now: number): number | undefined {
  for (let index = entries.from(from); index < entries.end; index += 1) {
    const seq = entries.seqAt(index);
    if (seq >= end) return undefined;
    if (!entries.isHole(index) && entries.expiresAt(index) > now) return seq;
  }
  return undefined;
}

/**
 * @returns the entry with a view of its body; "erased" if its body was overwritten; undefined unless a whole one with this
 * log and position stands there.
 */
function entryIn(
  region: Region,
  at: number,
  { log, seq }: { readonly log: number; readonly seq: number },
  salt: SegmentSalt,
): Entry | "erased" | undefined {
  const record = readEntry(region, at, salt);
  if (record?.log !== log || record.seq !== seq) return undefined;
  if (record.state === "erased") return "erased";
  if (!bodyIsWhole(region, record)) return undefined;
  return {
    seq,
    kind: record.commit ? "commit" : "message",
    entryId: entryIdAt(region.bytes, at) as EntryId, // only the codec's 16 bytes are ever stored
    expiresAt: record.expiresAt,
    body: region.bytes.subarray(record.bodyAt, record.bodyAt + record.length),
  };
}

/** One behind the other in one segment. */
function runsOf(wanted: readonly Wanted[]): readonly (readonly Wanted[])[] {
  const runs: Wanted[][] = [];
  for (const one of wanted) {
    const run = runs.at(-1);
    if (run?.[0]?.segment === one.segment) run.push(one);
    else runs.push([one]);
  }
  return runs;
}

/** Bytes that are read together, and how many entries are in them. */
interface Range {
  readonly at: number;
  size: number;
  count: number;
}

/** Neighbours of one segment together. */
function rangesOf(run: readonly Wanted[]): readonly Range[] {
  const ranges: Range[] = [];
  for (const { at, size } of run) {
    const range = ranges.at(-1);
    const end = range === undefined ? 0 : range.at + range.size;
    if (range !== undefined && at >= end && at - end <= MAX_GAP_BYTES && at + size - range.at <= MAX_RANGE_BYTES) {
      range.size = at + size - range.at;
      range.count += 1;
    } else ranges.push({ at, size, count: 1 });
  }
  return ranges;
}

/** The bytes of all ranges, one behind the other; shorter if the file ends too early. */
async function readRanges(file: SegmentFile, ranges: readonly Range[]): Promise<Uint8Array> {
  if (ranges.length >= MANY_RANGES && file.readMany !== undefined) return await file.readMany(ranges);
  const bytes = new Uint8Array(ranges.reduce((sum, { size }) => sum + size, 0));
  let begin = 0;
  const reads = ranges.map(({ at, size }) => {
    const into = bytes.subarray(begin, begin + size);
    begin += size;
    return file.read(into, at);
  });
  await Promise.all(reads);
  return bytes;
}
