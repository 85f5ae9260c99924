import type { LogStore } from "../../logs/log-store.ts";
import type { PoolStore } from "../../pools/pool-store.ts";
import type { Operation, Outcome } from "../../store/operations.ts";

/** What logs and pools can be asked. */
export type StoreOperation = Extract<
  Operation,
  {
    readonly type:
      | "create"
      | "append"
      | "commit"
      | "read"
      | "destroy"
      | "expire"
      | "stats"
      | "pool-put"
      | "pool-take"
      | "pool-status";
  }
>;

/** Asks a store, wherever it is, for one thing. Settles when the store answers; rejects when it gave up. */
export type Perform = (operation: StoreOperation) => Promise<Outcome>;

/** {@link Perform} on a store in this process. */
export function performOn(store: LogStore & { readonly pools: PoolStore }): Perform {
  return async (operation) => {
    switch (operation.type) {
      case "create":
        return await store.create(operation);
      case "append":
        return await store.append(operation);
      case "commit":
        return await store.commit(operation);
      case "read":
        return await store.read(operation);
      case "destroy":
        return await store.destroy(operation);
      case "expire":
        return { type: "expired", ...(await store.expire(operation.now, operation.maxEntries)) };
      case "stats":
        return { type: "stats", ...(await store.stats()) };
      case "pool-put":
        return await store.pools.put(operation);
      case "pool-take":
        return await store.pools.take(operation);
      case "pool-status":
        return await store.pools.status(operation);
    }
  };
}
