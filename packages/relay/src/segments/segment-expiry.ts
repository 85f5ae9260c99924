import type { ExpireOutcome } from "../logs/log-store.ts";
import type { LogTable } from "./log-table.ts";
import type { SegmentIndex } from "./segment-index.ts";
import type { SegmentLog } from "./segment-log.ts";
import type { DueEntry, Segment, SegmentList } from "./segment-list.ts";
import { SEGMENT_HEADER_BYTES, type SegmentSalt } from "./segment-format.ts";

/** What expiry works on. */
export interface SegmentExpiryParts {
  readonly table: LogTable;
  readonly segments: SegmentList;
  /** The index of a segment, from memory or from its file. Undefined if the segment is gone. */
  readonly loadIndex: (segment: Segment) => Promise<SegmentIndex | undefined>;
  /** Lets others have their turn. */
  readonly breathe: () => Promise<void>;
  /** Milliseconds that only ever grow. */
  readonly elapsed: () => number;
}

/** A segment that is being looked through: where to go on, and what was found. */
interface Look {
  readonly salt: SegmentSalt;
  readonly index: SegmentIndex;
  item: number;
  end: number;
  readonly due: DueEntry[];
  /** When the first entry expires that is not due. */
  next: number;
}

/** So many items, and so long a time, that nobody waits for long. The time is looked at now and then only. */
const ITEMS_AT_ONCE = 4000;
const SLICE_MS = 4;
const ITEMS_A_GLANCE = 256;

/** A look through a segment finds everything that expires in the next minute: then it need not be looked through each second. */
const HORIZON_MS = 60_000;
/** How long a closed epoch's hashes outlive its commit, so that its late readers are told what happened: 90 days. */
const CLOSED_EPOCH_KEPT_MS = 90 * 24 * 3600 * 1000;
const LOGS_A_LOOK = 2000;

/** Takes expired entries out of their logs, segment by segment, so that no log need be looked at in which nothing expires. */
export class SegmentExpiry {
  readonly #parts: SegmentExpiryParts;
  #work: Promise<unknown> = Promise.resolve();
  readonly #looks = new WeakMap<Segment, Look>();
  /** Logs whose epochs are still to be looked at in this round. */
  #epochRound: Iterator<SegmentLog, undefined> | undefined;

  constructor(parts: SegmentExpiryParts) {
    this.#parts = parts;
  }

  /** See LogStore. One at a time: calls wait for each other. */
  expire(now: number, maxEntries: number): Promise<ExpireOutcome> {
    const result = this.#work.then(() => this.#expire(now, maxEntries));
    this.#work = result.catch(() => undefined);
    return result;
  }

