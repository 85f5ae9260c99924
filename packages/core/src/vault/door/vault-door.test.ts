import { initCrypto } from "@stonechat/crypto";
import { beforeAll, describe, expect, test } from "vitest";
import {
  DECOY_PIN,
  imageOf,
  makeRealAndDecoy,
  pinVault,
  readNote,
  REAL_PIN,
  RELAY,
  vaultWorld,
  whatOpens,
  writeNote,
  WRONG_PIN,
} from "../../testing/vault-world.ts";

beforeAll(initCrypto);

const PASSPHRASE = "correct horse battery staple planet onion";

describe("without guards", () => {
  test("a vault of mode none opens by itself and keeps what was written", async () => {
    const { door } = vaultWorld();
    expect(await door.status()).toEqual({ type: "absent" });
    const vault = await door.create({ mode: "none", relayUrl: RELAY });
    await writeNote(vault, "program");
    await vault.close();
    expect(await door.status()).toEqual({ type: "locked", mode: "none", guards: undefined });
    expect(await whatOpens(door, "")).toBe("program");
    expect(await whatOpens(door, "something")).toBe("wrong");
  });

  test("a passphrase opens its vault however it is spaced and capitalised, another does not", async () => {
    const { door } = vaultWorld();
    const vault = await door.create({ mode: "passphrase", relayUrl: RELAY, passphrase: PASSPHRASE });
    await writeNote(vault, "mine");
    await vault.close();
    expect(await whatOpens(door, PASSPHRASE)).toBe("mine");
    expect(await whatOpens(door, ` Correct horse  battery staple planet ONION `)).toBe("mine");
    expect(await whatOpens(door, "correct horse battery staple planet union")).toBe("wrong");
  });

  test("a burn without guards says that an image from before still opens, which it does", async () => {
    const world = vaultWorld();
    const vault = await world.door.create({ mode: "passphrase", relayUrl: RELAY, passphrase: PASSPHRASE });
    await writeNote(vault, "first");
    const image = await imageOf(world.disk);
    expect(await vault.burn()).toBe("deleted");
    expect(vault.view().burntAt).toBe(world.clock.now());
    await vault.close();
    expect(await whatOpens(world.door, PASSPHRASE)).toBe("first");
    expect(await whatOpens(world.doorOf(image), PASSPHRASE)).toBe("first");
  });

  test("a changed passphrase opens, the former one no more", async () => {
    const { door } = vaultWorld();
    const vault = await door.create({ mode: "passphrase", relayUrl: RELAY, passphrase: PASSPHRASE });
    await writeNote(vault, "mine");
    const next = "river window copper basket lemon ticket";
    await expect(vault.changeSecret({ current: next, next: PASSPHRASE })).rejects.toMatchObject({
      code: "wrong-secret",
    });
    await vault.changeSecret({ current: PASSPHRASE, next });
    await vault.close();
    expect(await whatOpens(door, PASSPHRASE)).toBe("wrong");
    expect(await whatOpens(door, next)).toBe("mine");
  });
});

describe("with guards", () => {
  test("real PIN and decoy PIN open theirs, a wrong one nothing", async () => {
    const world = vaultWorld();
    await makeRealAndDecoy(world);
    expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
    expect(await whatOpens(world.door, WRONG_PIN)).toBe("wrong");
    expect(await whatOpens(world.door, REAL_PIN)).toBe("real");
    expect(await whatOpens(world.door, DECOY_PIN)).toBe("decoy");
  });

  test("after the duress PIN the real one is wrong for ever, and the decoy opens", async () => {
    const world = vaultWorld();
    await makeRealAndDecoy(world);
    expect(await whatOpens(world.door, DECOY_PIN)).toBe("decoy");
    expect(await whatOpens(world.door, REAL_PIN)).toBe("wrong");
    expect(await whatOpens(world.door, DECOY_PIN)).toBe("decoy");
    expect(await whatOpens(world.door, REAL_PIN)).toBe("wrong");
  });

  test("an image from before the duress PIN opens nothing with the real PIN", async () => {
    const world = vaultWorld();
    await makeRealAndDecoy(world);
    const image = await imageOf(world.disk);
    expect(await whatOpens(world.door, DECOY_PIN)).toBe("decoy");
    expect(await whatOpens(world.doorOf(image), REAL_PIN)).toBe("wrong");
  });

  test("a hidden vault and the outer one open any number of times in any order", async () => {
    const world = vaultWorld();
    const outer = await world.door.create(pinVault("conceal"));
    await writeNote(outer, "outer");
    await outer.addHidden(DECOY_PIN);
    await outer.close();
    const hidden = (await world.door.unlock(DECOY_PIN)).vault;
    if (hidden === undefined) throw new Error("hidden does not open");
    expect(await readNote(hidden)).toBe("");
    await writeNote(hidden, "hidden");
    await hidden.close();
    for (const [pin, note] of [
      [REAL_PIN, "outer"],
      [REAL_PIN, "outer"],
      [DECOY_PIN, "hidden"],
      [DECOY_PIN, "hidden"],
      [REAL_PIN, "outer"],
      [DECOY_PIN, "hidden"],
    ] as const)
      expect(await whatOpens(world.door, pin)).toBe(note);
  });

  test("a changed PIN opens, the former one no more, and the decoy still does", async () => {
    const world = vaultWorld();
    await makeRealAndDecoy(world);
    const { vault } = await world.door.unlock(REAL_PIN);
    await vault?.changeSecret({ current: REAL_PIN, next: "739164" });
    await vault?.close();
    expect(await whatOpens(world.door, REAL_PIN)).toBe("wrong");
    expect(await whatOpens(world.door, "739164")).toBe("real");
    expect(await whatOpens(world.door, DECOY_PIN)).toBe("decoy");
  });

  test("after a wipe there is no vault and the guards know nothing", async () => {
    const world = vaultWorld();
    await makeRealAndDecoy(world);
    const image = await imageOf(world.disk);
    expect(await world.door.wipe()).toEqual({ guardsReached: 3, guards: 3 });
    expect(await world.door.status()).toEqual({ type: "absent" });
    expect(await world.disk.list()).toEqual([]);
    expect(await whatOpens(world.doorOf(image), REAL_PIN)).toBe("wrong");
  });
});
