import type { Times } from "../load/histogram.ts";
import type { StoreKind } from "./open-store.ts";

/** What a process that holds a store and no sockets is told to do, in `argv`. It prints one {@link JobResult}. */
export type Job = { readonly kind: StoreKind; readonly data: string; readonly bodyBytes: number } & (
  | { readonly do: "append"; readonly logs: number; readonly underWay: number; readonly seconds: number }
  /** Fills logs evenly. With `thenDie` the process kills itself right after the last acknowledgement. */
  | { readonly do: "fill"; readonly logs: number; readonly entries: number; readonly thenDie: boolean }
  /**
   * Fills, lets all (`every` 1) or every n-th entry expire at once, and appends at `rate` while they are erased.
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
  /** One log that was filled, and its token, in hexadecimal: so that its entries can be asked for. */
  readonly log?: { readonly id: string; readonly token: string };
}
