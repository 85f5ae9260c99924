import { initCrypto } from "@stonechat/crypto";
import type { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, describe, expect, test } from "vitest";
import {
  cheapStretch,
  DECOY_PIN,
  makeRealAndDecoy,
  pinVault,
  REAL_PIN,
  saveWorld,
  SIZES,
  vaultWorld,
  whatOpens,
  writeNote,
  type SavedWorld,
  type VaultWorld,
} from "../../testing/vault-world.ts";
import type { OpenVault, VaultDoor } from "../open-vault.ts";
import { createVaultDoor } from "./vault-door.ts";

beforeAll(initCrypto);

const OTHER_PIN = "739164";

/** Where the process dies: at a change of the disk, or at a request, before or after the guard carries it out. */
interface Death {
  readonly at: "disk" | "request" | "reply";
  readonly number: number;
}

interface Trial {
  readonly disk: MemoryBlockFiles;
  readonly door: VaultDoor;
  /** From here on it can die. */
  readonly arm: () => void;
  /** The process died at last. */
  readonly died: () => boolean;
}

/** A door whose process dies at `death`: from then on nothing reaches the disk or a guard. */
function mortalDoor(world: VaultWorld, disk: MemoryBlockFiles, death: Death): Trial {
  let armed = false;
  let dead = false;
  let requests = 0;
  let writes = 0;
  disk.decide = () => {
    if (!armed) return undefined;
    if (death.at === "disk" && writes >= death.number) dead = true;
    writes += 1;
    return dead ? "power-cut" : undefined;
  };
  const { transport } = world.guards;
  const door = createVaultDoor({
    files: disk,
    clock: world.clock,
    random: repeatableRandom(`mortal ${death.at} ${String(death.number)}`),
    stretch: cheapStretch,
    sizes: SIZES,
    guardTransport: {
      list: (url) => transport.list(url),
      async send(guard, body) {
        const mine = armed ? requests : -1;
        if (armed) requests += 1;
        if (death.at === "request" && mine >= death.number) dead = true;
        if (dead) return undefined;
        const reply = await transport.send(guard, body);
        if (death.at === "reply" && mine >= death.number) dead = true;
        return dead ? undefined : reply;
      },
    },
  });
  const arm = (): void => {
    armed = true;
  };
  return { disk, door, arm, died: () => dead };
}

/** What becomes of what no flush covered, in turn: copies of one disk would all draw the same lot. */
const FATES = ["drop", "keep", "tear", "mixed"] as const;

/** Runs `action` once for every place where it can die, and `check` on what is left. Returns how often it died. */
async function dieEverywhere<T>(
  world: VaultWorld,
  saved: SavedWorld,
  begin: (door: VaultDoor) => Promise<T>,
  action: (begun: T) => Promise<unknown>,
  check: (door: VaultDoor, disk: MemoryBlockFiles) => Promise<void>,
): Promise<number> {
  let deaths = 0;
  for (const at of ["disk", "request", "reply"] as const) {
    for (let number = 0; ; number += 1) {
      const trial = mortalDoor(world, await saved.begin(), { at, number });
      // What a dying process throws nobody hears.
      const begun = await begin(trial.door);
      trial.arm();
      await action(begun).catch(() => undefined);
      const died = trial.died();
      trial.disk.crash(FATES[deaths % FATES.length]);
      await check(world.doorOf(trial.disk), trial.disk);
      if (!died) break;
      deaths += 1;
    }
  }
  return deaths;
}

const opened = async (door: VaultDoor, secret: string): Promise<OpenVault> => {
  const { vault } = await door.unlock(secret);
  if (vault === undefined) throw new Error("nothing opened");
  await vault.settled();
  return vault;
};

const itself = async (door: VaultDoor): Promise<VaultDoor> => Promise.resolve(door);

async function worldWithDecoy(): Promise<{ readonly world: VaultWorld; readonly saved: SavedWorld }> {
  const world = vaultWorld();
  await makeRealAndDecoy(world);
  return { world, saved: saveWorld(world) };
}

