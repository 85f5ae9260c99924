import type { Operation, Outcome } from "../store/operations.ts";
import type { Lineage } from "./lineage.ts";

/** A lineage that lies with a store elsewhere, on another thread or in another process, which `ask` asks. */
export function askLineage(ask: (operation: Operation) => Promise<Outcome>): Lineage {
  return {
    begin: async (id, now) => {
      const outcome = await ask({ type: "lineage-begin", id, now });
      return outcome.type === "runs" ? outcome.runs[0] : undefined;
    },
    mark: async (now) => {
      await ask({ type: "lineage-mark", now });
    },
    runs: async (limit) => {
      const outcome = await ask({ type: "lineage-runs", limit });
      return outcome.type === "runs" ? outcome.runs : [];
    },
  };
}