  async #expire(now: number, maxEntries: number): Promise<ExpireOutcome> {
    this.#dropEpochs(now);
    let expired = 0;
    for (const segment of this.#parts.segments.all()) {
      while (expired < maxEntries && isDue(segment, now)) {
        expired += this.#takeDue(segment, now, maxEntries - expired);
        if (isDue(segment, now)) await this.#parts.breathe();
      }
      while (segment.nextExpiry <= now && expired < maxEntries) {
        const look = await this.#lookAt(segment);
        if (look === undefined) break;
        expired += this.#goOn(segment, look, now, maxEntries - expired);
        await this.#parts.breathe();
      }
      if (expired >= maxEntries) return { expired, more: true };
    }
    return { expired, more: false };
  }

  /** Where the look through the segment goes on. @returns undefined if the segment is gone. */
  async #lookAt(segment: Segment): Promise<Look | undefined> {
    for (;;) {
      const { salt } = segment;
      const begun = this.#looks.get(segment);
      if (begun?.salt === salt) return begun;
      // Begun never, or before the segment was copied to another file: everything is elsewhere.
      const index = await this.#parts.loadIndex(segment);
      if (index === undefined) return undefined;
      // Copied while its index was read: that one tells where entries were in the old file.
      if (salt !== segment.salt) continue;
      const look = { salt, index, item: 0, end: SEGMENT_HEADER_BYTES, due: [], next: Infinity };
      this.#looks.set(segment, look);
      return look;
    }
  }

  /** Begins a slice of work. @returns what tells, once for each item, whether the slice is over; never at first. */
  #slice(): () => boolean {
    const { elapsed } = this.#parts;
    const until = elapsed() + SLICE_MS;
    let items = 0;
    return () => {
      items += 1;
      return items > ITEMS_AT_ONCE || (items % ITEMS_A_GLANCE === 0 && elapsed() > until);
    };
  }

  #takeDue(segment: Segment, now: number, max: number): number {
    const isOver = this.#slice();
    let taken = 0;
    while (taken < max && !isOver()) {
      const due = segment.due[segment.dueDone];
      if (due === undefined || due.expiresAt > now) break;
      if (this.#kill(segment, due)) taken += 1;
      segment.dueDone += 1;
    }
    if (segment.dueDone === segment.due.length && segment.dueDone > 0) {
      segment.due = [];
      segment.dueDone = 0;
    }
    return taken;
  }

  /** Looks through some more of a segment. When all of it was seen, what is not taken is due, or expires after the horizon. */
  #goOn(segment: Segment, look: Look, now: number, max: number): number {
    const { index } = look;
    const isOver = this.#slice();
    let taken = 0;
    for (; look.item < index.count && taken < max && !isOver(); look.item += 1) {
      const { log, seq, at, expiresAt, erased, end } = index.itemAt(look.item, look.end);
      look.end = end;
      if (erased) continue;
      if (expiresAt <= now) {
        if (this.#kill(segment, { expiresAt, log, seq })) taken += 1;
      } else if (expiresAt <= now + HORIZON_MS) {
        if (this.#isThere(segment, log, seq, at)) look.due.push({ expiresAt, log, seq });
      } else if (expiresAt < look.next && this.#isThere(segment, log, seq, at)) look.next = expiresAt;
    }
    if (look.item < index.count) return taken;
    segment.due = look.due.sort((a, b) => a.expiresAt - b.expiresAt);
    segment.dueDone = 0;
    segment.nextExpiry = look.next;
    this.#looks.delete(segment);
    return taken;
  }

  #isThere(segment: Segment, number: number, seq: number, at: number): boolean {
    const entries = this.#parts.table.numbered(number)?.entries;
    const index = entries?.find(seq) ?? -1;
    return entries?.segmentAt(index) === segment.number && entries.offsetAt(index) === at;
  }

  #kill(segment: Segment, { log: number, seq }: DueEntry): boolean {
    const { table } = this.#parts;
    const log = table.numbered(number);
    const index = log?.entries.find(seq) ?? -1;
    if (log === undefined || index < 0 || log.entries.segmentAt(index) !== segment.number) return false;
    killEntry(table, segment, log, index);
    log.entries.tidy();
    return true;
  }

  /** A few logs each time: an epoch that is long over is in nobody's way. */
  #dropEpochs(now: number): void {
    this.#epochRound ??= this.#parts.table.all();
    for (let count = 0; count < LOGS_A_LOOK; count += 1) {
      const next = this.#epochRound.next();
      if (next.done === true) {
        this.#epochRound = undefined;
        return;
      }
      const log = next.value;
      let over = 0;
      while (over < log.epochs.length - 1 && isLongOver(log, over, now)) over += 1;
      // Readers of what is not durable yet must find it.
      over = Math.min(over, log.settledEpochs - 1 - log.firstEpoch);
      if (over <= 0) continue;
      log.epochs.drop(over);
      log.firstEpoch += over;
      this.#parts.table.changed(log);
    }
  }
}

function isDue({ due, dueDone }: Segment, now: number): boolean {
  return (due[dueDone]?.expiresAt ?? Infinity) <= now;
}

function isLongOver({ epochs }: SegmentLog, index: number, now: number): boolean {
  const epoch = epochs.spanAt(index);
  return epoch.closingSeq >= 0 && epoch.closingExpiresAt + CLOSED_EPOCH_KEPT_MS <= now;
}

/** Takes an entry out of its log. Its indexes stay until the log's table is tidied. */
export function killEntry(table: LogTable, segment: Segment | undefined, log: SegmentLog, index: number): void {
  const { entries } = log;
  const length = entries.lengthAt(index);
  segment?.died({ at: entries.offsetAt(index), length, commit: entries.commitAt(index) });
  table.count(log, length, -1);
  entries.remove(index);
}
