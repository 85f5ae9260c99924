import type { RelayStore } from "../store/relay-store.ts";
import type { Operation, Outcome } from "../store/operations.ts";

/** Carries out one operation on a store. The types of outcomes are those of the ports, each with its tag. */
export async function perform(store: RelayStore, operation: Operation): Promise<Outcome> {
  switch (operation.type) {
    case "create":
      return store.create(operation);
    case "append":
      return store.append(operation);
    case "commit":
      return store.commit(operation);
    case "read":
      return store.read(operation);
    case "destroy":
      return store.destroy(operation);
    case "expire":
      return { type: "expired", ...(await store.expire(operation.now, operation.maxEntries)) };
    case "stats":
      return { type: "stats", ...(await store.stats()) };
    case "pool-put":
      return store.pools.put(operation);
    case "pool-take":
      return store.pools.take(operation);
    case "pool-status":
      return store.pools.status(operation);
    case "lineage-begin": {
      const run = await store.lineage?.begin(operation.id, operation.now);
      return run === undefined ? { type: "storage-full" } : { type: "runs", runs: [run] };
    }
    case "lineage-mark":
      await store.lineage?.mark(operation.now);
      return { type: "marked" };
    case "lineage-runs":
      return { type: "runs", runs: (await store.lineage?.runs(operation.limit)) ?? [] };
  }
}
