import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { sha256, systemRandom, initCrypto } from "@stonechat/crypto/issuer";
import { systemClock, type Clock } from "../clock.ts";
import type { Admission } from "./admission.ts";

const CODE_BYTES = 16;
const GROUP_CHARS = 4;
const DAY_MS = 24 * 3600 * 1000;
/** Crockford's base32: no I, L, O or U, so that a code survives being read aloud. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** How often and how long a code admits. A use is one log, pool or blob made. */
export interface CodeTerms {
  readonly uses: number;
  readonly days: number;
}

/**
 * Makes an admission code in a relay's data folder, while the relay runs or not.
 *
 * @returns 128 random bits in groups of base32. Only its hash is kept: show it now, there is no second time.
 */
export async function createAdmissionCode(
  dataDir: string,
  { uses, days }: CodeTerms,
  clock: Clock = systemClock,
): Promise<string> {
  if (!(Number.isSafeInteger(uses) && uses > 0 && Number.isSafeInteger(days) && days > 0))
    throw new RangeError("uses and days are counts from 1");
  await initCrypto();
  const code = spell(systemRandom().bytes(CODE_BYTES));
  const db = openCodes(join(dataDir, "admission.sqlite"));
  try {
    db.prepare("INSERT INTO code (hash, uses_left, expires_at) VALUES (?, ?, ?)").run(
      hashCode(code),
      uses,
      clock.now() + days * DAY_MS,
    );
  } finally {
    db.close();
  }
  return code;
}

/** {@link Admission} by the codes in `path`. Close it when done. */
export function openAdmissionCodes(path: string, clock: Clock): Admission & { close(): void } {
  const db = openCodes(path);
  const spend = db.prepare(
    "UPDATE code SET uses_left = uses_left - 1 WHERE hash = ? AND uses_left > 0 AND expires_at > ?",
  );
  const giveBack = db.prepare("UPDATE code SET uses_left = uses_left + 1 WHERE hash = ?");
  return {
    kind: "code",
    admit: (code) => Promise.resolve(spend.run(hashBytes(code), clock.now()).changes === 1),
    refund: (code) => {
      giveBack.run(hashBytes(code));
      return Promise.resolve();
    },
    close: () => {
      db.close();
    },
  };
}

function openCodes(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5000 });
  db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON");
  db.exec(
    "CREATE TABLE IF NOT EXISTS code (hash BLOB PRIMARY KEY, uses_left INTEGER NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
  );
  return db;
}

/** As typed on the wire: text in any case, with or without the dashes and spaces. */
function hashBytes(code: Uint8Array): Uint8Array {
  return hashCode(Buffer.from(code).toString("latin1"));
}

function hashCode(code: string): Uint8Array {
  const plain = code.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  return sha256(new TextEncoder().encode(plain));
}

function spell(bytes: Uint8Array): string {
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  let text = "";
  for (let left = Math.ceil((bytes.length * 8) / 5); left > 0; left -= 1) {
    text = (ALPHABET[Number(bits & 31n)] ?? "") + text;
    bits >>= 5n;
  }
  return (text.match(new RegExp(`.{1,${String(GROUP_CHARS)}}`, "g")) ?? []).join("-");
}
