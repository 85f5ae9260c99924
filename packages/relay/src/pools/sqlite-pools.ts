import type { DatabaseSync, StatementSync } from "node:sqlite";
import { equalSecrets } from "@stonechat/crypto/issuer";
import {
  MAX_POOL_SIZE,
  type AskPool,
  type PutOutcome,
  type PutPool,
  type StatusOutcome,
  type TakeOutcome,
  type TakePool,
} from "./pool-store.ts";

const NOBODY = new Uint8Array(32);

/** Pools in SQLite. `put` and `take` must run inside the caller's transaction; `status` outside. */
export class SqlitePools {
  readonly #select: StatementSync;
  readonly #count: StatementSync;
  readonly #insertPool: StatementSync;
  readonly #updateTake: StatementSync;
  readonly #insertPackage: StatementSync;
  readonly #replaceLast: StatementSync;
  readonly #oldest: StatementSync;
  readonly #remove: StatementSync;
  readonly #useLast: StatementSync;

  constructor(db: DatabaseSync) {
    this.#select = db.prepare("SELECT pk, owner_hash, take_hash, last_resort, last_resort_used FROM pool WHERE id = ?");
    this.#count = db.prepare("SELECT count(*) AS count FROM key_package WHERE pool = ?");
    this.#insertPool = db.prepare("INSERT INTO pool (id, owner_hash, take_hash, last_resort_used) VALUES (?, ?, ?, 0)");
    this.#updateTake = db.prepare("UPDATE pool SET take_hash = ? WHERE pk = ?");
    this.#insertPackage = db.prepare("INSERT INTO key_package (pool, body) VALUES (?, ?)");
    this.#replaceLast = db.prepare("UPDATE pool SET last_resort = ?, last_resort_used = 0 WHERE pk = ?");
    this.#oldest = db.prepare("SELECT pk, body FROM key_package WHERE pool = ? ORDER BY pk LIMIT 1");
    this.#remove = db.prepare("DELETE FROM key_package WHERE pk = ?");
    this.#useLast = db.prepare("UPDATE pool SET last_resort_used = 1 WHERE pk = ?");
  }

  put(what: PutPool): PutOutcome {
    const row = this.#select.get(what.poolId);
    const right = equalSecrets(what.ownerHash, blob(row?.["owner_hash"]) ?? NOBODY);
    if (row === undefined ? !what.create : !right) return { type: "unknown" };
    if (row !== undefined && this.#size(Number(row["pk"])) + what.keyPackages.length > MAX_POOL_SIZE)
      return { type: "full" };
    const pk =
      row === undefined
        ? Number(this.#insertPool.run(what.poolId, what.ownerHash, what.takeHash).lastInsertRowid)
        : Number(row["pk"]);
    if (row !== undefined) this.#updateTake.run(what.takeHash, pk);
    for (const body of what.keyPackages) this.#insertPackage.run(pk, body);
    if (what.lastResort !== undefined) this.#replaceLast.run(what.lastResort, pk);
    return { type: "put", created: row === undefined };
  }

  take(what: TakePool): TakeOutcome {
    const row = this.#select.get(what.poolId);
    const right = equalSecrets(what.takeHash, blob(row?.["take_hash"]) ?? NOBODY);
    if (row === undefined || !right) return { type: "unknown" };
    const pk = Number(row["pk"]);
    const oldest = this.#oldest.get(pk);
    const body = blob(oldest?.["body"]);
    if (oldest !== undefined && body !== undefined) {
      this.#remove.run(Number(oldest["pk"]));
      return { type: "taken", keyPackage: body, lastResort: false };
    }
    const lastResort = blob(row["last_resort"]);
    if (lastResort === undefined) return { type: "empty" };
    if (row["last_resort_used"] === 0) this.#useLast.run(pk);
    return { type: "taken", keyPackage: lastResort, lastResort: true };
  }

  status(what: AskPool): StatusOutcome {
    const row = this.#select.get(what.poolId);
    const right = equalSecrets(what.ownerHash, blob(row?.["owner_hash"]) ?? NOBODY);
    if (row === undefined || !right) return { type: "unknown" };
    return {
      type: "status",
      count: this.#size(Number(row["pk"])),
      hasLastResort: row["last_resort"] !== null,
      lastResortUsed: row["last_resort_used"] === 1,
    };
  }

  #size(pool: number): number {
    return Number(this.#count.get(pool)?.["count"]);
  }
}

function blob(value: unknown): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}
