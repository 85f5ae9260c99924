import { systemRandom } from "@stonechat/crypto/issuer";
import type { Log } from "@stonechat/serving";
import type { Clock } from "../clock.ts";
import type { ServiceFigures } from "../service/figures.ts";
import type { RelayStore } from "../store/relay-store.ts";
import { LineageKeeper } from "./lineage-keeper.ts";

/**
 * Begins a run of the store, and keeps its lineage until `stack` ends. Call it before clients are served.
 *
 * @returns What must be told, once it is there, where to see that something was stored.
 */
export async function keepLineage(
  store: RelayStore,
  ports: { readonly clock: Clock; readonly log: Log },
  stack: AsyncDisposableStack,
): Promise<(figures: ServiceFigures) => void> {
  let stored = (): number => 0;
  if (store.lineage !== undefined) {
    const parts = { ...ports, lineage: store.lineage, random: systemRandom(), stored: () => stored() };
    const keeper = await LineageKeeper.start(parts);
    stack.defer(() => keeper.stop());
  }
  return ({ counters }) => {
    stored = () => counters.get("appended") + counters.get("commits") + counters.get("poolTakes");
  };
}
