import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openVaultFolder } from "../../packages/cli/src/platform/vault-folder.ts";
import { containerPathIn, filesBelow } from "./disk.ts";
import { readWhole, type Secret } from "./secrets.ts";

const DATABASE = "stonechat.db";
const RECORD_BYTES = 32 * 1024;
const PIECE_BYTES = 24;
/** Fewer different bytes than that are a constant or a counter, no secret. */
const LEAST_VARIETY = 12;

/**
 * Opens the vault of a seized profile with its PIN, and gives pieces of every key, token, id and ciphertext of its
 * database, and every link. Spends what the profile is worth: nobody else can open it afterwards.
 */
export async function secretsInside(profile: string, pin: string, scratch: string): Promise<readonly Secret[]> {
  mkdirSync(scratch);
  try {
    copyFileSync(join(profile, containerPathIn(profile)), join(scratch, "vault.bin"));
    copyFileSync(join(profile, recordPathIn(profile)), join(scratch, "device"));
    const opened = await openVaultFolder(scratch, false);
    try {
      const { vault } = await opened.door.unlock(pin);
      if (vault === undefined) throw new RangeError("the PIN should open it");
      const path = join(scratch, DATABASE);
      writeFileSync(path, readWhole(await vault.files.open(DATABASE)));
      await vault.close();
      return valuesOf(path);
    } finally {
      opened.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The device record is the only file of its size that begins with a version and speaks of guards. */
function recordPathIn(profile: string): string {
  const found = filesBelow(profile).filter((path) => {
    if (path.endsWith("device")) return true;
    const bytes = readFileSync(join(profile, path));
    return bytes.length === RECORD_BYTES && bytes.includes("Alder");
  });
  const [path] = found;
  if (path === undefined || found.length > 1) throw new RangeError("there should be one device record");
  return path;
}

function valuesOf(path: string): readonly Secret[] {
  const database = new DatabaseSync(path);
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL").all();
  const secrets = tables.flatMap(({ name }) => {
    const table = String(name);
    if (table.startsWith("sqlite_")) return [];
    const rows = database.prepare(`SELECT * FROM "${table}"`).all();
    return rows.flatMap((row) =>
      Object.entries(row).flatMap(([column, value]) => piecesOf(`${table}.${column}`, value)),
    );
  });
  database.close();
  return secrets;
}

function piecesOf(what: string, value: unknown): readonly Secret[] {
  const bytes =
    value instanceof Uint8Array ? Buffer.from(value) : what === "invites.link" ? Buffer.from(String(value)) : undefined;
  if (bytes === undefined || bytes.length < LEAST_VARIETY) return [];
  // The middle and the end: what begins a value may be its type, or the relay's public address.
  const middle = Math.max(0, (bytes.length - PIECE_BYTES) >> 1);
  const pieces = [bytes.subarray(middle, middle + PIECE_BYTES), bytes.subarray(-PIECE_BYTES)];
  return pieces
    .filter((piece) => new Set(piece).size >= LEAST_VARIETY && !piece.includes("127.0.0.1"))
    .map((piece) => ({ what, bytes: piece }));
}
