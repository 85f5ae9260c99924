import { mapKey } from "../map-key.ts";
import { EntryTable } from "./entry-table.ts";

/** One epoch of a log. `closingSeq` is -1 while it is open. */
export interface SegmentEpoch {
  /** Who may read, then who may append: SHA-256 of tokens, 32 bytes each. */
  readonly hashes: Uint8Array;
  readonly firstSeq: number;
  closingSeq: number;
  closingExpiresAt: number;
}

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
  epochs: SegmentEpoch[];
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
    this.epochs = [...epochs];
    this.nextSeq = nextSeq;
    this.settledSeq = nextSeq;
    this.madeEpochs = firstEpoch + epochs.length;
    this.settledEpochs = settled ? this.madeEpochs : 0;
  }

  get logId(): Uint8Array {
    return bytesOf(this.key);
  }
  get ownerHash(): Uint8Array | undefined {
    return this.#ownerHash === undefined ? undefined : bytesOf(this.#ownerHash);
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

  epochNumbered(number: number): SegmentEpoch | undefined {
    return this.epochs[number - this.firstEpoch];
  }

  /** The epoch that holds this position. Of epochs long over only the youngest's number is known. */
  epochOf(seq: number): number {
    let index = this.epochs.length - 1;
    while (index >= 0 && (this.epochs[index]?.firstSeq ?? 0) > seq) index -= 1;
    return Math.max(0, this.firstEpoch + index);
  }

  /** The commit at `seq` closes the open epoch and opens the next. */
  openEpoch(seq: number, expiresAt: number, [read, append]: readonly [Uint8Array, Uint8Array]): void {
    const open = this.epochs.at(-1);
    if (open === undefined) throw new RangeError("a log without an epoch");
    open.closingSeq = seq;
    open.closingExpiresAt = expiresAt;
    this.epochs.push(newEpoch(read, append, seq + 1));
  }

  /** Takes {@link openEpoch} back. */
  reopenEpoch(): void {
    this.epochs.pop();
    const open = this.epochs.at(-1);
    if (open === undefined) throw new RangeError("a log without an epoch");
    open.closingSeq = -1;
    open.closingExpiresAt = 0;
  }

  #findEpoch(hash: Uint8Array, at: number, end: number): number {
    for (let index = end - 1; index >= 0; index -= 1) {
      if (sameHash(this.epochs[index]?.hashes ?? NOBODY, at, hash)) return this.firstEpoch + index;
    }
    // Absent and wrong must take as long.
    if (end <= 0) sameHash(NOBODY, at, hash);
    return -1;
  }
}

/** What a `mapKey` was made of. */
function bytesOf(key: string): Uint8Array {
  return new Uint8Array(Buffer.from(key, "latin1"));
}

/** Compared with when there is no hash. No SHA-256 we know of is all zero. */
const NOBODY = new Uint8Array(64);

export function newEpoch(readHash: Uint8Array, appendHash: Uint8Array, firstSeq: number): SegmentEpoch {
  const hashes = new Uint8Array(64);
  hashes.set(readHash);
  hashes.set(appendHash, 32);
  return { hashes, firstSeq, closingSeq: -1, closingExpiresAt: 0 };
}

/** Looks at all 32 bytes whatever they are, like `equalSecrets`, but in place. */
function sameHash(hashes: Uint8Array, at: number, hash: Uint8Array): boolean {
  let difference = hash.length ^ 32;
  for (let i = 0; i < 32; i += 1) difference |= (hashes[at + i] ?? 0) ^ (hash[i] ?? 0);
  return difference === 0;
}
