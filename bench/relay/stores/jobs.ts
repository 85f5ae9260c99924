import type { Times } from "../load/histogram.ts";
import type { StoreKind } from "./open-store.ts";

/** What a process that holds a store and no sockets is told to do, in `argv`. It prints one {@link JobResult}. */
export type Job = { readonly kind: StoreKind; readonly data: string; readonly bodyBytes: number } & (
  | { readonly do: "append"; readonly logs: number; readonly underWay: number; readonly seconds: number }
  /** Fills logs evenly. With `thenDie` the process kills itself right after the last acknowledgement. */
  | { readonly do: "fill"; readonly logs: number; readonly entries: number; readonly thenDie: boolean }
  /**
   * Fills, appends at `rate` for a while, and goes on while all (`every` 1) or every n-th entry, which have expired, are
   * erased.
   */
  | {
      readonly do: "expire";
      readonly logs: number;
      readonly entries: number;
      readonly every: number;
      readonly rate: number;
    }
);

export interface JobResult {
  /** Appends, or erased entries, a second. */
  readonly rate: number;
  readonly seconds: number;
  /** How long each append took. */
  readonly appends: Times;
  /** The same while nothing was erased. */
  readonly calmAppends?: Times;
}
