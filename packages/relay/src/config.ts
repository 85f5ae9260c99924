import { ConfigError } from "./config-error.ts";
import { address, flag, integer, oneOf, origin, origins, path, type Field } from "./config-fields.ts";

/** Every setting of the relay. docs/OPERATING.md explains each; a test holds the two together. */
export const CONFIG_FIELDS = {
  data: path(),
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
  maxConnections: integer(20_000, 1, 1_000_000),
  maxConnectionsPerPrefix: integer(2000, 1, 1_000_000),
  connectionsPerSecondPerPrefix: integer(50, 1, 1_000_000),
  metricsListen: address(undefined),
  trustedProxy: flag(false),
  webDir: path(),
} as const;

type FieldName = keyof typeof CONFIG_FIELDS;
type Value<F> = F extends Field<infer T> ? T : never;
/** What the relay runs with. Sizes in MiB and times in days, as their names say. */
export type RelayConfig = { readonly [K in Exclude<FieldName, "data">]: Value<(typeof CONFIG_FIELDS)[K]> } & {
  readonly data: string;
};

/** Where settings come from. Later ones win: defaults, file, environment, flags. */
export interface ConfigSources {
  /** Text of `relay.json`, if there is one. */
  readonly file?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** By field name, for example `{ listen: "127.0.0.1:0" }`. */
  readonly flags?: Readonly<Record<string, string | boolean | number | undefined>>;
}

const ENV_PREFIX = "STONECHAT_RELAY_";

/** The environment variable of a field: `logQuotaMib` is `STONECHAT_RELAY_LOG_QUOTA_MIB`. */
export function envName(name: string): string {
  return ENV_PREFIX + name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** @throws {@link ConfigError} for the first setting that is wrong, unknown ones included. */
export function loadConfig({ file, env = {}, flags = {} }: ConfigSources): RelayConfig {
  const fromFile = file === undefined ? {} : parseFile(file);
  for (const name of Object.keys(fromFile)) requireKnown(name, `relay.json: ${name}`);
  for (const name of Object.keys(flags)) requireKnown(name, `--${name}`);
  const known = new Set(Object.keys(CONFIG_FIELDS).map(envName));
  const strange = Object.keys(env).find((name) => name.startsWith(ENV_PREFIX) && !known.has(name));
  if (strange !== undefined) throw new ConfigError(printable(strange), "this name", "there is no such setting");

  const values = Object.entries(CONFIG_FIELDS).map(([name, field]: [string, Field<unknown>]) => {
    const sources = [
      [flags[name], `--${name}`],
      [env[envName(name)], envName(name)],
      [fromFile[name], `relay.json: ${name}`],
    ] as const;
    const found = sources.find(([value]) => value !== undefined);
    return [name, found === undefined ? field.fallback : field.parse(found[0], found[1])] as const;
  });
  const config = Object.fromEntries(values) as RelayConfig; // each field was parsed by its own rule above
  if ((config.data as string | undefined) === undefined)
    throw new ConfigError("data", "nothing", "name the folder to keep data in");
  requireLoopback(config);
  return config;
}

function parseFile(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the file.
    throw new ConfigError("relay.json", "this text", "allowed: one JSON object");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigError("relay.json", "this value", "allowed: one JSON object");
  }
  return value as Readonly<Record<string, unknown>>; // an object with string keys, checked above
}

function requireKnown(name: string, shown: string): void {
  if (!Object.hasOwn(CONFIG_FIELDS, name))
    throw new ConfigError(printable(shown), "this name", "there is no such setting");
}

function requireLoopback({ metricsListen }: RelayConfig): void {
  if (metricsListen === undefined) return;
  const { host } = metricsListen;
  if (host === "localhost" || host === "::1" || /^127(\.[0-9]{1,3}){3}$/.test(host)) return;
  throw new ConfigError("metricsListen", "this host", "allowed: a loopback address such as 127.0.0.1:9090");
}

function printable(text: string): string {
  return text.slice(0, 80).replace(/[^\x20-\x7e]/g, "?");
}
