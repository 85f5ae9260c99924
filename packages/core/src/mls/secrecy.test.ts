import { Buffer } from "node:buffer";
import { initCrypto, mlsPrimitives, type MlsPrimitives } from "@stonechat/crypto";
import { MlsParty, groupOf, newMlsDevice, type MlsStage } from "@stonechat/testkit/mls-party";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { describe, expect, test } from "vitest";
import { insideOf, renewedPath } from "../testing/mls-inside.ts";
import { present, realStage } from "../testing/mls-stage.ts";
import { encryptContext } from "./derivation.ts";
import { createMls, type StoredGroup } from "./index.ts";
import { nextGeneration, takeKey } from "./secret-tree.ts";

const TEXT = new TextEncoder().encode("hello");
const UTF8 = new TextDecoder();
/** Labels whose outputs are gone, or in a row of their own, when a step is stored. */
const SPENT = [
  "encryption",
  "epoch",
  "joiner",
  "welcome",
  "tree",
  "handshake",
  "application",
  "secret",
  "key",
  "nonce",
  "path",
  "node",
];

/** Primitives that remember every output by its label. */
function spying(primitives: MlsPrimitives): {
  readonly primitives: MlsPrimitives;
  readonly seen: Map<string, Uint8Array[]>;
  readonly opened: Uint8Array[];
} {
  const seen = new Map<string, Uint8Array[]>();
  const opened: Uint8Array[] = [];
  return {
    seen,
    opened,
    primitives: {
      ...primitives,
      expand(secret, info, length) {
        const output = primitives.expand(secret, info, length);
        const label = UTF8.decode(info.subarray(3 + "MLS 1.0 ".length, 3 + (info[2] ?? 0)));
        seen.set(label, [...(seen.get(label) ?? []), output.slice()]);
        return output;
      },
      aeadOpen(key, nonce, aad, ciphertext) {
        const plaintext = primitives.aeadOpen(key, nonce, aad, ciphertext);
        opened.push(key.slice());
        return plaintext;
      },
    },
  };
}

function contains(hay: Uint8Array, needle: Uint8Array): boolean {
  return Buffer.from(hay).includes(Buffer.from(needle));
}

function everything({ epoch, ratchets }: StoredGroup): readonly Uint8Array[] {
  return [epoch, ...ratchets.map(({ state }) => state)];
}

describe("what a thief of the store finds", () => {
  test("R083 no key of a message that was read, nor anything that derives it", async () => {
    await initCrypto();
    const random = repeatableRandom("thief");
    const spy = spying(mlsPrimitives(random));
    const stage: MlsStage = {
      mls: createMls({ primitives: spy.primitives, now: () => 1_790_000_000_000 }),
      random,
      clock: { now: 1_790_000_000_000 },
    };
    const parties = await groupOf(stage, 5);
    const bea = present(parties[1]);
    const { primitives } = (await realStage()).suite;
    for (let i = 0; i < 15; i += 1) {
      const sender = present(parties[[0, 2, 3, 4][i % 4] ?? 0]);
      if (i % 5 === 4) await sender.send(TEXT);
      const message = await sender.send(TEXT);
      spy.opened.length = 0;
      await bea.receive(message);
      const read = spy.opened.filter((key) => key.length === 32);
      expect(read.length).toBeGreaterThan(0);
      for (const key of read) for (const bytes of everything(bea.stored)) expect(contains(bytes, key)).toBe(false);
      const { secretTree } = insideOf(bea, random);
      for (let leaf = 0; leaf < 5; leaf += 1) {
        for (let next = secretTree, n = 0; n < 5; n += 1) {
          const taken = takeKey(primitives, next, leaf, "application", nextGeneration(next, leaf, "application"));
          next = taken.tree;
          for (const key of read) expect(contains(taken.messageKey.key, key)).toBe(false);
        }
      }
    }
  });

  test("R083 the epoch's blob holds nothing that the message keys derive from", async () => {
    await initCrypto();
    const random = repeatableRandom("blob");
    const spy = spying(mlsPrimitives(random));
    const stage: MlsStage = {
      mls: createMls({ primitives: spy.primitives, now: () => 1_790_000_000_000 }),
      random,
      clock: { now: 1_790_000_000_000 },
    };
    const parties = await groupOf(stage, 3);
    for (let i = 0; i < 3; i += 1) {
      const committer = present(parties[i]);
      const staged = await committer.commit();
      for (const party of parties) if (party !== committer) await party.receive(staged.message);
      for (const party of parties) {
        await party.receive(await present(parties[(parties.indexOf(party) + 1) % 3]).send(TEXT)).catch(() => undefined);
      }
    }
    for (const label of SPENT) {
      expect(spy.seen.get(label)?.length).toBeGreaterThan(0);
      for (const output of spy.seen.get(label) ?? []) {
        for (const party of parties) expect(contains(party.stored.epoch, output)).toBe(false);
      }
    }
    // The test can fail: what must be there is found.
    expect(spy.seen.get("exporter")?.some((output) => contains(present(parties[0]).stored.epoch, output))).toBe(true);
    for (const party of parties)
      for (const bytes of everything(party.stored))
        expect(contains(bytes, party.device.privateKey.subarray(0, 32))).toBe(false);
  });
});

