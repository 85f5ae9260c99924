import {
  address,
  envNameOf,
  flag,
  integer,
  origin,
  path,
  readSettings,
  requireLoopback,
  words,
  type ConfigSources,
  type SettingsOf,
} from "@stonechat/serving";

/** Every setting of a guard. docs/OPERATING.md explains each; a test holds the two together. */
export const GUARD_FIELDS = {
  data: path(),
  listen: address({ host: "127.0.0.1", port: 8090 }),
  publicUrl: origin(),
  name: words(32),
  operator: words(64),
  maxRecords: integer(1_000_000, 1, 1_000_000_000),
  registrationsPerDay: integer(10_000, 1, 1_000_000_000),
  registrationsPerDayPerPrefix: integer(1000, 1, 1_000_000_000),
  requestsPerSecondPerPrefix: integer(200, 1, 1_000_000),
  metricsListen: address(undefined),
  trustedProxy: flag(false),
} as const;

/** What a guard runs with. */
export type GuardConfig = SettingsOf<typeof GUARD_FIELDS>;

const PLACE = { file: "guard.json", envPrefix: "STONECHAT_GUARD_" } as const;

/** The environment variable of a field: `maxRecords` is `STONECHAT_GUARD_MAX_RECORDS`. */
export function guardEnvName(name: string): string {
  return envNameOf(PLACE.envPrefix, name);
}

/** @throws ConfigError for the first setting that is wrong, unknown ones included. */
export function loadGuardConfig(sources: ConfigSources): GuardConfig {
  const config = readSettings(GUARD_FIELDS, PLACE, sources);
  requireLoopback("metricsListen", config.metricsListen);
  return config;
}
