import { initCrypto } from "@stonechat/crypto/issuer";
import { systemClock } from "../../../packages/relay/src/clock.ts";
import { loadConfig } from "../../../packages/relay/src/config.ts";
import { takeDataFolder } from "../../../packages/relay/src/data-folder.ts";
import { openStores } from "../../../packages/relay/src/open-stores.ts";
import type { RelayStore } from "../../../packages/relay/src/store/relay-store.ts";

/** Which store: `usual` is the one of the relay's settings, in the environment too; else the setting's value. */
export type StoreKind = string;

const USUAL = "usual";
const QUOTA_MIB = "1000000";

/** Opens the stores of a relay's data folder as the relay does, but serves nobody. */
export async function openStore(
  kind: StoreKind,
  data: string,
): Promise<{ readonly store: RelayStore; readonly close: () => Promise<void> }> {
  await initCrypto();
  const flags = { data, logQuotaMib: QUOTA_MIB, admission: "open", ...(kind === USUAL ? {} : { store: kind }) };
  const config = loadConfig({ flags, env: process.env });
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
