import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { initCrypto } from "@stonechat/crypto/issuer";
import { systemClock, type Clock } from "../clock.ts";
import type { Admission } from "./admission.ts";
import { hashCode, hashTypedCode, newCode, requireTerms, type CodeTerms } from "./code-text.ts";

const DAY_MS = 24 * 3600 * 1000;

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
  requireTerms({ uses, days });
  await initCrypto();
  const code = newCode();
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
    admit: (code) => Promise.resolve(spend.run(hashTypedCode(code), clock.now()).changes === 1),
    refund: (code) => {
      giveBack.run(hashTypedCode(code));
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
