import type { Entry, LogId, TokenHash } from "@stonechat/protocol";

/** One epoch of a log that is moved. `closing` is the commit that closed it; undefined for the open epoch. */
export interface ExportedEpoch {
  readonly number: number;
  readonly readHash: TokenHash;
  readonly appendHash: TokenHash;
  readonly firstSeq: number;
  readonly closing: { readonly seq: number; readonly expiresAt: number } | undefined;
}

/** A log that is moved from one store to another, as it is: positions, ids and times stay. */
export interface ExportedLog {
  readonly logId: LogId;
  readonly ownerHash: TokenHash | undefined;
  /** By number, the last one open. Epochs long over may be missing at the beginning. */
  readonly epochs: readonly ExportedEpoch[];
  readonly nextSeq: number;
  /** Living entries by position, a handful at a time. To be read once, before the next log. */
  readonly entries: AsyncIterable<readonly Entry[]>;
}

/** Moves all logs out of a store and into one. Nobody may use the store meanwhile. */
export interface LogTransfer {
  /** Every log, once, in no order. */
  exportLogs(): AsyncIterable<ExportedLog>;
  /** Puts a log into the store, in the place of the one with its id. Durable when it settles; before, none or a part. */
  importLog(log: ExportedLog): Promise<void>;
}
