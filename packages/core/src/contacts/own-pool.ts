import { sha256 } from "@stonechat/crypto";
import type { ContentBody, PoolId, Token, TokenHash } from "@stonechat/protocol";
import { write, type CoreContext } from "../context.ts";
import { toDeviceKeys, type Account } from "../identity/account.ts";
import { isRemoved } from "../recovery/removed.ts";
import type { OwnKeyPackage } from "../mls/contract.ts";
import type { Transaction } from "../vault/database.ts";
import { derivePoolSecrets, sealKeyPackage } from "./pool-secrets.ts";

const FULL = 30;
const LOW = 10;
const LIFETIME_MS = 84 * 86_400_000;
const BACKDATE_MS = 86_400_000;
/** In the table `meta`, while {@link notePoolStale} holds. */
const STALE = "pool-stale";

/** Makes a KeyPackage and keeps its private part until it was used or has expired. */
export async function createKeyPackage(
  core: CoreContext,
  tx: Transaction,
  account: Account,
  use: "pool" | "last-resort" | "join",
): Promise<OwnKeyPackage> {
  const now = core.clock.now();
  const made = await core.mls.createKeyPackage(toDeviceKeys(account), {
    notBefore: now - BACKDATE_MS,
    notAfter: now + LIFETIME_MS,
  });
  tx.run(
    "INSERT INTO key_packages (ref, key_package, secret, not_after, use) VALUES (?, ?, ?, ?, ?)",
    made.ref,
    made.keyPackage,
    made.secret,
    made.notAfter,
    use,
  );
  return made;
}

/** Keeps this device's pool stocked. The last-resort package is replaced when it was used or grows old. @throws RelayUnavailable */
export async function fillPool(core: CoreContext): Promise<void> {
  if (await core.db.transaction((tx) => isRemoved(tx))) return;
  const account = core.account();
  const { link } = core.relays.at(account.relayUrl);
  const pool = { poolId: account.poolId as PoolId, ownerToken: account.poolOwnerToken as Token };
  const { takeToken, packageKey } = derivePoolSecrets(account.poolSecret);
  if (await isPoolStale(core)) await drainPool(core, pool, takeToken);
  const status = await link.request({ type: "pool-status", ...pool }, "pool-status");
  const stock = status.type === "pool-status" ? status : { count: 0, hasLastResort: false, lastResortUsed: false };
  const freshLastResort = stock.hasLastResort && !stock.lastResortUsed;
  if (stock.count >= LOW && freshLastResort) return;
  const { keyPackages, lastResort } = await write(core, async (tx) => {
    tx.run("DELETE FROM key_packages WHERE not_after < ?", core.clock.now());
    const make = async (use: "pool" | "last-resort"): Promise<Uint8Array> => {
      const { keyPackage } = await createKeyPackage(core, tx, account, use);
      return sealKeyPackage(packageKey, pool.poolId, keyPackage, core.random);
    };
    const made: Uint8Array[] = [];
    for (let i = stock.count; i < FULL; i += 1) made.push(await make("pool"));
    return { keyPackages: made, lastResort: freshLastResort ? undefined : await make("last-resort") };
  });
  const takeHash = sha256(takeToken) as TokenHash;
  await link.request(
    { type: "pool-put", ...pool, takeHash, keyPackages, lastResort, admission: account.admission },
    "done",
  );
}

/**
 * The relay was put back, and has KeyPackages again that it had given out: a Welcome for one of these opens nothing. The
 * next {@link fillPool} replaces them.
 */
export function notePoolStale(tx: Transaction): void {
  tx.run("INSERT INTO meta (name, value) VALUES (?, 1) ON CONFLICT (name) DO NOTHING", STALE);
}

function isPoolStale(core: CoreContext): Promise<boolean> {
  return core.db.transaction((tx) => tx.get("SELECT 1 AS one FROM meta WHERE name = ?", STALE) !== undefined);
}

/** Takes out what lies there. If the relay finds that too much at once, the rest goes with the next chores. */
async function drainPool(
  core: CoreContext,
  pool: { readonly poolId: PoolId; readonly ownerToken: Token },
  takeToken: Token,
): Promise<void> {
  const { link } = core.relays.at(core.account().relayUrl);
  const status = await link.request({ type: "pool-status", ...pool }, "pool-status");
  const { count } = status.type === "pool-status" ? status : { count: 0 };
  for (let i = 0; i < count; i += 1) {
    const reply = await link.request({ type: "pool-take", poolId: pool.poolId, takeToken }, "taken");
    if (reply.type === "error" && reply.code === "busy") return;
    if (reply.type === "error" || reply.lastResort) break;
  }
  await core.db.transaction((tx) => {
    tx.run("DELETE FROM meta WHERE name = ?", STALE);
  });
}

/** What contacts are told of this device's pool. */
export function describeOwnPool(account: Account): Extract<ContentBody, { readonly type: "pools" }> {
  const { deviceKey, relayUrl } = account;
  // Stored with the brand it was made with.
  return {
    type: "pools",
    pools: [{ deviceKey, relayUrl, poolId: account.poolId as PoolId, secret: account.poolSecret }],
  };
}
