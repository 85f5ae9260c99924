import { initCrypto } from "@stonechat/crypto";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import type { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { beforeAll, describe, expect, test } from "vitest";
import {
  cheapStretch,
  DECOY_PIN,
  imageOf,
  makeRealAndDecoy,
  pinVault,
  readNote,
  REAL_PIN,
  RELAY,
  SIZES,
  vaultWorld,
  whatOpens,
  WRONG_PIN,
  writeNote,
  type VaultWorld,
} from "../../testing/vault-world.ts";
import { createVaultDoor } from "./vault-door.ts";

beforeAll(initCrypto);

const HOURS = 3_600_000;
/** hello, evaluate, open: what an attempt sends before a renewal. */
const REQUESTS_OF_A_GUESS = 3;

async function madeWorld(shape: Parameters<typeof vaultWorld>[0] = {}): Promise<VaultWorld> {
  const world = vaultWorld(shape);
  await makeRealAndDecoy(world);
  return world;
}

let thieves = 0;
/** What a thief's own client opens with an image: it asks some of the guards only and never renews. */
async function thiefOpens(
  world: VaultWorld,
  image: MemoryBlockFiles,
  pin: string,
  only: readonly number[],
): Promise<string> {
  thieves += 1;
  const asked = new Map<string, number>();
  const allowed = new Set(only.map((at) => world.guards.guard(at).id));
  const door = createVaultDoor({
    files: await imageOf(image),
    clock: world.clock,
    random: repeatableRandom(`thief ${String(thieves)}`),
    stretch: cheapStretch,
    sizes: SIZES,
    guardTransport: {
      list: (url) => world.guards.transport.list(url),
      async send(guard, body) {
        const before = asked.get(guard.id) ?? 0;
        asked.set(guard.id, before + 1);
        if (!allowed.has(guard.id) || before >= REQUESTS_OF_A_GUESS) return undefined;
        return world.guards.transport.send(guard, body);
      },
    },
  });
  return whatOpens(door, pin);
}

const guessesLeft = (world: VaultWorld): (number | undefined)[] =>
  world.guards.guards.map((guard) => guard.records()[0]?.guessesLeft);

describe("a thief with an image and both PINs", () => {
  test("who opened the decoy at t guards and never renewed cannot open the real vault at any guards", async () => {
    const world = await madeWorld();
    expect(await thiefOpens(world, world.disk, DECOY_PIN, [0, 1])).toBe("decoy");
    for (const only of [
      [0, 1],
      [0, 2],
      [1, 2],
      [0, 1, 2],
    ])
      expect(await thiefOpens(world, world.disk, REAL_PIN, only)).not.toBe("real");
  });

  test.each([
    [3, 2, "real"],
    [4, 3, "wrong"],
  ] as const)(
    "with one guard of %i on his side, %i needed, opens after the decoy: %s",
    async (count, threshold, expected) => {
      const world = await madeWorld({ count, threshold });
      const own = world.guards.guard(0).snapshot();
      const first = Array.from({ length: threshold }, (_, at) => at);
      expect(await thiefOpens(world, world.disk, DECOY_PIN, first)).toBe("decoy");
      world.guards.guard(0).restore(own);
      const rest = [0, ...Array.from({ length: count }, (_, at) => at).slice(count - threshold + 1)];
      expect(await thiefOpens(world, world.disk, REAL_PIN, rest)).toBe(expected);
    },
  );

  test("an image from before a renewal opens nothing, nor does the former generation put into a newer image", async () => {
    const world = await madeWorld();
    const image = await imageOf(world.disk);
    expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
    expect(await whatOpens(world.doorOf(image), REAL_PIN)).toBe("wrong");
    expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
  });

  test("an image from before a burn opens nothing with the right PIN, at once or later", async () => {
    const world = await madeWorld();
    const image = await imageOf(world.disk);
    const { vault } = await world.door.unlock(REAL_PIN);
    expect(await vault?.burn()).toBe("burned");
    await vault?.close();
    expect(await whatOpens(world.doorOf(await imageOf(image)), REAL_PIN)).toBe("wrong");
    expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
    expect(await whatOpens(world.doorOf(image), REAL_PIN)).toBe("wrong");
  });

  test("ten wrong PINs end the record, and then the right one is wrong, on the device too", async () => {
    const world = await madeWorld();
    const thief = world.doorOf(await imageOf(world.disk));
    for (let guess = 0; guess < 11; guess += 1)
      expect(await whatOpens(thief, `39502${String(guess % 10)}`)).toBe("wrong");
    expect(guessesLeft(world)).toEqual([undefined, undefined, undefined]);
    const before = world.disk.contents("vault.bin");
    expect(await whatOpens(world.door, REAL_PIN)).toBe("wrong");
    expect(world.disk.contents("vault.bin")).not.toEqual(before);
    expect(await world.door.status()).toMatchObject({ type: "locked", mode: "pin" });
  });

  test("guesses that were made on a copy are told at the next unlock, own wrong ones are not", async () => {
    const world = await madeWorld();
    await whatOpens(world.door, REAL_PIN);
    expect(await whatOpens(world.door, WRONG_PIN)).toBe("wrong");
    const thief = world.doorOf(await imageOf(world.disk));
    for (const pin of ["395028", "395029", "395021"]) await whatOpens(thief, pin);
    const { vault } = await world.door.unlock(REAL_PIN);
    expect(vault?.view().foreignGuesses).toBe(3);
    await vault?.settled();
    await vault?.close();
    const again = await world.door.unlock(REAL_PIN);
    expect(again.vault?.view().foreignGuesses).toBe(0);
    await again.vault?.close();
  });

  test("opening gives the own guess back and one for each twelve hours, never all", async () => {
    const world = await madeWorld();
    for (let guess = 0; guess < 6; guess += 1) await whatOpens(world.door, `39502${String(guess)}`);
    await whatOpens(world.door, REAL_PIN);
    expect(guessesLeft(world)).toEqual([4, 4, 4]);
    world.clock.advance(25 * HOURS);
    await whatOpens(world.door, REAL_PIN);
    expect(guessesLeft(world)).toEqual([6, 6, 6]);
    world.clock.advance(1000 * HOURS);
    await whatOpens(world.door, REAL_PIN);
    expect(guessesLeft(world)).toEqual([10, 10, 10]);
  });
});

describe("guards that fail", () => {
  test("one away is borne, two are not and nothing is lost, and who was away is brought up to date", async () => {
    const world = await madeWorld();
    const [first, second, third] = world.guards.guards;
    if (first === undefined || second === undefined || third === undefined) throw new Error("no guards");
    third.down = true;
    expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
    second.down = true;
    const before = guessesLeft(world);
    expect((await world.door.unlock(REAL_PIN)).result).toEqual({ type: "unreachable", reached: 1, needed: 2 });
    expect(guessesLeft(world)).toEqual(before);
    second.down = false;
    third.down = false;
    expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
    first.down = true;
    expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
  });

  test("one that was away when the PIN changed is brought up to date with the former key", async () => {
    const world = await madeWorld();
    world.guards.guard(2).down = true;
    const { vault } = await world.door.unlock(REAL_PIN);
    await vault?.changeSecret({ current: REAL_PIN, next: "739164" });
    await vault?.close();
    world.guards.guard(2).down = false;
    expect(await whatOpens(world.door, "739164")).toBe("real");
    world.guards.guard(0).down = true;
    expect(await whatOpens(world.door, "739164")).toBe("real");
  });

  test.each(["wrong evaluation", "wrong secret", "denies match", "denies record", "garbage"] as const)(
    "one whose lie is %s is borne, and two are no wrong PIN that costs the vault",
    async (lie) => {
      const world = await madeWorld();
      world.guards.guard(0).lie = lie;
      expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
      world.guards.guard(0).lie = undefined;
      expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
    },
  );

  test("two with a wrong evaluation are as good as away", async () => {
    const world = await madeWorld();
    world.guards.guard(0).lie = "wrong evaluation";
    world.guards.guard(1).lie = "wrong evaluation";
    expect((await world.door.unlock(REAL_PIN)).result.type).toBe("unreachable");
  });

  test("one that was rolled back is brought up to date again", async () => {
    const world = await madeWorld();
    const old = world.guards.guard(0).snapshot();
    await whatOpens(world.door, REAL_PIN);
    await whatOpens(world.door, REAL_PIN);
    world.guards.guard(0).restore(old);
    expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
    world.guards.guard(1).down = true;
    expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
  });

  test("one that never answers delays an unlock by no more than the grace", async () => {
    const world = await madeWorld();
    world.guards.guard(1).slow = Promise.race<void>([]);
    const start = world.clock.now();
    const { result, vault } = await world.clock.runUntil(world.door.unlock(REAL_PIN));
    expect(result.type).toBe("opened");
    expect(world.clock.now() - start).toBeLessThanOrEqual(1000);
    await world.clock.runUntil(vault?.settled() ?? Promise.resolve());
    await vault?.close();
  });

  test("lost requests and replies of any step cost no guess and no vault", async () => {
    const world = await madeWorld();
    await whatOpens(world.door, REAL_PIN);
    for (let nth = 1; nth <= 6; nth += 1) {
      for (const guard of world.guards.guards) guard.loseReply(nth);
      expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
      for (const guard of world.guards.guards) guard.loseRequest(nth);
      expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
    }
    expect(guessesLeft(world)).toEqual([10, 10, 10]);
  });

  test("a burn without enough guards changes nothing, and a later one does", async () => {
    const world = await madeWorld();
    const { vault } = await world.door.unlock(REAL_PIN);
    await vault?.settled();
    world.guards.guard(0).down = true;
    world.guards.guard(1).down = true;
    expect(await vault?.burn()).toBe("unreachable");
    expect(vault?.view().burntAt).toBeUndefined();
    world.guards.guard(0).down = false;
    world.guards.guard(1).down = false;
    expect(await vault?.burn()).toBe("burned");
    await vault?.close();
    expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
  });
});

describe("what is refused", () => {
  test("a PIN vault without guards, with guards that say no, and with too few for the threshold", async () => {
    const world = vaultWorld();
    world.guards.listed = false;
    await expect(world.door.create(pinVault())).rejects.toMatchObject({ code: "guards-unreachable" });
    world.guards.listed = true;
    world.guards.guard(1).down = true;
    await expect(world.door.create(pinVault())).rejects.toMatchObject({ code: "guards-unreachable" });
    expect(await world.door.status()).toEqual({ type: "absent" });
    const split = vaultWorld({ count: 4, threshold: 2 });
    await expect(split.door.create(pinVault())).rejects.toMatchObject({ code: "guards-refused" });
  });

  test("common PINs, short passphrases, a second vault, and a full disk", async () => {
    const world = vaultWorld();
    await expect(
      world.door.create({ mode: "pin", relayUrl: RELAY, pin: "123456", kind: "destroy" }),
    ).rejects.toMatchObject({
      code: "bad-secret",
    });
    await expect(
      world.door.create({ mode: "passphrase", relayUrl: RELAY, passphrase: "too few words" }),
    ).rejects.toMatchObject({ code: "bad-secret" });
    world.disk.capacity = 100_000;
    await expect(world.door.create({ mode: "none", relayUrl: RELAY })).rejects.toMatchObject({ code: "storage-full" });
    world.disk.capacity = Infinity;
    await (await world.door.create({ mode: "none", relayUrl: RELAY })).close();
    await expect(world.door.create({ mode: "none", relayUrl: RELAY })).rejects.toMatchObject({ code: "vault-exists" });
  });

  test("the own PIN as duress PIN, the duress PIN as own, and a decoy where there is none", async () => {
    const world = await madeWorld();
    const { vault } = await world.door.unlock(REAL_PIN);
    await expect(vault?.setDuressPin(REAL_PIN)).rejects.toMatchObject({ code: "bad-secret" });
    await expect(vault?.changeSecret({ current: REAL_PIN, next: DECOY_PIN })).rejects.toMatchObject({
      code: "bad-secret",
    });
    await expect(vault?.addHidden("739164")).rejects.toMatchObject({ code: "not-possible" });
    await vault?.setDuressPin(undefined);
    await expect(vault?.visitDecoy()).rejects.toMatchObject({ code: "not-possible" });
    await vault?.close();
    expect(await whatOpens(world.door, DECOY_PIN)).toBe("wrong");
    expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
  });

  test("three wrong secrets in a row close the vault under the soft lock", async () => {
    const world = await madeWorld();
    const { vault } = await world.door.unlock(REAL_PIN);
    await vault?.settled();
    expect(await vault?.recognises(REAL_PIN)).toBe(true);
    for (const pin of [WRONG_PIN, WRONG_PIN, WRONG_PIN]) expect(await vault?.recognises(pin)).toBe(false);
    expect(await vault?.recognises(REAL_PIN)).toBe(false);
    await expect(vault?.burn()).rejects.toMatchObject({ code: "io" });
    expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
  });
});

describe("what is gone or goes", () => {
  test("an evicted, cut or torn container is told as damaged, a torn half of the device record is borne", async () => {
    const world = await madeWorld();
    const missing = await imageOf(world.disk);
    await missing.delete("vault.bin");
    expect(await world.doorOf(missing).status()).toEqual({ type: "damaged" });
    const cut = await imageOf(world.disk);
    const file = await cut.open("vault.bin");
    file.truncate(1000);
    file.close();
    expect(await world.doorOf(cut).status()).toEqual({ type: "damaged" });
    const noRecord = await imageOf(world.disk);
    await noRecord.delete("device");
    expect(await world.doorOf(noRecord).status()).toEqual({ type: "damaged" });
    const empty = await imageOf(world.disk);
    await empty.delete("device");
    await empty.delete("vault.bin");
    expect(await world.doorOf(empty).status()).toEqual({ type: "absent" });
  });

  test("a vault that travelled opens elsewhere, and what was left behind opens nothing", async () => {
    const world = await madeWorld();
    const { vault } = await world.door.unlock(REAL_PIN);
    await vault?.settled();
    const source = vault?.exportSource();
    const bytes = new Uint8Array(source?.size ?? 0);
    expect(await source?.read(bytes, 0)).toBe(bytes.length);
    await vault?.close();
    const calls = world.guards.guards.map((guard) => guard.calls);
    await world.door.forget();
    expect(world.guards.guards.map((guard) => guard.calls)).toEqual(calls);
    expect(await world.disk.list()).toEqual([]);
    const from = {
      size: bytes.length,
      read: async (into: Uint8Array, at: number) => {
        const piece = bytes.subarray(at, at + into.length);
        into.set(piece);
        return Promise.resolve(piece.length);
      },
    };
    await world.door.importFrom(from);
    expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
    await expect(world.door.importFrom(from)).rejects.toMatchObject({ code: "vault-exists" });
  });

  test("a decoy is visited and burnt from the real vault, and has the same secrets for a recovery kit", async () => {
    const world = await madeWorld();
    const { vault } = await world.door.unlock(REAL_PIN);
    await vault?.settled();
    const revocations = vault?.revocations() ?? [];
    expect(new Set(revocations.map(({ secret }) => secret.join())).size).toBe(3);
    const decoy = await vault?.visitDecoy();
    expect(decoy?.revocations()).toEqual(revocations);
    expect(decoy?.view()).toMatchObject({ visiting: true, duressPin: false });
    expect(await readNote(decoy ?? (vault as never))).toBe("decoy");
    expect(await decoy?.burn()).toBe("burned");
    await decoy?.close();
    expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
    expect(await whatOpens(world.door, DECOY_PIN)).toBe("decoy");
  });

  test("a decoy's PIN can be changed and what is in it stays", async () => {
    const world = await madeWorld();
    const { vault } = await world.door.unlock(REAL_PIN);
    await vault?.setDuressPin("739164");
    await vault?.close();
    expect(await whatOpens(world.door, DECOY_PIN)).toBe("wrong");
    expect(await whatOpens(world.door, "739164")).toBe("decoy");
  });

  test("a hidden vault outlives a guard's absence and the outer one's new PIN", async () => {
    const world = vaultWorld();
    const outer = await world.door.create(pinVault("conceal"));
    await writeNote(outer, "outer");
    await outer.addHidden(DECOY_PIN);
    await outer.changeSecret({ current: REAL_PIN, next: "739164" });
    await outer.close();
    world.guards.guard(1).down = true;
    expect(await whatOpens(world.door, "739164")).toBe("outer");
    expect(await whatOpens(world.door, DECOY_PIN)).toBe("");
    world.guards.guard(1).down = false;
    expect(await whatOpens(world.door, "739164")).toBe("outer");
    expect(await whatOpens(world.door, DECOY_PIN)).toBe("");
    expect(await whatOpens(world.door, REAL_PIN)).toBe("wrong");
  });
});
