import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Run, RunId } from "@stonechat/protocol";
import { KEPT_RUNS, nextMark } from "./lineage.ts";

/**
 * The lineage in the relay's database. The table is no part of the schema's version: a relay before it opens the same
 * folder, adds no runs, and leaves the table as it is.
 *
 * `begin` and `mark` must run inside the caller's transaction; `runs` outside.
 */
export class SqliteLineage {
  readonly #newest: StatementSync;
  readonly #insert: StatementSync;
  readonly #forget: StatementSync;
  readonly #update: StatementSync;
  readonly #select: StatementSync;

  constructor(db: DatabaseSync) {
    db.exec(
      "CREATE TABLE IF NOT EXISTS lineage (number INTEGER PRIMARY KEY, id BLOB NOT NULL, at INTEGER NOT NULL) STRICT",
    );
    this.#newest = db.prepare("SELECT number, id, at FROM lineage ORDER BY number DESC LIMIT 1");
    this.#insert = db.prepare("INSERT INTO lineage (number, id, at) VALUES (?, ?, ?)");
    this.#forget = db.prepare("DELETE FROM lineage WHERE number <= ?");
    this.#update = db.prepare("UPDATE lineage SET at = ? WHERE number = ?");
    this.#select = db.prepare("SELECT number, id, at FROM lineage ORDER BY number DESC LIMIT ?");
  }

  begin(id: RunId, now: number): Run {
    const newest = this.#newest.get();
    const run: Run = { number: newest === undefined ? 1 : toRun(newest).number + 1, id, at: now };
    this.#insert.run(run.number, run.id, run.at);
    this.#forget.run(run.number - KEPT_RUNS);
    return run;
  }

  mark(now: number): void {
    const newest = this.#newest.get();
    if (newest === undefined) return;
    const { number, at } = toRun(newest);
    this.#update.run(nextMark(at, now), number);
  }

  runs(limit: number): readonly Run[] {
    return this.#select.all(limit).map(toRun).reverse();
  }
}

/** The row was written by {@link SqliteLineage.begin}, so its id has the brand's length. */
function toRun(row: ReturnType<StatementSync["all"]>[number]): Run {
  return { number: Number(row["number"]), id: row["id"] as RunId, at: Number(row["at"]) };
}
