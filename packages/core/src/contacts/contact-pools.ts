import { parseRelayUrl, toHex, WireError, type ContentBody, type IdentityKey, type PoolId } from "@stonechat/protocol";
import type { CoreContext } from "../context.ts";
import { heldList, identityRow } from "../identity/identity-store.ts";
import type { Transaction } from "../vault/database.ts";
import { derivePoolSecrets, openKeyPackage } from "./pool-secrets.ts";

type Pools = Extract<ContentBody, { readonly type: "pools" }>["pools"];

/** Keeps where a contact's KeyPackages are to be had: only for devices that its list names. */
export function keepPools(tx: Transaction, identity: number, pools: Pools): void {
  const devices = new Set((heldList(tx, identity)?.list.devices ?? []).map(toHex));
  tx.run("DELETE FROM contact_pools WHERE identity = ?", identity);
  for (const { deviceKey, relayUrl, poolId, secret } of pools) {
    if (!devices.has(toHex(deviceKey)) || !isRelayUrl(relayUrl)) continue;
    tx.run(
      "INSERT INTO contact_pools (identity, device_key, relay_url, pool_id, secret) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      identity,
      deviceKey,
      relayUrl,
      poolId,
      secret,
    );
  }
}

/** Whether a contact named a relay as this client writes it. */
export function isRelayUrl(text: string): boolean {
  try {
    return parseRelayUrl(text) === text;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

/**
 * Takes one KeyPackage of each device of a contact. Devices without one are left out, and so are those whose pool lies
 * at another relay that cannot be reached now: what a contact names must not hold up a whole group.
 *
 * @throws RelayUnavailable
 */
export async function takeKeyPackages(core: CoreContext, key: IdentityKey): Promise<readonly Uint8Array[]> {
  const pools = await core.db.transaction((tx) =>
    tx.all<{ relay_url: string; pool_id: Uint8Array; secret: Uint8Array }>(
      "SELECT relay_url, pool_id, secret FROM contact_pools WHERE identity = ?",
      identityRow(tx, key),
    ),
  );
  const taken: Uint8Array[] = [];
  for (const { relay_url: relayUrl, pool_id, secret } of pools) {
    if (!core.transport.canReach(relayUrl)) continue;
    const poolId = pool_id as PoolId; // stored with the brand it came with
    const { takeToken, packageKey } = derivePoolSecrets(secret);
    const { link } = core.relays.at(relayUrl);
    if (relayUrl !== core.account().relayUrl && link.state !== "online") continue;
    const reply = await link.request({ type: "pool-take", poolId, takeToken }, "taken");
    const keyPackage = reply.type === "taken" ? openKeyPackage(packageKey, poolId, reply.keyPackage) : undefined;
    if (keyPackage !== undefined) taken.push(keyPackage);
  }
  return taken;
}
