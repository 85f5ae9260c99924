import type { DatabaseSync } from "node:sqlite";
import { SqliteLineage } from "../lineage/sqlite-lineage.ts";
import type { LogLimits } from "../logs/log-store.ts";
import { SqliteExpiry } from "../logs/sqlite-expiry.ts";
import { SqliteLogReader } from "../logs/sqlite-log-reader.ts";
import { SqliteLogs } from "../logs/sqlite-logs.ts";
import { SqlitePools } from "../pools/sqlite-pools.ts";
import type { Operation, Outcome } from "./operations.ts";
import { BUSY_TIMEOUT_MS } from "./database.ts";
import { isDiskFull } from "./sqlite-errors.ts";

/** Refusals of what would need room. */
const FULL: Outcome = { type: "storage-full" };

/**
 * Runs batches against SQLite: all that writes in one transaction, then all that reads, outside it. So a batch costs one
 * sync, and whatever is read is durable. A full disk refuses the batch's additions and keeps its deletions.
 */
export class StoreEngine {
  /** Set by the owner: too little room on the disk to accept more. */
  storageLow = false;
  /** The last slice of expiry left something for the next one. */
  moreToErase = false;
  /** Body bytes stored since the last checkpoint. */
  writtenSinceCheckpoint = 0;
  #erased = false;
  #syncMs: number | undefined;
  readonly #db: DatabaseSync;
  readonly #logs: SqliteLogs;
  readonly #reader: SqliteLogReader;
  readonly #expiry: SqliteExpiry;
  readonly #pools: SqlitePools;
  readonly #lineage: SqliteLineage;

  constructor(db: DatabaseSync, limits: LogLimits) {
    this.#db = db;
    this.#logs = new SqliteLogs(db, limits);
    this.#reader = new SqliteLogReader(db);
    this.#expiry = new SqliteExpiry(db, this.#logs);
    this.#pools = new SqlitePools(db);
    this.#lineage = new SqliteLineage(db);
  }

  /** @throws on any failure of storage but a full disk: then nothing that was written since can be trusted. */
  run(operations: readonly Operation[]): readonly Outcome[] {
    const outcomes = new Array<Outcome>(operations.length).fill(FULL);
    if (operations.some((operation) => kindOf(operation) !== "reads")) {
      const stored = this.#transact(operations, outcomes, (operation) => kindOf(operation) !== "reads");
      if (!stored) {
        outcomes.fill(FULL);
        if (!this.#transact(operations, outcomes, (operation) => kindOf(operation) === "removes")) outcomes.fill(FULL);
      }
    }
    for (const [i, operation] of operations.entries()) {
      if (kindOf(operation) === "reads") outcomes[i] = this.#read(operation);
    }
    return outcomes;
  }

  /** Whether anything was erased since the last call, so that the write-ahead log still holds it. */
  takeErased(): boolean {
    const erased = this.#erased;
    this.#erased = false;
    return erased;
  }

  /** How long the last sync took, in milliseconds; undefined if there was none since the last call. */
  takeSyncMs(): number | undefined {
    const took = this.#syncMs;
    this.#syncMs = undefined;
    return took;
  }

  setLimits(limits: LogLimits): void {
    this.#logs.setLimits(limits);
  }

  /** What waits to be done, as {@link StoreHealth} says it. */
  health(now: number): { readonly expiryBacklog: number; readonly checkpointLagBytes: number } {
    return { expiryBacklog: this.#expiry.backlog(now), checkpointLagBytes: this.writtenSinceCheckpoint };
  }

  /** Copies the write-ahead log back; `TRUNCATE` also empties it. @returns whether all of it was done. */
  checkpoint(mode: "PASSIVE" | "TRUNCATE"): boolean {
    try {
      this.writtenSinceCheckpoint = 0;
      // Somebody may be reading, as a backup does: then the rest is for next time, and nobody waits.
      this.#db.exec("PRAGMA busy_timeout=0");
      return this.#db.prepare(`PRAGMA wal_checkpoint(${mode})`).get()?.["busy"] === 0;
    } catch (error) {
      if (isDiskFull(error)) return false;
      throw error;
    } finally {
      this.#db.exec(`PRAGMA busy_timeout=${String(BUSY_TIMEOUT_MS)}`);
    }
  }

  /** @returns false when the disk is full; then nothing was changed, though a commit may already be durable. */
  #transact(operations: readonly Operation[], outcomes: Outcome[], chosen: (operation: Operation) => boolean): boolean {
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      for (const [i, operation] of operations.entries()) {
        if (chosen(operation))
          outcomes[i] = this.storageLow && kindOf(operation) === "adds" ? FULL : this.#write(operation);
      }
      this.#logs.flush();
      const began = performance.now();
      this.#db.exec("COMMIT");
      this.#syncMs = performance.now() - began;
      return true;
    } catch (error) {
      this.#logs.forget();
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      if (isDiskFull(error)) return false;
      throw error;
    }
  }

  #write(operation: Operation): Outcome {
    switch (operation.type) {
      case "create":
        return this.#logs.create(operation);
      case "append":
        this.writtenSinceCheckpoint += operation.body.length;
        return this.#logs.append(operation);
      case "commit":
        this.writtenSinceCheckpoint += operation.body.length;
        return this.#logs.commit(operation);
      case "destroy": {
        const outcome = this.#logs.destroy(operation);
        if (outcome.type === "destroyed") this.moreToErase = true;
        return outcome;
      }
      case "expire": {
        const outcome = this.#expiry.expire(operation.now, operation.maxEntries);
        this.moreToErase = outcome.more;
        if (outcome.expired > 0) this.#erased = true;
        return { type: "expired", ...outcome };
      }
      case "pool-put":
        return this.#pools.put(operation);
      case "pool-take": {
        const outcome = this.#pools.take(operation);
        if (outcome.type === "taken" && !outcome.lastResort) this.#erased = true;
        return outcome;
      }
      case "lineage-begin":
        return { type: "runs", runs: [this.#lineage.begin(operation.id, operation.now)] };
      case "lineage-mark":
        this.#lineage.mark(operation.now);
        return { type: "marked" };
      case "read":
      case "stats":
      case "pool-status":
      case "lineage-runs":
        throw new RangeError("not a write");
    }
  }

  #read(operation: Operation): Outcome {
    switch (operation.type) {
      case "read":
        return this.#reader.read(operation);
      case "stats":
        return { type: "stats", ...this.#logs.stats() };
      case "pool-status":
        return this.#pools.status(operation);
      case "lineage-runs":
        return { type: "runs", runs: this.#lineage.runs(operation.limit) };
      case "create":
      case "append":
      case "commit":
      case "destroy":
      case "expire":
      case "pool-put":
      case "pool-take":
      case "lineage-begin":
      case "lineage-mark":
        throw new RangeError("not a read");
    }
  }
}

function kindOf(operation: Operation): "adds" | "removes" | "reads" {
  switch (operation.type) {
    case "create":
    case "append":
    case "commit":
    case "pool-put":
      return "adds";
    case "destroy":
    case "expire":
    case "pool-take":
    case "lineage-begin": // some bytes, and a relay whose disk is full must still be able to open
    case "lineage-mark":
      return "removes";
    case "read":
    case "stats":
    case "pool-status":
    case "lineage-runs":
      return "reads";
  }
}
