import { keyBytes, mapKey } from "../map-key.ts";
import { EntryTable } from "./entry-table.ts";
import { EpochList, type EpochSpan, type SegmentEpoch } from "./epoch-list.ts";

/** What is kept of a log besides its entries. Times in milliseconds since 1970. */
export interface LogState {
  /** Never used twice: stands for the log in records. */
  readonly number: number;
  readonly logId: Uint8Array;
  readonly ownerHash: Uint8Array | undefined;
  /** Number of the first epoch in {@link epochs}; those before it are long over. */
  readonly firstEpoch: number;
  readonly epochs: readonly SegmentEpoch[];
  readonly nextSeq: number;
}

/**
 * A log in memory. What is decided is here at once; what is durable ends at {@link settledSeq} and
 * {@link settledEpochs}, and readers see no further.
 */
export class SegmentLog {
  readonly number: number;
  /** Its id as a `mapKey`. Seldom used bytes are kept as strings: each takes a fifth of an array. */
  readonly key: string;
  readonly #ownerHash: string | undefined;
  readonly entries = new EntryTable();
  firstEpoch: number;
  readonly epochs: EpochList;
  nextSeq: number;
  settledSeq: number;
  /** How many epochs are durable, counted from epoch 0. None before the log itself is. */
  settledEpochs: number;
  /** What {@link settledEpochs} is once the making of the log is durable. */
  readonly madeEpochs: number;
  /** Sum of what its entries cost against the quota. */
  bytes = 0;
  /** Destroyed: nothing more is to be done with its entries but erasing. */
  gone = false;
  /** Appends that wait until an earlier one's entry id was compared on the disk. */
  waiting: (() => void)[] | undefined;

  constructor({ number, logId, ownerHash, firstEpoch, epochs, nextSeq }: LogState, settled: boolean) {
    this.number = number;
    this.key = mapKey(logId);
    this.#ownerHash = ownerHash && mapKey(ownerHash);
    this.firstEpoch = firstEpoch;
    this.epochs = new EpochList(epochs);
    this.nextSeq = nextSeq;
    this.settledSeq = nextSeq;
    this.madeEpochs = firstEpoch + epochs.length;
    this.settledEpochs = settled ? this.madeEpochs : 0;
  }

  get logId(): Uint8Array {
    return keyBytes(this.key);
  }
  get ownerHash(): Uint8Array | undefined {
    return this.#ownerHash === undefined ? undefined : keyBytes(this.#ownerHash);
  }

  /** Number of the epoch that is open now. */
  get epoch(): number {
    return this.firstEpoch + this.epochs.length - 1;
  }

  /** The newest epoch, by number, whose append hash this is; -1 for none. */
  findAppender(hash: Uint8Array): number {
    return this.#findEpoch(hash, 32, this.epochs.length);
  }

  /** The newest durable epoch, by number, whose read hash this is; -1 for none. */
  findReader(hash: Uint8Array): number {
    return this.#findEpoch(hash, 0, this.settledEpochs - this.firstEpoch);
  }

  epochNumbered(number: number): EpochSpan | undefined {
    const index = number - this.firstEpoch;
    return index < 0 || index >= this.epochs.length ? undefined : this.epochs.spanAt(index);
  }

  /** The epoch that holds this position. Of epochs long over only the youngest's number is known. */
  epochOf(seq: number): number {
    let index = this.epochs.length - 1;
    while (index >= 0 && this.epochs.spanAt(index).firstSeq > seq) index -= 1;
    return Math.max(0, this.firstEpoch + index);
  }

  /** The commit at `seq` closes the open epoch and opens the next. */
  openEpoch(seq: number, expiresAt: number, [read, append]: readonly [Uint8Array, Uint8Array]): void {
    const open = this.epochs.pop();
    this.epochs.push({ ...open, closingSeq: seq, closingExpiresAt: expiresAt });
    this.epochs.push(newEpoch(read, append, seq + 1));
  }

  /** Takes {@link openEpoch} back. */
  reopenEpoch(): void {
    this.epochs.pop();
    const open = this.epochs.pop();
    this.epochs.push({ ...open, closingSeq: -1, closingExpiresAt: 0 });
  }

  #findEpoch(hash: Uint8Array, of: 0 | 32, end: number): number {
    const index = this.epochs.find(hash, of, end);
    return index < 0 ? -1 : this.firstEpoch + index;
  }
}

export function newEpoch(readHash: Uint8Array, appendHash: Uint8Array, firstSeq: number): SegmentEpoch {
  const hashes = new Uint8Array(64);
  hashes.set(readHash);
  hashes.set(appendHash, 32);
  return { hashes, firstSeq, closingSeq: -1, closingExpiresAt: 0 };
}
