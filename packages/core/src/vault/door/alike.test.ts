import { guardTagHash, initCrypto } from "@stonechat/crypto";
import { toHex, type GuardOperation } from "@stonechat/protocol";
import type { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, describe, expect, test } from "vitest";
import {
  cheapStretch,
  DECOY_PIN,
  imageOf,
  makeRealAndDecoy,
  pinVault,
  REAL_PIN,
  saveWorld,
  SIZES,
  vaultWorld,
  whatOpens,
  WRONG_PIN,
  writeNote,
  type VaultWorld,
} from "../../testing/vault-world.ts";
import { HEAD_BYTES, LINE_BYTES, parseLockArea } from "../lock/lock-area.ts";
import { createVaultDoor } from "./vault-door.ts";

beforeAll(initCrypto);

/** What somebody sees who watches the network and the disk's writes, of one attempt. */
interface Seen {
  readonly opened: string;
  readonly requests: readonly string[];
  readonly writes: readonly string[];
  readonly sizes: readonly string[];
}

async function watch(world: VaultWorld, disk: MemoryBlockFiles, pin: string): Promise<Seen> {
  const requests: string[] = [];
  const writes: string[] = [];
  disk.decide = ({ kind, file }) => {
    writes.push(`${kind} ${file}`);
    return undefined;
  };
  const door = createVaultDoor({
    files: disk,
    clock: world.clock,
    random: repeatableRandom("watched"),
    stretch: cheapStretch,
    sizes: SIZES,
    guardTransport: {
      list: (url) => world.guards.transport.list(url),
      async send(guard, body) {
        const reply = await world.guards.transport.send(guard, body);
        requests.push(`${guard.id.slice(0, 4)}: ${String(body.length)} → ${String(reply?.length)}`);
        return reply;
      },
    },
  });
  const note = await whatOpens(door, pin);
  const names = await disk.list();
  const sizes = names.map((name) => `${name} ${String(disk.contents(name).length)}`);
  return { opened: note, requests: requests.toSorted(), writes, sizes };
}

async function lonely(): Promise<VaultWorld> {
  const world = vaultWorld();
  const vault = await world.door.create(pinVault());
  await writeNote(vault, "lonely");
  await vault.close();
  return world;
}

async function concealed(): Promise<VaultWorld> {
  const world = vaultWorld();
  const outer = await world.door.create(pinVault("conceal"));
  await writeNote(outer, "outer");
  await outer.addHidden(DECOY_PIN);
  await outer.close();
  const { vault } = await world.door.unlock(DECOY_PIN);
  if (vault === undefined) throw new Error("hidden does not open");
  await writeNote(vault, "hidden");
  await vault.close();
  return world;
}

