import { readFileSync } from "node:fs";
import { sha256 } from "@stonechat/crypto/issuer";
import {
  GUARD_KEY_BYTES,
  guardList,
  MAX_GUARDS,
  parseBase64Url,
  toHex,
  WireError,
  type GuardDescription,
} from "@stonechat/protocol";
import { ConfigError } from "@stonechat/serving";

/** Guards that a relay publishes, and where it passes requests on to, by id in lower-case hex. */
export interface PublishedGuards {
  /** Body of `GET /v1/guards`. */
  readonly list: Uint8Array;
  /** Origins. */
  readonly targets: ReadonlyMap<string, string>;
}

/** A list and, if it differs from what is published, the origin at which the relay itself reaches a guard. */
export interface GuardsInput {
  readonly threshold: number;
  readonly guards: readonly (GuardDescription & { readonly target?: string })[];
}

/** A relay without guards publishes an empty list. */
export const noGuards = (): PublishedGuards => publishGuards({ threshold: 0, guards: [] });

/** Reads the list of guards that the operator keeps. @throws ConfigError; the system's error if the file cannot be read. */
export function readGuardsFile(path: string): PublishedGuards {
  return publishGuards(parseGuardsFile(readFileSync(path, "utf8")));
}

/** @throws ConfigError for the first thing that is wrong. Values are not quoted. */
export function parseGuardsFile(text: string): GuardsInput {
  const { threshold, guards, ...rest } = asObject(parseJson(text), "this file");
  if (Object.keys(rest).length > 0 || typeof threshold !== "number" || !Array.isArray(guards))
    throw wrong("these fields", "allowed: threshold and guards");
  const parsed = guards.map(parseGuard);
  const count = parsed.length;
  if (count < 1 || count > MAX_GUARDS) throw wrong("this number of guards", `allowed: 1 to ${String(MAX_GUARDS)}`);
  // With 2t ≤ n, t guards could open the real vault after t others have opened the decoy.
  if (!Number.isInteger(threshold) || threshold > count || 2 * threshold <= count)
    throw wrong("this threshold", "allowed: more than half of the guards, and not more than there are");
  if (new Set(parsed.map(({ publicKey }) => toHex(publicKey))).size !== count)
    throw wrong("the same key twice", "allowed: guards with keys of their own");
  return { threshold, guards: parsed };
}

/** @throws ConfigError if the list is longer than clients take. */
export function publishGuards({ threshold, guards }: GuardsInput): PublishedGuards {
  const descriptions = guards.map(({ name, operator, url, publicKey }) => ({ name, operator, url, publicKey }));
  try {
    return {
      list: guardList.encode({ threshold, guards: descriptions }),
      targets: new Map(guards.map(({ publicKey, url, target }) => [toHex(sha256(publicKey)), target ?? url])),
    };
  } catch (error) {
    if (error instanceof RangeError)
      throw wrong("words of this length", "allowed: 64 bytes for a name, 128 for an operator");
    throw error;
  }
}

const GUARD_FIELDS = ["name", "operator", "url", "publicKey"] as const;

function parseGuard(value: unknown): GuardDescription {
  const fields = asObject(value, "this guard");
  const [name, operator, url, key] = GUARD_FIELDS.map((field) => fields[field]);
  const known = Object.keys(fields).length === GUARD_FIELDS.length;
  if (!known || typeof name !== "string" || typeof operator !== "string" || typeof key !== "string")
    throw wrong("this guard", "allowed: name, operator, url and publicKey");
  if (typeof url !== "string" || !isHttpOrigin(url))
    throw wrong("this url of a guard", "allowed: https://HOST or http://HOST:PORT, without a path");
  return { name, operator, url, publicKey: parseKey(key) };
}

function parseKey(text: string): Uint8Array {
  try {
    const key = parseBase64Url(text);
    if (key.length === GUARD_KEY_BYTES) return key;
  } catch (error) {
    // Falls through to the same refusal.
    if (!(error instanceof WireError)) throw error;
  }
  throw wrong("this publicKey", "allowed: what `stonechat guard describe` prints");
}

function isHttpOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === "https:" || url.protocol === "http:") && url.origin === text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the file.
    throw wrong("this text", "allowed: one JSON object");
  }
}

function asObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(what, "allowed: a JSON object");
  return value as Readonly<Record<string, unknown>>; // an object with string keys, checked here
}

function wrong(found: string, allowed: string): ConfigError {
  return new ConfigError("guards", found, allowed);
}
