import { ConfigError } from "./config-error.ts";
import type { Field, ListenAddress } from "./config-fields.ts";

type Fields = Readonly<Record<string, Field<unknown>>>;
type Value<F> = F extends Field<infer T> ? T : never;

/** The values of a server's fields, of which `data`, the folder that it keeps all in, must be given. */
export type SettingsOf<F> = { readonly [K in Exclude<keyof F, "data">]: Value<F[K]> } & { readonly data: string };

/** Where settings come from. Later ones win: defaults, file, environment, flags. */
export interface ConfigSources {
  /** Text of the settings file, if there is one. */
  readonly file?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** By field name, for example `{ listen: "127.0.0.1:0" }`. */
  readonly flags?: Readonly<Record<string, string | boolean | number | undefined>>;
}

/** What a server's sources are called: `relay.json` and `STONECHAT_RELAY_`. */
export interface SettingsPlace {
  readonly file: string;
  readonly envPrefix: string;
}

/** The environment variable of a field: `logQuotaMib` is `STONECHAT_RELAY_LOG_QUOTA_MIB`. */
export function envNameOf(prefix: string, name: string): string {
  return prefix + name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** @throws {@link ConfigError} for the first setting that is wrong, unknown ones included. */
export function readSettings<const F extends Fields>(
  fields: F,
  { file: fileName, envPrefix }: SettingsPlace,
  { file, env = {}, flags = {} }: ConfigSources,
): SettingsOf<F> {
  const requireKnown = (name: string, shown: string): void => {
    if (!Object.hasOwn(fields, name)) throw new ConfigError(printable(shown), "this name", "there is no such setting");
  };
  const fromFile = file === undefined ? {} : parseFile(file, fileName);
  for (const name of Object.keys(fromFile)) requireKnown(name, `${fileName}: ${name}`);
  for (const name of Object.keys(flags)) requireKnown(name, `--${name}`);
  const known = new Set(Object.keys(fields).map((name) => envNameOf(envPrefix, name)));
  const strange = Object.keys(env).find((name) => name.startsWith(envPrefix) && !known.has(name));
  if (strange !== undefined) throw new ConfigError(printable(strange), "this name", "there is no such setting");

  const values = Object.entries(fields).map(([name, field]) => {
    const variable = envNameOf(envPrefix, name);
    const sources = [
      [flags[name], `--${name}`],
      [env[variable], variable],
      [fromFile[name], `${fileName}: ${name}`],
    ] as const;
    const found = sources.find(([value]) => value !== undefined);
    return [name, found === undefined ? field.fallback : field.parse(found[0], found[1])] as const;
  });
  const settings = Object.fromEntries(values) as SettingsOf<F>; // each field was parsed by its own rule above
  if ((settings.data as string | undefined) === undefined)
    throw new ConfigError("data", "nothing", "name the folder to keep data in");
  return settings;
}

function parseFile(text: string, fileName: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the file.
    throw new ConfigError(fileName, "this text", "allowed: one JSON object");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigError(fileName, "this value", "allowed: one JSON object");
  }
  return value as Readonly<Record<string, unknown>>; // an object with string keys, checked above
}

/** @throws {@link ConfigError} unless an address, if there is one, can be reached from this machine only. */
export function requireLoopback(name: string, address: ListenAddress | undefined): void {
  if (address === undefined) return;
  const { host } = address;
  if (host === "localhost" || host === "::1" || /^127(\.[0-9]{1,3}){3}$/.test(host)) return;
  throw new ConfigError(name, "this host", "allowed: a loopback address such as 127.0.0.1:9090");
}

function printable(text: string): string {
  return text.slice(0, 80).replace(/[^\x20-\x7e]/g, "?");
}
