import type { DatabaseSync, StatementSync } from "node:sqlite";
import { MAX_BACKLOG } from "../operating/store-upkeep.ts";
import { entryCost, type ExpireOutcome } from "./log-store.ts";
import type { SqliteLogs } from "./sqlite-logs.ts";

/** Erases expired entries, the rest of destroyed logs, and epochs long over, in slices. Runs inside a transaction. */
export class SqliteExpiry {
  readonly #logs: SqliteLogs;
  readonly #selectExpired: StatementSync;
  readonly #deleteEntry: StatementSync;
  readonly #deleteEpochs: StatementSync;
  readonly #selectDoomed: StatementSync;
  readonly #deleteDoomedEntries: StatementSync;
  readonly #deleteDoomed: StatementSync;
  readonly #countExpired: StatementSync;

  constructor(db: DatabaseSync, logs: SqliteLogs) {
    this.#logs = logs;
    this.#selectExpired = db.prepare(
      "SELECT pk, log, length(body) AS length FROM entry WHERE expires_at <= ? ORDER BY expires_at LIMIT ?",
    );
    this.#deleteEntry = db.prepare("DELETE FROM entry WHERE pk = ?");
    this.#deleteEpochs = db.prepare(
      "DELETE FROM epoch WHERE (log, number) IN (SELECT log, number FROM epoch WHERE closed_until <= ? LIMIT ?)",
    );
    this.#selectDoomed = db.prepare("SELECT log FROM doomed LIMIT 1");
    this.#deleteDoomedEntries = db.prepare(
      "DELETE FROM entry WHERE pk IN (SELECT pk FROM entry WHERE log = ? LIMIT ?)",
    );
    this.#deleteDoomed = db.prepare("DELETE FROM doomed WHERE log = ?");
    this.#countExpired = db.prepare(
      `SELECT count(*) AS expired FROM (SELECT 1 FROM entry WHERE expires_at <= ? LIMIT ${String(MAX_BACKLOG)})`,
    );
  }

  expire(now: number, maxEntries: number): ExpireOutcome {
    let expired = this.#expireEntries(now, maxEntries);
    if (expired < maxEntries) expired += this.#eraseDoomed(maxEntries - expired);
    const epochs = Number(this.#deleteEpochs.run(now, maxEntries).changes);
    return { expired, more: expired >= maxEntries || epochs >= maxEntries };
  }

  /** How many entries expired and are still there; at most {@link MAX_BACKLOG} are counted. */
  backlog(now: number): number {
    return Number(this.#countExpired.get(now)?.["expired"]);
  }

  #expireEntries(now: number, maxEntries: number): number {
    const rows = this.#selectExpired.all(now, maxEntries);
    this.#logs.erased(rows.length);
    for (const row of rows) {
      this.#deleteEntry.run(Number(row["pk"]));
      this.#logs.released(Number(row["log"]), entryCost({ length: Number(row["length"]) }));
    }
    return rows.length;
  }

  #eraseDoomed(maxEntries: number): number {
    let erased = 0;
    while (erased < maxEntries) {
      const log = this.#selectDoomed.get()?.["log"];
      if (log === undefined) break;
      const { changes } = this.#deleteDoomedEntries.run(Number(log), maxEntries - erased);
      this.#logs.erased(Number(changes));
      if (changes === 0) this.#deleteDoomed.run(Number(log));
      erased += Math.max(1, Number(changes));
    }
    return erased;
  }
}
