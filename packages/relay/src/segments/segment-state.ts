import type { LogState } from "./segment-log.ts";

/** What of the journal was saved, and the logs as they were then. */
export interface SavedState {
  /** Secret of this store: see Fingerprints. */
  readonly fingerprintKey: Uint8Array;
  /** Segments below this number were taken into account as a whole. */
  readonly coveredBefore: number;
  /** Those of them that must be there. */
  readonly segments: readonly number[];
  /** Up to here the journal was durable. */
  readonly durable: { readonly segment: number; readonly end: number };
  /** Higher than the number of every log that was made and is not in {@link logs} any more, or is. */
  readonly nextLog: number;
  /** Each as it was at some moment of the saving, never further than the journal was durable. */
  readonly logs: readonly LogState[];
}

/**
 * A change of the saved state: `logs` are new or changed, `gone` are numbers of logs that are no more. `logs` may be made
 * while it is read, a few at a time, so that nobody waits for a great many.
 */
export interface StateChange extends Omit<SavedState, "logs"> {
  readonly logs: Iterable<LogState>;
  readonly gone: readonly number[];
}

/**
 * Keeps the table of logs, so that segments can go and a restart need not read all of them. It may lag behind the
 * journal, which is the truth: what is missing here is replayed from there.
 */
export interface SegmentState {
  /**
   * What was saved last; undefined for a new store. Logs may be given to `take` one by one instead of standing in the
   * answer: then they need never be in memory all at once in this form.
   */
  load(take?: (log: LogState) => void): Promise<SavedState | undefined>;
  /** Atomic, and durable when it settles. One at a time. */
  save(change: StateChange): Promise<void>;
  close(): Promise<void>;
}

/** A {@link SegmentState} in memory, for tests: what it saved survives everything. */
export class MemorySegmentState implements SegmentState {
  #saved: SavedState | undefined;
  readonly #logs = new Map<number, LogState>();
  #life = 0;
  /** Called before each saving takes effect; what it throws is what the saving throws. */
  beforeSave: () => Promise<void> = () => Promise.resolve();

  async load(): Promise<SavedState | undefined> {
    return Promise.resolve(
      this.#saved === undefined ? undefined : { ...this.#saved, logs: [...this.#logs.values()].map(copyOf) },
    );
  }

  async save({ logs, gone, ...rest }: StateChange): Promise<void> {
    const copies = [...logs].map(copyOf);
    const life = this.#life;
    await this.beforeSave();
    if (life !== this.#life) throw new Error("the process that saved is gone");
    for (const log of copies) this.#logs.set(log.number, log);
    for (const number of gone) this.#logs.delete(number);
    this.#saved = { ...rest, logs: [] };
  }

  async close(): Promise<void> {
    return Promise.resolve();
  }

  /** The state as one process sees it: from the next {@link crash} on it can save nothing. */
  session(): SegmentState {
    const life = this.#life;
    return {
      load: () => this.load(),
      save: (change) => (life === this.#life ? this.save(change) : Promise.reject(new Error("this process is gone"))),
      close: () => this.close(),
    };
  }

  /** The power fails: what is being saved is not. */
  crash(): void {
    this.#life += 1;
  }
}

function copyOf(log: LogState): LogState {
  return { ...log, epochs: log.epochs.map((epoch) => ({ ...epoch })) };
}
