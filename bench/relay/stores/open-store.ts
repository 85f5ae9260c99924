import { initCrypto } from "@stonechat/crypto/issuer";
import { systemClock } from "../../../packages/relay/src/clock.ts";
import { CONFIG_FIELDS, loadConfig } from "../../../packages/relay/src/config.ts";
import { takeDataFolder } from "../../../packages/relay/src/data-folder.ts";
import { openStores } from "../../../packages/relay/src/open-stores.ts";
import type { RelayStore } from "../../../packages/relay/src/store/relay-store.ts";

/** Which store: the one a relay has when nothing is set, or by its name in the setting `store`. */
export type StoreKind = string;

const USUAL = "usual";
const QUOTA_MIB = "1000000";

/** Whether relays can be told to use this store. */
export function hasStore(kind: StoreKind): boolean {
  return kind === USUAL || kind === "sqlite" || "store" in CONFIG_FIELDS;
}

/** Opens the stores of a relay's data folder as the relay does, but serves nobody. */
export async function openStore(
  kind: StoreKind,
  data: string,
): Promise<{ readonly store: RelayStore; readonly close: () => Promise<void> }> {
  await initCrypto();
  const config = loadConfig({ flags: { data, logQuotaMib: QUOTA_MIB, admission: "open", ...storeFlag(kind) } });
  const folder = takeDataFolder(data);
  const stack = new AsyncDisposableStack();
  const ports = { clock: systemClock, log: () => undefined, limits: {}, guards: undefined };
  const { store } = await openStores(config, ports, folder, stack);
  const close = async (): Promise<void> => {
    await stack.disposeAsync();
    folder.release();
  };
  return { store, close };
}

/** The setting that chooses the store, where there is one. */
export function storeFlag(kind: StoreKind): Readonly<Record<string, string>> {
  return kind === USUAL || !("store" in CONFIG_FIELDS) ? {} : { store: kind };
}
