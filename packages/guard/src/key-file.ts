import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { KEM_PRIVATE_KEY_BYTES, kemKeyPairFromSeed, type KemKeyPair, type Random } from "@stonechat/crypto/guard";
import { parseHex, toHex, WireError } from "@stonechat/protocol";

/** A guard has no key that it could use. The message is for the operator. */
export class KeyFileError extends Error {
  override readonly name = "KeyFileError";
  readonly code: "missing" | "damaged";

  constructor(code: KeyFileError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** The files of a guard's data folder. */
export function guardFiles(folder: string): { readonly key: string; readonly store: string } {
  return { key: join(folder, "guard.key"), store: join(folder, "guard.sqlite") };
}

/**
 * The key that devices know a guard by, made at the first start. One line of hex that only its owner may read.
 *
 * @throws {@link KeyFileError} if it is gone though there are records: a new one would be of no use to any device.
 */
export function loadOrMakeKey(folder: string, random: Random): KemKeyPair {
  const { key, store } = guardFiles(folder);
  if (existsSync(key)) return loadKey(folder);
  if (existsSync(store)) throw new KeyFileError("missing", "guard.key is gone: put it back from where you keep a copy");
  writeWhole(key, `${toHex(random.bytes(KEM_PRIVATE_KEY_BYTES))}\n`);
  return loadKey(folder);
}

/** @throws {@link KeyFileError} if there is none, or none that can be used. */
export function loadKey(folder: string): KemKeyPair {
  const { key } = guardFiles(folder);
  if (!existsSync(key)) throw new KeyFileError("missing", "there is no guard.key: start the guard once");
  try {
    const seed = parseHex(readFileSync(key, "latin1").trimEnd());
    if (seed.length === KEM_PRIVATE_KEY_BYTES) return kemKeyPairFromSeed(seed);
  } catch (error) {
    // Falls through: what is wrong with it must not be quoted.
    if (!(error instanceof WireError)) throw error;
  }
  throw new KeyFileError("damaged", "guard.key is damaged: put it back from where you keep a copy");
}

/** The file is there as a whole and durably, or not at all. */
function writeWhole(path: string, text: string): void {
  const part = `${path}.part`;
  rmSync(part, { force: true });
  const file = openSync(part, "wx", 0o600);
  try {
    fchmodSync(file, 0o600);
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(part, path);
  syncFolder(dirname(path));
}

function syncFolder(folder: string): void {
  // Windows has no folders that can be opened; there the rename is durable by itself.
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
