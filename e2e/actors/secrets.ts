import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import type { Relay } from "./relay.ts";
import type { Terminal } from "./terminal.ts";

/** Something that the relay must never hold, and what to call it when it is found. */
export interface Secret {
  readonly what: string;
  readonly bytes: Buffer;
}

const DATABASE = "stonechat.db";
/** Columns that hold what opens something, or says who somebody is. */
const SECRET_COLUMNS = [
  ["identities", "key"],
  ["contact_pools", "secret"],
  ["contact_pools", "device_key"],
  ["invites", "secret"],
  ["invites", "kem_private_key"],
  ["invites", "read_token"],
  ["invites", "owner_token"],
  ["conversations", "read_token"],
  ["conversations", "append_token"],
  ["conversations", "entry_key"],
] as const;
/** A bare short word could be there by chance. */
const MIN_BYTES = 6;

/** Reads from a terminal's database as it lies on disk, whoever has it open. */
export function query(terminal: Terminal, sql: string): readonly Readonly<Record<string, SQLOutputValue>>[] {
  const folder = mkdtempSync(join(tmpdir(), "sc-copy-"));
  try {
    for (const ending of ["", "-wal"]) {
      const file = join(terminal.home, "store", `${DATABASE}${ending}`);
      if (existsSync(file)) copyFileSync(file, join(folder, `${DATABASE}${ending}`));
    }
    const database = new DatabaseSync(join(folder, DATABASE));
    const rows = database.prepare(sql).all();
    database.close();
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every key and token that a terminal holds now. */
export function keysOf(terminal: Terminal): readonly Secret[] {
  return SECRET_COLUMNS.flatMap(([table, column]) =>
    query(terminal, `SELECT ${column} AS value FROM ${table}`).flatMap(({ value }) =>
      value instanceof Uint8Array
        ? [{ what: `${table}.${column} of ${terminal.name}`, bytes: Buffer.from(value) }]
        : [],
    ),
  );
}

/** Names, texts and the like. */
export function wordsOf(words: readonly string[]): readonly Secret[] {
  return words.map((word) => ({ what: `the words "${word}"`, bytes: Buffer.from(word) }));
}

/** Where the relay's data folder or log holds any of the secrets, raw or as hex, base64, base64url or UTF-16. */
export function findSecrets(relay: Relay, secrets: readonly Secret[]): readonly string[] {
  const places = [...relay.files(), { name: "the log", bytes: Buffer.from(relay.output) }];
  const found = secrets.flatMap(({ what, bytes }) =>
    encodingsOf(bytes).flatMap(([encoding, needle]) =>
      places.filter((place) => place.bytes.includes(needle)).map(({ name }) => `${what} (${encoding}) in ${name}`),
    ),
  );
  return [...new Set(found)];
}

function encodingsOf(bytes: Buffer): readonly (readonly [string, Buffer])[] {
  if (bytes.length < MIN_BYTES) throw new RangeError("too short to be looked for");
  // Base64 depends on where the bytes begin within three, so their middle is looked for in each of the three ways.
  const shifted = [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    return whole.slice(Math.ceil((shift * 4) / 3), Math.floor(((shift + bytes.length) * 8) / 6) - 1);
  });
  return [
    ["raw", bytes],
    ["hex", Buffer.from(bytes.toString("hex"))],
    ["HEX", Buffer.from(bytes.toString("hex").toUpperCase())],
    ["UTF-16", Buffer.from(bytes.toString("utf8"), "utf16le")],
    ...shifted.map((text) => ["base64", Buffer.from(text)] as const),
    ...shifted.map((text) => ["base64url", Buffer.from(text.replaceAll("+", "-").replaceAll("/", "_"))] as const),
  ];
}
