import { equalSecrets } from "@stonechat/crypto/issuer";
import {
  MAX_POOL_SIZE,
  type AskPool,
  type PoolStore,
  type PutOutcome,
  type PutPool,
  type StatusOutcome,
  type TakeOutcome,
  type TakePool,
} from "../pools/pool-store.ts";
import { bytesOf, joined, numberOf, numbers, type Row } from "./columns.ts";
import { kindOfFailure } from "./postgres-errors.ts";
import type { PostgresLink } from "./postgres-link.ts";

const NOBODY = new Uint8Array(32);

const FIND =
  "SELECT pk, owner_hash, take_hash, last_resort IS NOT NULL AS has_last, last_resort_used, size FROM pool WHERE id = $1::bytea";

const INSERT = `
INSERT INTO key_package (pool, body)
SELECT target.pk, substr($1::bytea, ($2::int[])[n], ($3::int[])[n]) FROM target CROSS JOIN generate_series(1, $4::int) n ORDER BY n`;

const REFILL = `
WITH target AS (
  UPDATE pool SET take_hash = $5::bytea, size = size + $4::int,
    last_resort = coalesce($6::bytea, last_resort), last_resort_used = last_resort_used AND $6::bytea IS NULL
  WHERE pk = $7::bigint AND size + $4::int <= ${String(MAX_POOL_SIZE)} RETURNING pk
), packages AS (${INSERT})
SELECT pk FROM target`;

const MAKE = `
WITH target AS (
  INSERT INTO pool (id, owner_hash, take_hash, last_resort, last_resort_used, size)
  VALUES ($7::bytea, $8::bytea, $5::bytea, $6::bytea, false, $4::int)
  ON CONFLICT (id) DO NOTHING RETURNING pk
), packages AS (${INSERT})
SELECT pk FROM target`;

/** Each taker locks another KeyPackage, and only then the pool. */
const TAKE = `
WITH gone AS (
  DELETE FROM key_package WHERE pk = (
    SELECT pk FROM key_package WHERE pool = $1::bigint ORDER BY pk LIMIT 1 FOR UPDATE SKIP LOCKED
  ) RETURNING pool, body
), less AS (
  UPDATE pool SET size = size - 1 FROM gone WHERE pool.pk = gone.pool AND pool.pk = $1::bigint
)
SELECT body FROM gone`;

const TAKE_LAST = `
UPDATE pool SET last_resort_used = true WHERE pk = $1::bigint AND last_resort IS NOT NULL RETURNING last_resort`;

/**
 * Pools in PostgreSQL. A put or take whose answer was lost is not repeated, and its asker is left in doubt: no KeyPackage
 * is there twice, and none is used up that nobody asked for.
 */
export class PostgresPools implements PoolStore {
  readonly #link: PostgresLink;

  constructor(link: PostgresLink) {
    this.#link = link;
  }

  async put(what: PutPool): Promise<PutOutcome> {
    const known = await this.#find(what.poolId);
    try {
      if (known === undefined) return await this.#make(what);
      if (!equalSecrets(what.ownerHash, bytesOf(known["owner_hash"]))) return { type: "unknown" };
      const parameters = [...packageColumns(what), numberOf(known["pk"])];
      const refilled = await this.#link.once(({ ask }) => ask(REFILL, parameters));
      return refilled.length > 0 ? { type: "put", created: false } : { type: "full" };
    } catch (error) {
      if (kindOfFailure(error) === "full") return { type: "storage-full" };
      throw error;
    }
  }

  async take({ poolId, takeHash }: TakePool): Promise<TakeOutcome> {
    const pool = await this.#findWith(poolId, "take_hash", takeHash);
    if (pool === undefined) return { type: "unknown" };
    const pk = numberOf(pool["pk"]);
    const [taken] = await this.#link.once(({ ask }) => ask(TAKE, [pk]));
    if (taken !== undefined) return { type: "taken", keyPackage: bytesOf(taken["body"]), lastResort: false };
    const [last] = await this.#link.repeat(({ ask }) => ask(TAKE_LAST, [pk]));
    if (last === undefined) return { type: "empty" };
    return { type: "taken", keyPackage: bytesOf(last["last_resort"]), lastResort: true };
  }

  async status({ poolId, ownerHash }: AskPool): Promise<StatusOutcome> {
    const pool = await this.#findWith(poolId, "owner_hash", ownerHash);
    if (pool === undefined) return { type: "unknown" };
    return {
      type: "status",
      count: numberOf(pool["size"]),
      hasLastResort: pool["has_last"] === true,
      lastResortUsed: pool["last_resort_used"] === true,
    };
  }

  async #make(what: PutPool): Promise<PutOutcome> {
    if (!what.create) return { type: "unknown" };
    if (what.keyPackages.length > MAX_POOL_SIZE) return { type: "full" };
    const parameters = [...packageColumns(what), what.poolId, what.ownerHash];
    const made = await this.#link.once(({ ask }) => ask(MAKE, parameters));
    // Without a row somebody else made it meanwhile.
    return made.length > 0 ? { type: "put", created: true } : await this.put(what);
  }

  async #find(poolId: Uint8Array): Promise<Row | undefined> {
    const [row] = await this.#link.repeat(({ ask }) => ask(FIND, [poolId]));
    return row;
  }

  /** The pool, if the token is right. An absent one costs the same comparison. */
  async #findWith(poolId: Uint8Array, column: "owner_hash" | "take_hash", hash: Uint8Array): Promise<Row | undefined> {
    const row = await this.#find(poolId);
    const right = equalSecrets(hash, bytesOf(row?.[column] ?? NOBODY));
    return right ? row : undefined;
  }
}

/** $1 to $6 of both statements. */
function packageColumns({ keyPackages, takeHash, lastResort }: PutPool) {
  let offset = 1;
  const offsets = keyPackages.map(({ length }) => {
    const begin = offset;
    offset += length;
    return begin;
  });
  return [
    joined(keyPackages),
    numbers(offsets),
    numbers(keyPackages.map(({ length }) => length)),
    keyPackages.length,
    takeHash,
    lastResort ?? null,
  ];
}
