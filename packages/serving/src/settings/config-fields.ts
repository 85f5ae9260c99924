import { ConfigError } from "./config-error.ts";

/** How one setting is read from text (environment, flag) or JSON. */
export interface Field<T> {
  readonly fallback: T;
  /** One line for OPERATING.md and for error messages. */
  readonly allowed: string;
  /** @throws {@link ConfigError}. */
  readonly parse: (value: unknown, name: string) => T;
}

/** What kind of value it is, in words; the value itself may be a secret put into the wrong line. */
function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (value === "") return "an empty text";
  if (typeof value === "string") return /^-?[0-9]+(\.[0-9]+)?$/.test(value) ? "this number" : "this text";
  if (typeof value === "number") return "this number";
  return typeof value === "boolean" ? "true or false" : "an object";
}

function field<T>(fallback: T, allowed: string, accept: (value: unknown) => T | undefined): Field<T> {
  return {
    fallback,
    allowed,
    parse(value, name) {
      const parsed = accept(value);
      if (parsed === undefined) throw new ConfigError(name, kindOf(value), `allowed: ${allowed}`);
      return parsed;
    },
  };
}

export function integer(fallback: number, min: number, max: number): Field<number> {
  return field(fallback, `a whole number from ${String(min)} to ${String(max)}`, (value) => {
    const number = typeof value === "string" && /^[0-9]{1,15}$/.test(value) ? Number(value) : value;
    return typeof number === "number" && Number.isInteger(number) && number >= min && number <= max
      ? number
      : undefined;
  });
}

export function flag(fallback: boolean): Field<boolean> {
  return field(fallback, "true or false", (value) => {
    if (value === true || value === "true") return true;
    return value === false || value === "false" ? false : undefined;
  });
}

export function oneOf<const T extends string>(fallback: T, values: readonly T[]): Field<T> {
  return field(fallback, values.join(" or "), (value) => values.find((one) => one === value));
}

/** Words for people, of one line. */
export function words(maxLength: number): Field<string | undefined> {
  return field<string | undefined>(undefined, `one line of at most ${String(maxLength)} letters`, (value) =>
    typeof value === "string" && value !== "" && value.length <= maxLength && !/\p{Cc}/u.test(value)
      ? value
      : undefined,
  );
}

export function path(): Field<string | undefined> {
  return field<string | undefined>(undefined, "the path of a folder", toPath);
}

export function filePath(): Field<string | undefined> {
  return field<string | undefined>(undefined, "the path of a file", toPath);
}

function toPath(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && !value.includes("\0") ? value : undefined;
}

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export function address(fallback: ListenAddress): Field<ListenAddress>;
export function address(fallback: undefined): Field<ListenAddress | undefined>;
export function address(fallback: ListenAddress | undefined): Field<ListenAddress | undefined> {
  return field(fallback, "HOST:PORT, for example 127.0.0.1:8080 or [::]:8080", (value) =>
    typeof value === "string" ? parseAddress(value) : undefined,
  );
}

function parseAddress(text: string): ListenAddress | undefined {
  const [, six, plain, digits = ""] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const host = six ?? plain;
  const port = Number(digits);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

/** An origin as a browser writes it: scheme and host, no path. */
export function origin(): Field<string | undefined> {
  return field<string | undefined>(undefined, "https://HOST or http://HOST:PORT, without a path", (value) =>
    typeof value === "string" && isOrigin(value) ? value : undefined,
  );
}

export function origins(): Field<readonly string[]> {
  return field<readonly string[]>([], "a list of https://HOST, without paths", (value) => {
    const list: unknown = typeof value === "string" ? value.split(",").map((item) => item.trim()) : value;
    return Array.isArray(list) && list.every((item): item is string => typeof item === "string" && isOrigin(item))
      ? list
      : undefined;
  });
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === "https:" || url.protocol === "http:") && url.origin === text;
}
