import { statfs } from "node:fs/promises";
import { totalmem } from "node:os";
import { PROTOCOL_VERSION } from "@stonechat/protocol";
import type { BlobStore } from "../../blobs/blob-store.ts";
import type { Clock } from "../../clock.ts";
import type { RelayConfig } from "../../config.ts";
import type { ServiceFigures } from "../../service/figures.ts";
import type { RelayStore } from "../../store/relay-store.ts";
import { readLastBackup } from "../last-backup.ts";
import { indexMemory } from "../needs.ts";
import { LIVE_SETTINGS } from "../settings/live-settings.ts";
import { readRelayVersion } from "../versions.ts";
import { Rates, SAMPLE_MS } from "./rates.ts";
import { crowd, type RelayStatus } from "./relay-status.ts";

/** What a status is collected from. */
export interface StatusParts {
  /** The settings in force. */
  readonly config: () => RelayConfig;
  readonly figures: ServiceFigures;
  readonly store: RelayStore;
  readonly blobs: Pick<BlobStore, "stats">;
  readonly clock: Clock;
}

/** Collects the status of a running relay. Stop it when done. */
export class StatusCollector {
  readonly #parts: StatusParts;
  readonly #rates: Rates;
  readonly #timer: NodeJS.Timeout;
  readonly #startedAt: number;
  readonly #version = readRelayVersion();
  #stopping = false;

  constructor(parts: StatusParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
    this.#rates = new Rates(parts.figures.counters, performance.now());
    this.#timer = setInterval(() => {
      this.#rates.sample(performance.now());
    }, SAMPLE_MS);
    this.#timer.unref();
  }

  /** From now on the status says so. */
  stopping(): void {
    this.#stopping = true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** @throws StoreFailedError when storage failed. */
  async collect(): Promise<RelayStatus> {
    const { config: settings, figures, store, blobs, clock } = this.#parts;
    const config = settings();
    const [logs, health, disk, lastBackupAt] = await Promise.all([
      store.stats(),
      store.upkeep?.health(clock.now()),
      statfs(config.data),
      readLastBackup(config.data),
    ]);
    const files = blobs.stats();
    return {
      state: this.#stopping ? "stopping" : "serving",
      versions: {
        relay: this.#version,
        protocol: PROTOCOL_VERSION,
        format: store.upkeep?.format ?? 0,
        node: process.versions.node,
      },
      pid: process.pid,
      startedAt: this.#startedAt,
      store: store.upkeep?.kind ?? config.store,
      connections: crowd(figures.connectionCount),
      followedLogs: crowd(figures.subscribedLogs),
      ...{ logs: logs.logs, entries: logs.entries, entryBytes: logs.bytes },
      ...{ blobs: files.blobs, blobBytes: files.bytes },
      perSecond: this.#rates.perSecond(performance.now()),
      health,
      disk: { freeBytes: disk.bavail * disk.bsize, totalBytes: disk.blocks * disk.bsize },
      storageLow: store.storageLow,
      memoryBytes: process.memoryUsage().rss,
      memoryAllowedBytes: memoryAllowed(),
      indexBytes: (store.upkeep?.kind ?? config.store) === "segments" ? indexMemory(logs) : 0,
      lastBackupAt,
      limits: Object.fromEntries(LIVE_SETTINGS.map((name) => [name, config[name]])),
    };
  }
}

function memoryAllowed(): number {
  const limit = process.constrainedMemory();
  // 0, or some number near 2^64, when there is no limit.
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
