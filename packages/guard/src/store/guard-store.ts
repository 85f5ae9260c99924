import type { RecordId } from "@stonechat/protocol";
import type { Change, Known } from "../machine/record.ts";

/** What somebody who looked at a record wants to become of it, and what to tell. */
export interface Decision<T> {
  readonly change: Change;
  readonly answer: T;
}

/**
 * Where records are kept. All that is done to one record is done in a row, each thing on what the one before left; what
 * a change overwrites or destroys cannot be read from the store again.
 *
 * An id that was destroyed is remembered by its hash alone, for ever.
 */
export interface GuardStore {
  /**
   * Asks `decide` about what is known of an id, and gives its answer once the change is durable.
   *
   * @throws {@link StoreFullError} if there was no room for the change: nothing was changed.
   * @throws {@link StoreFailedError} if the change may not have become durable. Then nothing may be answered any more.
   */
  update<T>(id: RecordId, decide: (known: Known) => Decision<T>): Promise<T>;
  /** Records alive, those being made now included. */
  readonly records: number;
  /** Settles with the error when storage fails; never otherwise. */
  readonly failed: Promise<Error>;
  /** Finishes what is under way. */
  close(): Promise<void>;
}

/** There is no room on the disk. Nothing was changed. */
export class StoreFullError extends Error {
  override readonly name = "StoreFullError";
  readonly code = "store-full";
}

/** A change may not have become durable. The process must end. */
export class StoreFailedError extends Error {
  override readonly name = "StoreFailedError";
  readonly code = "store-failed";
}
