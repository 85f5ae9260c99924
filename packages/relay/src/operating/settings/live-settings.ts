import type { RelayConfig } from "../../config.ts";

/** Settings that take effect while the relay runs. All others wait for the next start. */
export const LIVE_SETTINGS = [
  "admission",
  "retentionDays",
  "commitRetentionDays",
  "logQuotaMib",
  "blobMaxMib",
  "blobTotalMib",
  "blobRetentionDays",
  "reserveMib",
  "maxConnections",
  "maxConnectionsPerPrefix",
  "connectionsPerSecondPerPrefix",
  "maxFollowedLogs",
  "appendKibPerSecond",
  "appendKibPerSecondPerLog",
  "appendKibPerSecondPerPrefix",
  "blobMibPerDayPerPrefix",
] as const satisfies readonly (keyof RelayConfig)[];

type LiveName = (typeof LIVE_SETTINGS)[number];

/** What reading the settings again has led to. Names of settings only: values may be secrets. */
export interface SettingsChange {
  /** The settings that now hold: the old ones, with what changed at once. */
  readonly config: RelayConfig;
  readonly changed: readonly LiveName[];
  /** Differ from those in force, and will take effect at the next start. */
  readonly atNextStart: readonly (keyof RelayConfig)[];
}

/** Compares the settings in force with those that were read. */
export function compareSettings(inForce: RelayConfig, read: RelayConfig): SettingsChange {
  const differs = (name: keyof RelayConfig): boolean => JSON.stringify(inForce[name]) !== JSON.stringify(read[name]);
  const changed = LIVE_SETTINGS.filter(differs);
  const names = Object.keys(read) as readonly (keyof RelayConfig)[]; // a configuration has its fields and no others
  const atNextStart = names.filter((name) => differs(name) && !isLive(name));
  return {
    config: { ...inForce, ...Object.fromEntries(changed.map((name) => [name, read[name]])) },
    changed,
    atNextStart,
  };
}

function isLive(name: keyof RelayConfig): boolean {
  return LIVE_SETTINGS.some((live) => live === name);
}
