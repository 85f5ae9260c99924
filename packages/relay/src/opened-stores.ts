import type { Admission } from "./admission/admission.ts";
import type { BlobLimits, BlobStore } from "./blobs/blob-store.ts";
import type { LogLimits } from "./logs/log-store.ts";
import type { WakeUps } from "./service/wake-ups.ts";
import type { RelayStore } from "./store/relay-store.ts";

/** What one kind of store brings; codes are opened when they are needed. */
export interface Opened {
  readonly store: RelayStore;
  readonly blobs: BlobStore;
  readonly wakeUps: WakeUps;
  readonly openCodes: () => Admission & { close(): void };
}

/** Limits that stores are opened with, in bytes. */
export interface StoreSizes {
  readonly limits: LogLimits;
  readonly blobLimits: BlobLimits;
  /** Of the disk, to be left free. */
  readonly reserveBytes: number;
}
