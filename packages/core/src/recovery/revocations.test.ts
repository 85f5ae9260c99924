import { initCrypto } from "@stonechat/crypto";
import { ClientWorld, WORLD_URL } from "@stonechat/testkit/client-world";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect, test } from "vitest";
import type { RestoreView } from "../client-api.ts";
import { REAL_PIN, vaultWorld, type VaultWorld } from "../testing/vault-world.ts";
import { createRevokeRecord } from "./revoke-by-guards.ts";

beforeAll(initCrypto);

/** Ada's device in a vault with a PIN, then lost; what a restore from her kit says, and the clients' world. */
async function lostDevice(
  vaults: VaultWorld,
  reached: () => boolean,
): Promise<{ readonly view: RestoreView; readonly restart: () => Promise<void> }> {
  const world = new ClientWorld();
  const vault = await vaults.door.create({ mode: "pin", relayUrl: WORLD_URL, pin: REAL_PIN, kind: "destroy" });
  const ada = await world.open(vault.files, { vault });
  await world.until(ada.client.createAccount({ name: "Ada", relayUrl: WORLD_URL, deviceName: "lost" }));
  const kit = await world.until(ada.client.recoveryKit());
  await ada.client.close();
  await vault.close();
  const { transport } = vaults.guards;
  const guardTransport: typeof transport = {
    list: (url) => transport.list(url),
    send: (guard, body) => (reached() ? transport.send(guard, body) : Promise.resolve(undefined)),
  };
  const random = repeatableRandom("revoker");
  const revokeRecord = createRevokeRecord({ guardTransport, clock: world.clock, random });
  const again = await world.open(undefined, { revokeRecord });
  const view = await world.until(again.client.restoreFromKit({ kit: kit.qr, deviceName: "new" }));
  const restart = async (): Promise<void> => {
    await world.settle(again);
    await again.client.close();
    const { client } = await world.open(again.files, { revokeRecord });
    await world.until(client.settle(60_000));
  };
  return { view, restart };
}

test("after a restore the right PIN opens nothing on the lost device", async () => {
  const vaults = vaultWorld();
  const { view } = await lostDevice(vaults, () => true);
  expect(view).toMatchObject({ guardRecords: 3, guardRecordsRevoked: 3 });
  expect((await vaults.clock.runUntil(vaults.door.unlock(REAL_PIN))).result).toEqual({ type: "wrong" });
});

test("guards out of reach at the restore are asked again, and told to the user meanwhile", async () => {
  const vaults = vaultWorld();
  let reached = false;
  const { view, restart } = await lostDevice(vaults, () => reached);
  expect(view).toMatchObject({ guardRecords: 3, guardRecordsRevoked: 0 });
  reached = true;
  await restart();
  expect((await vaults.clock.runUntil(vaults.door.unlock(REAL_PIN))).result).toEqual({ type: "wrong" });
});
