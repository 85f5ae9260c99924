import { expectAgreement, expectRefusal } from "@stonechat/testkit/mls-contract";
import { addDevices, groupOf, lifetimeAround, MlsParty, newMlsDevice } from "@stonechat/testkit/mls-party";
import { createSeededFractions, type SeededFractions } from "@stonechat/testkit/seeded-fractions";
import { describe, expect, test } from "vitest";
import { present, realStage, type RealStage } from "../testing/mls-stage.ts";
import type { DeviceKeys, OwnKeyPackage, StagedCommit } from "./contract.ts";

const TEXT = new TextEncoder().encode("hello");
const MAX_MEMBERS = 32;

interface Newcomer {
  readonly device: DeviceKeys;
  readonly own: OwnKeyPackage;
}

/** One group, its members, and a model of who should be in it. */
interface World {
  readonly stage: RealStage;
  readonly fractions: SeededFractions;
  members: MlsParty[];
  readonly gone: MlsParty[];
}

function pick<T>({ fractions }: World, from: readonly T[]): T {
  return present(from[Math.floor(fractions() * from.length)]);
}

async function deliver(world: World, by: MlsParty, message: Uint8Array): Promise<void> {
  for (const party of world.members) {
    if (party === by) continue;
    await party.receive(message);
    if (world.fractions() < 0.2) await party.reload();
  }
}

const operations: Readonly<Record<string, (world: World) => Promise<void>>> = {
  async send(world) {
    const by = pick(world, world.members);
    const message = await by.send(TEXT);
    await deliver(world, by, message);
    for (const party of world.gone) await expect(party.group.receive(message)).rejects.toThrow("wrong-epoch");
  },
  async update(world) {
    const by = pick(world, world.members);
    await deliver(world, by, (await by.commit()).message);
  },
  async add(world) {
    const room = MAX_MEMBERS - world.members.length;
    if (room < 1) return;
    const by = pick(world, world.members);
    const count = 1 + Math.floor(world.fractions() * Math.min(room, 6));
    const devices = Array.from({ length: count }, () => newMlsDevice(world.stage.random));
    const joined = await addDevices(
      world.stage,
      by,
      devices,
      world.members.filter((party) => party !== by),
    );
    world.members = [...world.members, ...joined];
  },
  async remove(world) {
    if (world.members.length < 3) return;
    const by = pick(world, world.members);
    const others = world.members.filter((party) => party !== by && world.fractions() < 0.3);
    const staged = await by.commit({ remove: others.map(({ group }) => group.own.leaf) });
    await deliver(world, by, staged.message);
    world.members = world.members.filter((party) => !others.includes(party));
    world.gone.push(...others);
  },
  async race(world) {
    if (world.members.length < 2) return;
    const [winner, loser] = [...world.members].sort(() => world.fractions() - 0.5) as [MlsParty, MlsParty];
    const [won, lost] = [await winner.stage(), await loser.stage()];
    winner.apply(won.step);
    await deliver(world, winner, won.message);
    await expectRefusal(winner.group.receive(lost.message), "wrong-epoch");
  },
};

describe("random histories", () => {
  test.each([1, 3, 6])(
    "history %i: up to 32 members agree on members, secrets and authenticator after every step",
    async (seed) => {
      const stage = await realStage(seed);
      const world: World = {
        stage,
        fractions: createSeededFractions(seed),
        members: [...(await groupOf(stage, 2 + seed))],
        gone: [],
      };
      const names = Object.keys(operations);
      for (let step = 0; step < 16; step += 1) {
        await present(operations[pick(world, names)])(world);
        await expectAgreement(world.members);
        const expected = world.members.map(({ device }) => String(device.deviceKey)).sort();
        expect(
          present(world.members[0])
            .group.members()
            .map(({ deviceKey }) => String(deviceKey))
            .sort(),
        ).toEqual(expected);
      }
    },
    60_000,
  );

  test("two who commit at the same time, 200 times: one wins, the other follows, and messages go on", async () => {
    const stage = await realStage("race");
    const [ann, bea] = (await groupOf(stage, 2)) as [MlsParty, MlsParty];
    for (let round = 0; round < 200; round += 1) {
      const [winner, loser] = round % 3 === 0 ? [ann, bea] : [bea, ann];
      const [won] = [await winner.stage(), await loser.stage()];
      const late = await loser.send(TEXT);
      // The loser's message was appended before the winner's commit, so the winner reads it first.
      await winner.receive(late);
      winner.apply(won.step);
      await loser.receive(won.message);
      expect(await winner.receive(await loser.send(TEXT))).toMatchObject({ plaintext: TEXT, missed: 0 });
    }
    await expectAgreement([ann, bea]);
    expect(ann.group.epoch).toBe(201n);
  }, 60_000);

  test("256 members: added one half at a time, updated, halved, and all who are left agree (R093)", async () => {
    const stage = await realStage("256");
    const [ann] = (await groupOf(stage, 1)) as [MlsParty];
    const timed = async <T>(work: () => Promise<T>): Promise<readonly [T, number]> => {
      const start = process.cpuUsage();
      return [await work(), process.cpuUsage(start).user / 1000];
    };
    const some = async (count: number): Promise<readonly Newcomer[]> =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const device = newMlsDevice(stage.random);
          return { device, own: await stage.mls.createKeyPackage(device, lifetimeAround(stage.clock.now)) };
        }),
      );
    // All are in the tree; a few of them join, to keep the test short.
    const join = async (staged: StagedCommit, newcomers: readonly Newcomer[], i: number): Promise<MlsParty> => {
      const { device, own: keyPackage } = present(newcomers[i]);
      const step = await stage.mls.join({
        welcome: present(staged.welcomes[i]),
        tree: staged.tree,
        keyPackage,
        device,
      });
      return new MlsParty(stage.mls, device, step);
    };
    const [early, late] = [await some(127), await some(128)];
    const bea = await join(await ann.commit({ add: early.map(({ own }) => own) }), early, 60);
    const [staged, addMs] = await timed(() => bea.commit({ add: late.map(({ own }) => own) }));
    await ann.receive(staged.message);
    const [carl, joinMs] = await timed(() => join(staged, late, 127));
    await expectAgreement([ann, bea, carl]);
    expect(carl.group.members()).toHaveLength(256);
    const [update, commitMs] = await timed(() => carl.commit());
    for (const party of [ann, bea]) await party.receive(update.message);
    const half = Array.from({ length: 127 }, (_, i) => i + 128);
    const [halved, removeMs] = await timed(() => ann.commit({ remove: half }));
    for (const party of [bea, carl]) await party.receive(halved.message);
    await expectAgreement([ann, bea, carl]);
    expect(carl.group.members()).toHaveLength(129);
    expect(await carl.receive(await bea.send(TEXT))).toMatchObject({ plaintext: TEXT });
    console.info(
      `256 members: add 128 ${addMs.toFixed(0)} ms, join ${joinMs.toFixed(0)} ms, update ${commitMs.toFixed(0)} ms, remove 127 ${removeMs.toFixed(0)} ms`,
    );
    expect(commitMs).toBeLessThan(1500);
    expect(joinMs).toBeLessThan(2000);
  }, 60_000);
});
