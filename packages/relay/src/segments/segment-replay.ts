import type { EntryPlace } from "./entry-table.ts";
import type { Fingerprints } from "./fingerprint.ts";
import { decodeCreation } from "./log-records.ts";
import type { LogTable } from "./log-table.ts";
import { DamagedSegmentError } from "./segment-errors.ts";
import { CREATE_RECORD, DESTROY_RECORD, entryIdAt, nextHashesAt, type EntryRecord } from "./segment-format.ts";
import { SegmentLog } from "./segment-log.ts";
import { segmentName } from "./segment-names.ts";
import type { SegmentList } from "./segment-list.ts";
import type { SegmentVisitor } from "./segment-scan.ts";

/** What comes of an entry's record: it is in its log's table, or it is dead and its body may go. */
export type Replayed = (place: EntryPlace, log: number, fate: "living" | "dead" | "erased") => void;

/** What a replay works on. */
export interface ReplayParts {
  readonly table: LogTable;
  readonly segments: SegmentList;
  readonly fingerprints: Fingerprints;
}

/**
 * Applies a segment's records to the table of logs. Records that the saved state took into account change nothing but
 * where entries are: positions and numbers of logs tell which those are.
 */
export class Replay implements SegmentVisitor {
  readonly #table: LogTable;
  readonly #segments: SegmentList;
  readonly #fingerprints: Fingerprints;
  readonly #segment: number;
  readonly #firstNew: number;
  readonly #replayed: Replayed;

  /** @param firstNew - Logs with lower numbers were made before the state was saved. */
  constructor({ table, segments, fingerprints }: ReplayParts, segment: number, firstNew: number, replayed: Replayed) {
    this.#table = table;
    this.#segments = segments;
    this.#fingerprints = fingerprints;
    this.#segment = segment;
    this.#firstNew = firstNew;
    this.#replayed = replayed;
  }

  entry(record: EntryRecord, bytes: Uint8Array): void {
    const { seq, at, length, commit, expiresAt } = record;
    const fingerprint = this.#fingerprints.of(entryIdAt(bytes, at));
    const place = { seq, segment: this.#segment, at, length, commit, expiresAt, fingerprint };
    const log = this.#table.numbered(record.log);
    if (log === undefined) {
      this.#replayed(place, record.log, record.state === "living" ? "dead" : "erased");
      return;
    }
    if (seq > log.nextSeq) throw new DamagedSegmentError(segmentName(this.#segment), at);
    if (seq === log.nextSeq) {
      log.nextSeq += 1;
      log.settledSeq += 1;
      if (commit) {
        log.openEpoch(seq, expiresAt, nextHashesAt(bytes, at));
        log.settledEpochs += 1;
      }
      this.#table.changed(log);
    }
    if (record.state === "living") placeEntry(this.#table, log, place);
    this.#replayed(place, record.log, record.state === "living" ? "living" : "erased");
  }

  state(type: number, number: number, state: Uint8Array): void {
    const log = this.#table.numbered(number);
    if (type === CREATE_RECORD && number >= this.#firstNew && log === undefined) {
      const made = new SegmentLog(decodeCreation(number, state), true);
      this.#table.add(made);
      this.#table.changed(made);
    }
    if (type === DESTROY_RECORD && log !== undefined) buryLog(this.#table, this.#segments, log);
  }
}

/** Notes a stored entry in its log. */
export function placeEntry(table: LogTable, log: SegmentLog, place: EntryPlace): void {
  log.entries.add(place);
  table.count(log, place.length, 1);
}

/** A log was destroyed, durably: all its entries are dead. */
export function buryLog(table: LogTable, segments: SegmentList, log: SegmentLog): void {
  const { entries } = log;
  for (let index = 0; index < entries.end; index += 1) {
    if (entries.isHole(index)) continue;
    const dead = { at: entries.offsetAt(index), length: entries.lengthAt(index), commit: entries.commitAt(index) };
    segments.get(entries.segmentAt(index))?.died(dead);
  }
  table.bury(log);
}
