import { mapKey } from "../map-key.ts";
import { entryCost, type LogStats } from "../logs/log-store.ts";
import type { LogState, SegmentLog } from "./segment-log.ts";

/** All logs of a store, as decided, and which of them changed since they were saved. */
export class LogTable {
  readonly #byId = new Map<string, SegmentLog>();
  readonly #byNumber = new Map<number, SegmentLog>();
  /** Destroyed, but not durably: readers still see them. */
  readonly #dying = new Map<string, SegmentLog>();
  #changed = new Set<SegmentLog>();
  #gone = new Set<number>();
  #entries = 0;
  #bytes = 0;
  nextNumber = 1;
  /** Above the number of every log whose making is durable; not above that of one whose making is not. */
  nextSettled = 1;

  /** As decided. */
  find(id: Uint8Array): SegmentLog | undefined {
    return this.#byId.get(mapKey(id));
  }

  /** As durable. */
  findSettled(id: Uint8Array): SegmentLog | undefined {
    const key = mapKey(id);
    const log = this.#byId.get(key);
    return log === undefined || log.settledEpochs === 0 ? this.#dying.get(key) : log;
  }

  numbered(number: number): SegmentLog | undefined {
    return this.#byNumber.get(number);
  }

  all(): MapIterator<SegmentLog> {
    return this.#byNumber.values();
  }

  add(log: SegmentLog): void {
    this.#byId.set(log.key, log);
    this.#byNumber.set(log.number, log);
    this.nextNumber = Math.max(this.nextNumber, log.number + 1);
  }

  /** Takes {@link add} back. */
  forget(log: SegmentLog): void {
    this.#byId.delete(log.key);
    this.#byNumber.delete(log.number);
  }

  /** The log takes no more appends. Readers see it until {@link bury}. */
  destroy(log: SegmentLog): void {
    this.#byId.delete(log.key);
    this.#dying.set(log.key, log);
  }

  /** Takes {@link destroy} back. */
  revive(log: SegmentLog): void {
    this.#dying.delete(log.key);
    this.#byId.set(log.key, log);
  }

  /** Its destruction is durable. */
  bury(log: SegmentLog): void {
    const key = log.key;
    if (this.#dying.get(key) === log) this.#dying.delete(key);
    if (this.#byId.get(key) === log) this.#byId.delete(key);
    this.#byNumber.delete(log.number);
    this.#changed.delete(log);
    this.#gone.add(log.number);
    log.gone = true;
    this.#entries -= log.entries.size;
    this.#bytes -= log.bytes;
  }

  /** After a replay: of logs that had the same id one after the other only the last is there. */
  reindex(): void {
    this.#byId.clear();
    for (const log of this.#byNumber.values()) this.#byId.set(log.key, log);
  }

  changed(log: SegmentLog): void {
    this.#changed.add(log);
  }

  /** What changed since the last call. Give it back with {@link changedAgain} if it could not be saved. */
  takeChanged(): { readonly logs: readonly SegmentLog[]; readonly gone: readonly number[] } {
    const taken = { logs: [...this.#changed], gone: [...this.#gone] };
    this.#changed = new Set();
    this.#gone = new Set();
    return taken;
  }

  changedAgain({ logs, gone }: { readonly logs: readonly SegmentLog[]; readonly gone: readonly number[] }): void {
    for (const log of logs) if (!log.gone) this.#changed.add(log);
    for (const number of gone) this.#gone.add(number);
  }

  /** An entry with a body of this length came to a log (`count` 1) or left it (-1). */
  count(log: SegmentLog, length: number, count: 1 | -1): void {
    const cost = entryCost({ length }) * count;
    log.bytes += cost;
    this.#bytes += cost;
    this.#entries += count;
  }

  stats(): LogStats {
    return { logs: this.#byId.size, entries: this.#entries, bytes: this.#bytes };
  }
}

/** A log as far as it is durable, to be saved. */
export function settledState(log: SegmentLog): LogState {
  const { number, logId, ownerHash, firstEpoch, settledSeq: nextSeq } = log;
  const epochs = log.epochs.first(log.settledEpochs - firstEpoch);
  const open = epochs.at(-1);
  if (open !== undefined) {
    open.closingSeq = -1;
    open.closingExpiresAt = 0;
  }
  return { number, logId, ownerHash, firstEpoch, epochs, nextSeq };
}
