import type { StoreHealth, StoreKind } from "../store-upkeep.ts";
import type { PerSecond } from "./rates.ts";

/**
 * What a relay tells the person who runs it: sums over everybody, nothing of anybody. Times in milliseconds since 1970,
 * sizes in bytes. Printed by `relay status --json`: fields are added, never renamed or removed.
 */
export interface RelayStatus {
  readonly state: "serving" | "stopping";
  readonly versions: {
    readonly relay: string;
    readonly protocol: number;
    /** Of the data folder; 0 where the store keeps it elsewhere. */
    readonly format: number;
    readonly node: string;
  };
  readonly pid: number;
  readonly startedAt: number;
  readonly store: StoreKind;
  /** Exact from {@link CROWD} on; below it only says so, because few people are nearly one. */
  readonly connections: Crowd;
  readonly followedLogs: Crowd;
  readonly logs: number;
  readonly entries: number;
  readonly entryBytes: number;
  readonly blobs: number;
  readonly blobBytes: number;
  readonly perSecond: PerSecond;
  /** Undefined where the store does not tell. */
  readonly health: StoreHealth | undefined;
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number };
  readonly storageLow: boolean;
  readonly memoryBytes: number;
  /** What the process may use: the machine's memory, or a narrower limit. */
  readonly memoryAllowedBytes: number;
  /** About how much of {@link memoryBytes} is the index of what is kept; 0 where the store keeps none in memory. */
  readonly indexBytes: number;
  readonly lastBackupAt: number | undefined;
  /** Settings in force that limit what people may do. */
  readonly limits: Readonly<Record<string, string | number | boolean>>;
}

/** A number of people or of what follows from them. `few`: fewer than {@link CROWD}. */
export type Crowd = number | "few";

/** Below this a number of people tells too much of each of them. */
export const CROWD = 20;

export function crowd(count: number): Crowd {
  return count < CROWD ? "few" : count;
}
