import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { StorageError, type BlockFile } from "../../packages/core/src/index.ts";
import { openVaultFolder } from "../../packages/cli/src/platform/vault-folder.ts";
import type { Relay } from "./relay.ts";
import type { Terminal } from "./terminal.ts";
import { until } from "./until.ts";

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

/** Reads from a terminal's database as it lies on disk, whoever has it open. Its profile must have no secret. */
export async function query(
  terminal: Terminal,
  sql: string,
): Promise<readonly Readonly<Record<string, SQLOutputValue>>[]> {
  const folder = mkdtempSync(join(tmpdir(), "sc-copy-"));
  try {
    const database = new DatabaseSync(await copyOfDatabase(terminal, folder));
    const rows = database.prepare(sql).all();
    database.close();
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Takes the database out of a copy of the vault. A copy that was taken in the middle of a write is taken again. */
async function copyOfDatabase(terminal: Terminal, folder: string): Promise<string> {
  return await until(`the vault of ${terminal.name} can be copied`, async () => {
    for (const name of ["vault.bin", "device"]) copyFileSync(join(terminal.home, name), join(folder, name));
    const opened = await openVaultFolder(folder, false);
    try {
      const { vault } = await opened.door.unlock("");
      if (vault === undefined) return undefined;
      const path = join(folder, DATABASE);
      writeFileSync(path, readWhole(await vault.files.open(DATABASE)));
      await vault.close();
      return path;
    } catch (error) {
      if (error instanceof StorageError) return undefined;
      throw error;
    } finally {
      opened.close();
    }
  });
}

/** Reads a file to its end, and closes it. */
export function readWhole(file: BlockFile): Uint8Array {
  const bytes = new Uint8Array(file.size());
  file.read(bytes, 0);
  file.close();
  return bytes;
}

/** Every key and token that a terminal holds now. */
export async function keysOf(terminal: Terminal): Promise<readonly Secret[]> {
  const secrets: Secret[] = [];
  for (const [table, column] of SECRET_COLUMNS) {
    for (const { value } of await query(terminal, `SELECT ${column} AS value FROM ${table}`)) {
      if (!(value instanceof Uint8Array)) continue;
      secrets.push({ what: `${table}.${column} of ${terminal.name}`, bytes: Buffer.from(value) });
    }
  }
  return secrets;
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

/** A secret in every encoding in which it is looked for. */
export function encodingsOf(bytes: Buffer): readonly (readonly [string, Buffer])[] {
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
