import { initCrypto } from "@stonechat/crypto";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect, test } from "vitest";
import {
  cheapStretch,
  imageOf,
  makeRealAndDecoy,
  REAL_PIN,
  SIZES,
  vaultWorld,
  whatOpens,
  WRONG_PIN,
  type VaultWorld,
} from "../../testing/vault-world.ts";
import type { VaultDoor } from "../open-vault.ts";
import { createVaultDoor } from "./vault-door.ts";

beforeAll(initCrypto);

type Send = () => Promise<Uint8Array | undefined>;

async function madeWorld(): Promise<VaultWorld> {
  const world = vaultWorld();
  await makeRealAndDecoy(world);
  return world;
}

/** The device's door, with somebody on the way: `meet` decides about each request, by its guard. */
function doorWith(world: VaultWorld, meet: (guard: number, send: Send) => Promise<Uint8Array | undefined>): VaultDoor {
  return createVaultDoor({
    files: world.disk,
    clock: world.clock,
    random: repeatableRandom("met"),
    stretch: cheapStretch,
    sizes: SIZES,
    guardTransport: {
      list: (url) => world.guards.transport.list(url),
      send: (to, body) =>
        meet(
          world.guards.guards.findIndex(({ id }) => id === to.id),
          () => world.guards.transport.send(to, body),
        ),
    },
  });
}

test("one that denies the record, beside a wrong PIN, does not make the device destroy its vault", async () => {
  const world = await madeWorld();
  world.guards.guard(0).lie = "denies record";
  expect(await whatOpens(world.door, WRONG_PIN)).toBe("wrong");
  world.guards.guard(0).lie = undefined;
  expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
});

test("once so many deny the record that nothing can open, an attempt overwrites what is on the device", async () => {
  const world = await madeWorld();
  const kept = world.guards.guards.map((guard) => guard.snapshot());
  const image = await imageOf(world.disk);
  await world.doorOf(await imageOf(world.disk)).wipe();
  expect(await whatOpens(world.door, REAL_PIN)).toBe("wrong");
  // Not even if the guards could remember what they destroyed.
  world.guards.guards.forEach((guard, at) => {
    const snapshot = kept[at];
    if (snapshot !== undefined) guard.restore(snapshot);
  });
  expect(await whatOpens(world.door, REAL_PIN)).toBe("wrong");
  expect(await whatOpens(world.doorOf(image), REAL_PIN)).toBe("real");
});

test.each([0, 1])("what a liar releases first is made up for by one that answers later (liar %i)", async (liar) => {
  const world = await madeWorld();
  const late = 2;
  const asked = [0, 0, 0];
  const others = Promise.withResolvers<undefined>();
  let waiting = 2;
  world.guards.guard(liar).lie = "wrong secret";
  const door = doorWith(world, async (guard, send) => {
    asked[guard] = (asked[guard] ?? 0) + 1;
    const isOpening = asked[guard] === 3; // hello, evaluate, open
    if (!isOpening) return send();
    if (guard === late) {
      await others.promise;
      for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
      return send();
    }
    const reply = await send();
    waiting -= 1;
    if (waiting === 0) others.resolve(undefined);
    return reply;
  });
  expect(await whatOpens(door, REAL_PIN)).toBe("real");
});

test("a burn says so only if guards that are enough say that they erased", async () => {
  const world = await madeWorld();
  let asked: number[] | undefined;
  const door = doorWith(world, async (guard, send) => {
    if (asked === undefined) return send();
    asked[guard] = (asked[guard] ?? 0) + 1;
    // status, prepare, and from then on nothing of two of three
    return asked[guard] > 2 && guard < 2 ? undefined : send();
  });
  const { vault } = await door.unlock(REAL_PIN);
  await vault?.settled();
  asked = [0, 0, 0];
  expect(await vault?.burn()).toBe("unreachable");
  asked = undefined;
  expect(await vault?.burn()).toBe("burned");
  await vault?.close();
  expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
});

test("a vault that does not know which of its records is on the disk renews no more, and opens again", async () => {
  const world = await madeWorld();
  const { vault } = await world.door.unlock(REAL_PIN);
  await vault?.settled();
  let writes = 0;
  world.disk.decide = ({ kind, file }) => {
    if (file !== "device" || kind !== "flush") return undefined;
    writes += 1;
    return "io";
  };
  await expect(vault?.burn()).rejects.toMatchObject({ code: "io" });
  expect(writes).toBe(1);
  world.disk.decide = () => undefined;
  const before = world.guards.guard(0).exchanges.length;
  await expect(vault?.burn()).rejects.toMatchObject({ code: "io" });
  await expect(vault?.changeSecret({ current: REAL_PIN, next: "739164" })).rejects.toMatchObject({ code: "io" });
  expect(
    world.guards
      .guard(0)
      .exchanges.slice(before)
      .filter(({ operation }) => operation.type === "prepare"),
  ).toEqual([]);
  await vault?.close();
  expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
});
