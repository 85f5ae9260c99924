import { equalSecrets } from "@stonechat/crypto/issuer";
import type { TokenHash } from "@stonechat/protocol";
import { mapKey } from "../map-key.ts";
import { VolatileQueue, type Schedule } from "../store/volatile-queue.ts";
import {
  MAX_POOL_SIZE,
  type AskPool,
  type PoolStore,
  type PutOutcome,
  type PutPool,
  type StatusOutcome,
  type TakeOutcome,
  type TakePool,
} from "./pool-store.ts";

interface Pool {
  readonly ownerHash: TokenHash;
  takeHash: TokenHash;
  readonly keyPackages: Uint8Array[];
  lastResort: Uint8Array | undefined;
  lastResortUsed: boolean;
}

/** Pools in memory, for tests and the simulator, with the same simulated sync as the memory logs. */
export class MemoryPoolStore implements PoolStore {
  readonly #queue: VolatileQueue;
  readonly #pools = new Map<string, Pool>();

  constructor(schedule?: Schedule) {
    this.#queue = new VolatileQueue(schedule);
  }

  crash(synced: boolean): void {
    this.#queue.crash(synced);
  }

  /** A backup: another store with what is stored at this moment. */
  copy(): MemoryPoolStore {
    const copy = new MemoryPoolStore();
    for (const [id, pool] of this.#pools) copy.#pools.set(id, { ...pool, keyPackages: [...pool.keyPackages] });
    return copy;
  }

  put(what: PutPool): Promise<PutOutcome> {
    return this.#queue.ask(() => this.#put(what));
  }
  take(what: TakePool): Promise<TakeOutcome> {
    return this.#queue.ask(() => this.#take(what));
  }
  status(what: AskPool): Promise<StatusOutcome> {
    return this.#queue.ask(() => this.#status(what));
  }

  #put({ poolId, ownerHash, takeHash, keyPackages, lastResort, create }: PutPool): PutOutcome {
    const known = this.#pools.get(mapKey(poolId));
    if (known === undefined ? !create : !equalSecrets(known.ownerHash, ownerHash)) return { type: "unknown" };
    if (known !== undefined && known.keyPackages.length + keyPackages.length > MAX_POOL_SIZE) return { type: "full" };
    const pool = known ?? { ownerHash, takeHash, keyPackages: [], lastResort: undefined, lastResortUsed: false };
    this.#pools.set(mapKey(poolId), pool);
    pool.takeHash = takeHash;
    pool.keyPackages.push(...keyPackages);
    if (lastResort !== undefined) {
      pool.lastResort = lastResort;
      pool.lastResortUsed = false;
    }
    return { type: "put", created: known === undefined };
  }

  #take({ poolId, takeHash }: TakePool): TakeOutcome {
    const pool = this.#pools.get(mapKey(poolId));
    if (pool === undefined || !equalSecrets(pool.takeHash, takeHash)) return { type: "unknown" };
    const keyPackage = pool.keyPackages.shift();
    if (keyPackage !== undefined) return { type: "taken", keyPackage, lastResort: false };
    if (pool.lastResort === undefined) return { type: "empty" };
    pool.lastResortUsed = true;
    return { type: "taken", keyPackage: pool.lastResort, lastResort: true };
  }

  #status({ poolId, ownerHash }: AskPool): StatusOutcome {
    const pool = this.#pools.get(mapKey(poolId));
    if (pool === undefined || !equalSecrets(pool.ownerHash, ownerHash)) return { type: "unknown" };
    return {
      type: "status",
      count: pool.keyPackages.length,
      hasLastResort: pool.lastResort !== undefined,
      lastResortUsed: pool.lastResortUsed,
    };
  }
}