describe("killed at every write and every request", { timeout: 120_000 }, () => {
  test("of an unlock: the real vault opens, and after it the decoy", async () => {
    const { world, saved } = await worldWithDecoy();
    const deaths = await dieEverywhere(
      world,
      saved,
      itself,
      (door) => opened(door, REAL_PIN),
      async (door) => {
        expect(await whatOpens(door, REAL_PIN)).toBe("real");
        expect(await whatOpens(door, DECOY_PIN)).toBe("decoy");
      },
    );
    expect(deaths).toBeGreaterThan(30);
  });

  test("of an unlock of the decoy: one of the two opens, and the decoy always once the real one is gone", async () => {
    const { world, saved } = await worldWithDecoy();
    const seen = new Set<string>();
    await dieEverywhere(
      world,
      saved,
      itself,
      (door) => opened(door, DECOY_PIN),
      async (door) => {
        const decoy = await whatOpens(door, DECOY_PIN);
        expect(decoy).toBe("decoy");
        seen.add(await whatOpens(door, REAL_PIN));
      },
    );
    // Opened just now, it has destroyed the real one whatever came before.
    expect([...seen]).toEqual(["wrong"]);
  });

  test("of a burn: the vault opens with what was in it", async () => {
    const { world, saved } = await worldWithDecoy();
    await dieEverywhere(
      world,
      saved,
      (door) => opened(door, REAL_PIN),
      (vault) => vault.burn(),
      async (door) => {
        expect(await whatOpens(door, REAL_PIN)).toBe("real");
        expect(await whatOpens(door, DECOY_PIN)).toBe("decoy");
      },
    );
  });

  test("of a change of the PIN: the former or the new one opens, never none and never both", async () => {
    const { world, saved } = await worldWithDecoy();
    const seen = new Set<string>();
    await dieEverywhere(
      world,
      saved,
      (door) => opened(door, REAL_PIN),
      (vault) => vault.changeSecret({ current: REAL_PIN, next: OTHER_PIN }),
      async (door) => {
        const both = [await whatOpens(door, REAL_PIN), await whatOpens(door, OTHER_PIN)];
        expect(both.toSorted()).toEqual(["real", "wrong"]);
        seen.add(both.join(" "));
        expect(await whatOpens(door, DECOY_PIN)).toBe("decoy");
      },
    );
    expect([...seen].toSorted()).toEqual(["real wrong", "wrong real"]);
  });

  test("of making a duress PIN: the real vault opens, and the duress PIN opens nothing or an empty decoy", async () => {
    const world = vaultWorld();
    const real = await world.door.create(pinVault());
    await writeNote(real, "real");
    await real.close();
    const seen = new Set<string>();
    await dieEverywhere(
      world,
      saveWorld(world),
      (door) => opened(door, REAL_PIN),
      (vault) => vault.setDuressPin(DECOY_PIN),
      async (door) => {
        expect(await whatOpens(door, REAL_PIN)).toBe("real");
        const decoy = await whatOpens(door, DECOY_PIN);
        seen.add(decoy);
        expect(await whatOpens(door, REAL_PIN)).toBe(decoy === "" ? "wrong" : "real");
      },
    );
    expect([...seen].toSorted()).toEqual(["", "wrong"]);
  });

  test("of a wipe: once it has begun nothing opens, and the next start finishes it", async () => {
    const { world, saved } = await worldWithDecoy();
    const seen = new Set<string>();
    await dieEverywhere(
      world,
      saved,
      itself,
      (door) => door.wipe(),
      async (door, disk) => {
        const { type } = await door.status();
        seen.add(type);
        if (type === "absent") expect(await disk.list()).toEqual([]);
        else expect(await whatOpens(door, REAL_PIN)).toBe("real");
      },
    );
    expect([...seen].toSorted()).toEqual(["absent", "locked"]);
  });

  test("of making a vault: there is none, or it opens", async () => {
    const world = vaultWorld();
    const seen = new Set<string>();
    await dieEverywhere(
      world,
      saveWorld(world),
      itself,
      (door) => door.create(pinVault()),
      async (door) => {
        const { type } = await door.status();
        seen.add(type);
        if (type === "locked") expect(await whatOpens(door, REAL_PIN)).toBe("");
        else await (await door.create(pinVault())).close();
      },
    );
    expect([...seen].toSorted()).toEqual(["absent", "locked"]);
  });
});