describe("R085 a thief with a full copy of a member", () => {
  test("reads on until the member and a peer have committed once, and then nothing, in 200 histories", async () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const stage = await realStage(`clone ${String(seed)}`);
      const parties = await groupOf(stage, seed % 20 === 0 ? 4 : 2);
      const [victim, peer] =
        seed % 2 === 0 ? [present(parties[0]), present(parties[1])] : [present(parties[1]), present(parties[0])];
      const copy = structuredClone(victim.stored);
      const clone = await stage.mls.load(copy, victim.device);
      const [known, taken] = [await peer.send(TEXT), insideOf({ device: victim.device, stored: copy }, stage.random)];
      expect(await clone.receive(known)).toMatchObject({ plaintext: TEXT });
      for (const by of [victim, peer]) {
        const staged = await by.commit();
        for (const party of parties) if (party !== by) await party.receive(staged.message);
        await expect(clone.receive(staged.message)).rejects.toThrow(/own-message|wrong-epoch/u);
      }
      const { epoch } = insideOf(victim, stage.random);
      for (const secret of Object.values(epoch.secrets))
        for (const old of Object.values(taken.epoch.secrets)) expect(secret).not.toEqual(old);
      for (const { privateKey } of taken.epoch.pathKeys) {
        expect(epoch.pathKeys.some((key) => contains(key.privateKey, privateKey))).toBe(false);
      }
      await expect(clone.receive(await peer.send(TEXT))).rejects.toThrow("wrong-epoch");
    }
  }, 60_000);

  test("opens none of the member's own path, with any key it has", async () => {
    const stage = await realStage("path of the victim");
    const parties = await groupOf(stage, 4);
    const victim = present(parties[2]);
    const inside = insideOf(victim, stage.random);
    const { path } = await renewedPath(inside);
    const sealed = path.nodes.flatMap((node) => node.encryptedPathSecret);
    expect(sealed.length).toBeGreaterThan(1);
    for (const { privateKey } of inside.epoch.pathKeys) {
      for (const { kemOutput, ciphertext } of sealed) {
        const info = encryptContext("UpdatePathNode", inside.epoch.contextBytes);
        expect(() =>
          stage.suite.primitives.hpkeOpen(privateKey, info, new Uint8Array(0), kemOutput, ciphertext),
        ).toThrow();
      }
    }
  });
});

describe("R081 a KeyPackage", () => {
  test("leaves no private key in the group's store but that of its leaf", async () => {
    const stage = await realStage("init key");
    const device = newMlsDevice(stage.random);
    const own = await stage.mls.createKeyPackage(device, {
      notBefore: stage.clock.now,
      notAfter: stage.clock.now + 1e9,
    });
    const [ann] = (await groupOf(stage, 2)) as [MlsParty];
    const staged = await ann.commit({ add: [own] });
    const joined = new MlsParty(
      stage.mls,
      device,
      await stage.mls.join({ welcome: present(staged.welcomes[0]), tree: staged.tree, keyPackage: own, device }),
    );
    const [initKey, leafKey] = [own.secret.subarray(1, 33), own.secret.subarray(33)];
    for (const bytes of everything(joined.stored)) expect(contains(bytes, initKey)).toBe(false);
    expect(contains(joined.stored.epoch, leafKey)).toBe(true);
    await joined.commit();
    for (const bytes of everything(joined.stored)) expect(contains(bytes, leafKey)).toBe(false);
  });
});
