import {
  address,
  ConfigError,
  envNameOf,
  filePath,
  flag,
  integer,
  oneOf,
  origin,
  origins,
  path,
  readSettings,
  requireLoopback,
  type ConfigSources,
  type SettingsOf,
} from "@stonechat/serving";
import { S3_FIELDS, s3PlaceOf } from "./blobs/s3-settings.ts";
import { natsServers } from "./nats/nats-url.ts";
import { postgresServers } from "./postgres/postgres-url.ts";

/** Every setting of the relay. docs/OPERATING.md explains each; a test holds the two together. */
export const CONFIG_FIELDS = {
  data: path(),
  store: oneOf("segments", ["segments", "sqlite", "postgres"]),
  postgres: postgresServers(),
  nats: natsServers(),
  blobFolder: path(),
  ...S3_FIELDS,
  listen: address({ host: "127.0.0.1", port: 8080 }),
  publicUrl: origin(),
  origins: origins(),
  admission: oneOf("code", ["open", "code"]),
  retentionDays: integer(30, 1, 3650),
  commitRetentionDays: integer(90, 90, 3650),
  logQuotaMib: integer(256, 1, 1_048_576),
  blobMaxMib: integer(2048, 1, 65_536),
  blobTotalMib: integer(51_200, 1, 1_073_741_824),
  blobRetentionDays: integer(30, 1, 3650),
  reserveMib: integer(64, 1, 1_048_576),
  fronts: integer(1, 1, 64),
  maxConnections: integer(20_000, 1, 1_000_000),
  maxConnectionsPerPrefix: integer(2000, 1, 1_000_000),
  connectionsPerSecondPerPrefix: integer(50, 1, 1_000_000),
  maxFollowedLogs: integer(1_000_000, 1, 1_000_000_000),
  appendKibPerSecond: integer(4096, 1, 1_073_741_824),
  appendKibPerSecondPerLog: integer(4096, 1, 1_073_741_824),
  appendKibPerSecondPerPrefix: integer(65_536, 1, 1_073_741_824),
  blobMibPerDayPerPrefix: integer(20_480, 1, 1_073_741_824),
  metricsListen: address(undefined),
  trustedProxy: flag(false),
  webDir: path(),
  guards: filePath(),
  guardRequestsPerSecondPerPrefix: integer(50, 1, 1_000_000),
} as const;

/** What the relay runs with. Sizes in MiB and times in days, as their names say. */
export type RelayConfig = SettingsOf<typeof CONFIG_FIELDS>;

const PLACE = { file: "relay.json", envPrefix: "STONECHAT_RELAY_" } as const;

/** The environment variable of a field: `logQuotaMib` is `STONECHAT_RELAY_LOG_QUOTA_MIB`. */
export function envName(name: string): string {
  return envNameOf(PLACE.envPrefix, name);
}

/** @throws ConfigError for the first setting that is wrong, unknown ones included. */
export function loadConfig(sources: ConfigSources): RelayConfig {
  const config = readSettings(CONFIG_FIELDS, PLACE, sources);
  requireLoopback("metricsListen", config.metricsListen);
  const bucket = s3PlaceOf(config);
  if (config.store === "postgres") requireShared(config);
  else if (config.blobFolder !== undefined || bucket !== undefined)
    throw new ConfigError(
      "store",
      config.store,
      "blobFolder and s3Url are for store postgres: others keep files in the data folder",
    );
  return config;
}

/** Relays over one database share its work as they are: none of them needs processes of its own besides. */
function requireShared({ postgres, fronts }: RelayConfig): void {
  if (postgres === undefined)
    throw new ConfigError("postgres", "nothing", "name the database that store postgres needs");
  if (fronts !== 1) throw new ConfigError("fronts", "more than 1", "with store postgres start further relays instead");
}
