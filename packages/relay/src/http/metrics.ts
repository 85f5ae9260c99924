import type { BlobStats } from "../blobs/blob-store.ts";
import type { LogStats } from "../logs/log-store.ts";
import { COUNTERS, type CounterName } from "../service/counters.ts";
import { crowd, type RelayStatus } from "../operating/status/relay-status.ts";
import type { ServiceFigures } from "../service/figures.ts";

/** What the metrics are made of. */
export interface MetricsSource {
  readonly service: ServiceFigures;
  readonly logStats: LogStats;
  readonly blobStats: BlobStats;
  readonly storageLow: boolean;
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly status: RelayStatus;
}

/** The metrics in the text format of Prometheus: sums over everybody, no labels. */
export function renderMetrics({
  service,
  logStats,
  blobStats,
  storageLow,
  heapBytes,
  rssBytes,
  status,
}: MetricsSource): string {
  const names = Object.keys(COUNTERS) as CounterName[]; // the keys of a constant
  const counters = names.map((name) =>
    metric(`${snake(name)}_total`, "counter", COUNTERS[name], service.counters.get(name)),
  );
  return [
    ...counters,
    people("open_connections", "Connections now.", service.connectionCount),
    people("followed_logs", "Logs somebody is subscribed to.", service.subscribedLogs),
    metric("logs", "gauge", "Logs kept.", logStats.logs),
    metric("entries", "gauge", "Entries kept.", logStats.entries),
    metric("log_bytes", "gauge", "Bytes of entries kept.", logStats.bytes),
    metric("blobs", "gauge", "Blobs kept or announced.", blobStats.blobs),
    metric("blob_bytes", "gauge", "Bytes of these blobs.", blobStats.bytes),
    metric("storage_low", "gauge", "1 while additions are refused for want of disk.", storageLow ? 1 : 0),
    metric("heap_bytes", "gauge", "JavaScript heap in use.", heapBytes),
    metric("resident_bytes", "gauge", "Memory of the process.", rssBytes),
    ...statusMetrics(status),
  ].join("");
}

function statusMetrics({ disk, startedAt, lastBackupAt, health, versions }: RelayStatus): readonly string[] {
  const seconds = (ms: number): number => ms / 1000;
  return [
    metric("disk_free_bytes", "gauge", "Free on the data folder's disk.", disk.freeBytes),
    metric("start_time_seconds", "gauge", "When the process started serving.", seconds(startedAt)),
    metric("last_backup_time_seconds", "gauge", "When the last backup was taken; 0: none.", seconds(lastBackupAt ?? 0)),
    metric("data_format", "gauge", "Version of the layout of the data folder.", versions.format),
    ...(health === undefined
      ? []
      : [
          metric("sync_mean_seconds", "gauge", "A sync, mean of five minutes.", seconds(health.syncs.meanMs)),
          metric("sync_p99_seconds", "gauge", "A sync, 99 of 100 of five minutes.", seconds(health.syncs.p99Ms)),
          metric("sync_max_seconds", "gauge", "A sync, longest of five minutes.", seconds(health.syncs.maxMs)),
          metric("expiry_backlog", "gauge", "Entries that expired and are not erased yet.", health.expiryBacklog),
          metric("checkpoint_lag_bytes", "gauge", "Written since the last checkpoint.", health.checkpointLagBytes),
          metric("damaged_entries", "gauge", "Entries found unreadable.", health.damagedEntries),
        ]),
  ];
}

/** Absent while there are few: a series of them would tell when each of them is there. */
function people(name: string, help: string, count: number): string {
  return crowd(count) === "few" ? "" : metric(name, "gauge", help, count);
}

function metric(name: string, type: "counter" | "gauge", help: string, value: number): string {
  return `# HELP stonechat_relay_${name} ${help}\n# TYPE stonechat_relay_${name} ${type}\nstonechat_relay_${name} ${String(value)}\n`;
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
