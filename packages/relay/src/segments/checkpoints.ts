import type { Journal } from "./journal.ts";
import { settledState, type LogTable } from "./log-table.ts";
import { isOutOfRoom } from "./segment-errors.ts";
import type { LogState, SegmentLog } from "./segment-log.ts";
import type { SegmentList } from "./segment-list.ts";
import type { SegmentState } from "./segment-state.ts";

/** What a checkpoint is made of. */
export interface CheckpointsParts {
  readonly state: SegmentState;
  readonly table: LogTable;
  readonly segments: SegmentList;
  readonly journal: Journal;
  readonly fingerprintKey: Uint8Array;
}

/** Saves the table of logs now and then, so that a start need not read old segments and they may go. */
export class Checkpoints {
  readonly #parts: CheckpointsParts;
  #coveredBefore: number;

  constructor(parts: CheckpointsParts, coveredBefore: number) {
    this.#parts = parts;
    this.#coveredBefore = coveredBefore;
  }

  /** Everything in segments below this number is in what was saved. */
  get coveredBefore(): number {
    return this.#coveredBefore;
  }

  /** Bytes that a start reads again. */
  get lagBytes(): number {
    return this.#parts.segments
      .all()
      .filter(({ number }) => number >= this.#coveredBefore)
      .reduce((sum, { end }) => sum + end, 0);
  }

  /**
   * Saves what changed. `retired` are segments that need not be there from then on.
   *
   * @returns false when there was no room for it: then nothing was saved. @throws what the disk says.
   */
  async save(retired: ReadonlySet<number>): Promise<boolean> {
    const { state, table, segments, journal, fingerprintKey } = this.#parts;
    const durable = journal.position;
    const nextLog = table.nextSettled;
    const taken = table.takeChanged();
    const covered = segments
      .all()
      .map(({ number }) => number)
      .filter((number) => number < durable.segment && !retired.has(number));
    try {
      await state.save({
        ...{ fingerprintKey, durable, nextLog, gone: taken.gone, logs: statesOf(taken.logs) },
        coveredBefore: durable.segment,
        segments: covered,
      });
    } catch (error) {
      table.changedAgain(taken);
      if (isOutOfRoom(error)) return false;
      throw error;
    }
    this.#coveredBefore = durable.segment;
    return true;
  }
}

/**
 * Each as it is when its turn comes: a checkpoint need not be of one moment, see SavedState. One that was destroyed
 * meanwhile is saved as it was: segments that the checkpoint covers hold its entries, and its end is still in the journal.
 */
function* statesOf(logs: readonly SegmentLog[]): Generator<LogState> {
  for (const log of logs) yield settledState(log);
}
