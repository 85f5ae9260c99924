import { RefusedError } from "../control/refused-error.ts";
import type { SegmentEpoch } from "../../segments/epoch-list.ts";

/** A log without its entries, as both stores can keep it. */
export interface KeptLog {
  readonly logId: Uint8Array;
  readonly ownerHash: Uint8Array | undefined;
  /** Number of the first of {@link epochs}; earlier ones are long over. */
  readonly firstEpoch: number;
  /** Without gaps; the last one is open. */
  readonly epochs: readonly SegmentEpoch[];
  readonly nextSeq: number;
}

/** What a conversion moved, or must have moved. */
export interface Counts {
  readonly logs: number;
  readonly entries: number;
  /** Sum of what the entries cost against quotas. */
  readonly bytes: number;
}

/** @throws RefusedError unless as much arrived as was to be moved. */
export function requireSame(wanted: Counts, found: Counts): void {
  if (wanted.logs !== found.logs || wanted.entries !== found.entries || wanted.bytes !== found.bytes)
    throw new RefusedError("Not all of it arrived in the new store, so the old one was kept. Look at the disk.");
}