describe("what can be seen from outside", () => {
  test("requests, writes and sizes are the same for real vault, decoy, and the vault of who has no other", async () => {
    const world = vaultWorld();
    await makeRealAndDecoy(world);
    const saved = saveWorld(world);
    const real = await watch(world, await saved.begin(), REAL_PIN);
    const decoy = await watch(world, await saved.begin(), DECOY_PIN);
    const alone = await lonely();
    const only = await watch(alone, await imageOf(alone.disk), REAL_PIN);
    expect([real.opened, decoy.opened, only.opened]).toEqual(["real", "decoy", "lonely"]);
    for (const other of [decoy, only]) {
      expect(other.requests).toEqual(real.requests);
      expect(other.writes).toEqual(real.writes);
      expect(other.sizes).toEqual(real.sizes);
    }
  });

  test("they are the same for outer and hidden vault", async () => {
    const world = await concealed();
    const saved = saveWorld(world);
    const outer = await watch(world, await saved.begin(), REAL_PIN);
    const hidden = await watch(world, await saved.begin(), DECOY_PIN);
    expect([outer.opened, hidden.opened]).toEqual(["outer", "hidden"]);
    expect([hidden.requests, hidden.writes, hidden.sizes]).toEqual([outer.requests, outer.writes, outer.sizes]);
  });

  test("they are the same for a wrong PIN, a destroyed vault, a used-up record and one that no guard knows", async () => {
    const world = vaultWorld();
    await makeRealAndDecoy(world);
    const saved = saveWorld(world);
    const wrong = await watch(world, await saved.begin(), WRONG_PIN);

    const destroyed = await saved.begin();
    await whatOpens(world.doorOf(destroyed), DECOY_PIN);
    const afterDuress = await watch(world, destroyed, REAL_PIN);

    const wiped = await saved.begin();
    await world.doorOf(await imageOf(wiped)).wipe();
    const unknown = await watch(world, wiped, REAL_PIN);
    for (const other of [afterDuress, unknown]) {
      expect(other.opened).toBe("wrong");
      expect([other.requests, other.sizes]).toEqual([wrong.requests, wrong.sizes]);
      expect(other.writes).toEqual(wrong.writes);
    }
  });

  test("every unlock changes all lines and all heads, whoever unlocks", async () => {
    const two = vaultWorld();
    await makeRealAndDecoy(two);
    const one = await lonely();
    for (const [world, pin] of [
      [two, REAL_PIN],
      [two, DECOY_PIN],
      [one, REAL_PIN],
    ] as const) {
      const area = (): readonly string[] => {
        const bytes = world.disk.contents("vault.bin");
        return [0, 1].flatMap((copy) => {
          const { lines, heads } = parseLockArea(bytes.subarray(copy * SIZES.headerBytes));
          return [...lines, ...heads].map(toHex);
        });
      };
      const before = area();
      await whatOpens(world.door, pin);
      const after = area();
      expect(after).toHaveLength(16);
      for (const piece of after) expect(before).not.toContain(piece);
      expect(new Set(after.map(({ length }) => length / 2))).toEqual(new Set([LINE_BYTES, HEAD_BYTES]));
    }
  });

  test("both files have one size, with one vault, two, guards or none", async () => {
    const sizes = new Set<string>();
    const sizesOf = async (world: VaultWorld): Promise<void> => {
      const names = await world.disk.list();
      sizes.add(names.map((name) => `${name} ${String(world.disk.contents(name).length)}`).join());
    };
    const two = vaultWorld();
    await makeRealAndDecoy(two);
    await sizesOf(two);
    await sizesOf(await lonely());
    await sizesOf(await concealed());
    const none = vaultWorld();
    await (await none.door.create({ mode: "none", relayUrl: "https://relay.example" })).close();
    await sizesOf(none);
    expect([...sizes]).toHaveLength(1);
  });
});

test("a guard that keeps everything sees no value twice, and matches at all places, for real vault and decoy", async () => {
  const ROUNDS = 12;
  const world = vaultWorld();
  await makeRealAndDecoy(world);
  const guard = world.guards.guard(0);
  guard.exchanges.length = 0;
  for (const pin of [REAL_PIN, DECOY_PIN]) {
    const places = new Set<number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const entries = guard.records()[0]?.current.entries ?? [];
      const first = guard.exchanges.length;
      await whatOpens(world.door, pin);
      const opening = guard.exchanges.slice(first).find(({ operation }) => operation.type === "open")?.operation;
      if (opening?.type !== "open") throw new Error("nothing was opened");
      places.add(entries.findIndex(({ tagHash, pad }) => toHex(guardTagHash(opening.tag, pad)) === toHex(tagHash)));
    }
    expect(places).not.toContain(-1);
    expect(places.size).toBeGreaterThan(2);
  }
  const values = guard.exchanges.flatMap(({ operation }) => valuesOf(operation));
  expect(new Set(values).size).toBe(values.length);
  expect(values.length).toBeGreaterThan(ROUNDS * 2 * 12);
}, 60_000);

test.each(["destroy", "conceal"] as const)(
  "a vault beside the one that was used last blames nobody for its user's slips (%s)",
  async (kind) => {
    const world = vaultWorld();
    const first = await world.door.create(pinVault(kind));
    await (kind === "destroy" ? first.setDuressPin(DECOY_PIN) : first.addHidden(DECOY_PIN));
    await first.close();
    for (const pin of [WRONG_PIN, WRONG_PIN, REAL_PIN]) await whatOpens(world.door, pin);
    const { vault } = await world.door.unlock(DECOY_PIN);
    expect(vault?.view().foreignGuesses).toBe(0);
    await vault?.close();
  },
);

/** Everything of a request that came from the device and is longer than a number. Tags of `prepare` are those of `open`. */
function valuesOf(operation: GuardOperation): readonly string[] {
  switch (operation.type) {
    case "evaluate":
      return [toHex(operation.blindedElement)];
    case "open":
      return [toHex(operation.tag), toHex(operation.ticket)];
    case "prepare":
      return operation.entries.flatMap(({ tagHash, material, pad }) => [tagHash, material, pad].map(toHex));
    case "hello":
    case "register":
    case "status":
    case "finalize":
    case "wipe":
    case "revoke":
      return [];
  }
}
