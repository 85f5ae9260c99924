import { MlsError, type MlsErrorCode } from "@stonechat/core/mls";
import { describe, expect, test } from "vitest";
import { addDevices, foundGroup, groupOf, lifetimeAround, MlsParty, newMlsDevice, type MlsStage } from "./mls-party.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const TEXT = new TextEncoder().encode("hello");
const DATA = Uint8Array.of(1, 2, 3);
const NOTHING = new Uint8Array(0);

/** What every {@link Mls} must do, as far as its callers can see. Ours and the simulator's run it. */
export function describeMls(name: string, open: () => Promise<MlsStage>): void {
  describe(name, () => {
    describe("key packages", () => {
      keyPackages(open);
    });
    describe("welcomes", () => {
      welcomes(open);
    });
    describe("messages", () => {
      messages(open);
    });
    describe("commits", () => {
      commits(open);
    });
    describe("states", () => {
      states(open);
    });
  });
}

/** Expects a refusal with exactly this code. */
export async function expectRefusal(work: Promise<unknown>, code: MlsErrorCode): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MlsError);
  expect((error as MlsError).code).toBe(code);
}

/** Everything of a group that its caller can see. */
export async function viewOf({ group }: MlsParty): Promise<unknown> {
  return {
    groupId: group.groupId,
    epoch: group.epoch,
    own: group.own,
    members: group.members(),
    authenticator: group.epochAuthenticator(),
    exported: await group.exportSecret("stonechat log read", NOTHING, 32),
  };
}

/** Expects that all agree on everything but who they are. */
export async function expectAgreement(parties: readonly MlsParty[]): Promise<void> {
  const views = await Promise.all(
    parties.map(async (party) => ({ ...((await viewOf(party)) as object), own: undefined })),
  );
  for (const view of views) expect(view).toEqual(views[0]);
}

function keyPackages(open: () => Promise<MlsStage>): void {
  test("a KeyPackage names its device, its account and its ref", async () => {
    const { mls, random, clock } = await open();
    const device = newMlsDevice(random);
    const own = await mls.createKeyPackage(device, lifetimeAround(clock.now));
    const verified = await mls.verifyKeyPackage(own.keyPackage);
    expect(verified).toEqual({
      ref: own.ref,
      bytes: own.keyPackage,
      identityKey: device.identityKey,
      deviceKey: device.deviceKey,
    });
    expect(own.notAfter).toBe(lifetimeAround(clock.now).notAfter);
  });

  test("a KeyPackage is refused more than a day before and after its lifetime, and taken within", async () => {
    const { mls, random, clock } = await open();
    const lifetime = lifetimeAround(clock.now);
    const { keyPackage } = await mls.createKeyPackage(newMlsDevice(random), lifetime);
    for (const now of [lifetime.notBefore - DAY_MS, lifetime.notAfter + DAY_MS]) {
      clock.now = now;
      await mls.verifyKeyPackage(keyPackage);
    }
    for (const now of [lifetime.notBefore - DAY_MS - 1000, lifetime.notAfter + DAY_MS + 1000]) {
      clock.now = now;
      await expectRefusal(mls.verifyKeyPackage(keyPackage), "bad-lifetime");
    }
  });

  test("bytes that are no KeyPackage are malformed", async () => {
    const { mls, random, clock } = await open();
    const { keyPackage } = await mls.createKeyPackage(newMlsDevice(random), lifetimeAround(clock.now));
    for (const bytes of [NOTHING, keyPackage.subarray(0, -1), Uint8Array.of(...keyPackage, 0)]) {
      await expectRefusal(mls.verifyKeyPackage(bytes), "malformed");
    }
  });
}

function welcomes(open: () => Promise<MlsStage>): void {
  test("who joins agrees with who was there", async () => {
    const stage = await open();
    const founder = await foundGroup(stage);
    const [bea, carl] = await addDevices(stage, founder, [newMlsDevice(stage.random), newMlsDevice(stage.random)]);
    if (bea === undefined || carl === undefined) throw new RangeError("nobody joined");
    await expectAgreement([founder, bea, carl]);
    expect(founder.group.epoch).toBe(1n);
    expect(founder.group.members().map(({ deviceKey }) => deviceKey)).toEqual(
      [founder, bea, carl].map(({ device }) => device.deviceKey),
    );
    expect(bea.group.own.leaf).toBe(1);
  });

  test("a Welcome names its adder", async () => {
    const stage = await open();
    const [, bea] = await groupOf(stage, 2);
    if (bea === undefined) throw new RangeError("nobody joined");
    const device = newMlsDevice(stage.random);
    const own = await stage.mls.createKeyPackage(device, lifetimeAround(stage.clock.now));
    const staged = await bea.commit({ add: [own] });
    const joined = await stage.mls.join({
      welcome: staged.welcomes[0] ?? NOTHING,
      tree: staged.tree,
      keyPackage: own,
      device,
    });
    expect(joined.adder).toEqual(bea.group.own);
  });

  test("each Welcome is for one KeyPackage and refuses another", async () => {
    const stage = await open();
    const founder = await foundGroup(stage);
    const devices = [newMlsDevice(stage.random), newMlsDevice(stage.random)] as const;
    const owns = await Promise.all(
      devices.map((device) => stage.mls.createKeyPackage(device, lifetimeAround(stage.clock.now))),
    );
    const staged = await founder.commit({ add: owns });
    expect(staged.welcomes.map((welcome) => stage.mls.welcomeRefs(welcome))).toEqual(owns.map(({ ref }) => [ref]));
    const [welcome, keyPackage] = [staged.welcomes[0], owns[1]];
    if (welcome === undefined || keyPackage === undefined) throw new RangeError("nothing was made");
    await expectRefusal(stage.mls.join({ welcome, tree: staged.tree, keyPackage, device: devices[1] }), "not-for-us");
  });

  test("a Welcome with the tree of another group is refused", async () => {
    const stage = await open();
    const [founder, other] = [await foundGroup(stage), await foundGroup(stage)];
    const device = newMlsDevice(stage.random);
    const own = await stage.mls.createKeyPackage(device, lifetimeAround(stage.clock.now));
    const [staged, foreign] = [await founder.commit({ add: [own] }), await other.commit({ add: [own] })];
    const welcome = staged.welcomes[0] ?? NOTHING;
    const work = stage.mls.join({ welcome, tree: foreign.tree, keyPackage: own, device });
    await expect(work).rejects.toBeInstanceOf(MlsError);
  });

  test("bytes that are no Welcome are malformed", async () => {
    const { mls } = await open();
    expect(() => mls.welcomeRefs(Uint8Array.of(1, 2, 3))).toThrow(expect.objectContaining({ code: "malformed" }));
  });
}

function messages(open: () => Promise<MlsStage>): void {
  test("a message reaches every other member with its sender and its authenticated data", async () => {
    const [ann, bea, carl] = (await groupOf(await open(), 3)) as [MlsParty, MlsParty, MlsParty];
    const message = await bea.send(TEXT, DATA);
    for (const receiver of [ann, carl]) {
      expect(await receiver.receive(message)).toMatchObject({
        type: "application",
        plaintext: TEXT,
        authenticatedData: DATA,
        missed: 0,
        sender: bea.group.own,
      });
    }
  });

  test("an empty message is a message", async () => {
    const [ann, bea] = (await groupOf(await open(), 2)) as [MlsParty, MlsParty];
    expect(await bea.receive(await ann.send(NOTHING))).toMatchObject({ plaintext: NOTHING });
  });

  test("a message is read once (R077)", async () => {
    const [ann, bea] = (await groupOf(await open(), 2)) as [MlsParty, MlsParty];
    const message = await ann.send(TEXT);
    await bea.receive(message);
    await expectRefusal(bea.group.receive(message), "replayed");
  });

  test("what never came is counted, and can no longer be read", async () => {
    const [ann, bea] = (await groupOf(await open(), 2)) as [MlsParty, MlsParty];
    const lost = [await ann.send(TEXT), await ann.send(TEXT)];
    expect(await bea.receive(await ann.send(TEXT))).toMatchObject({ missed: 2 });
    for (const message of lost) await expectRefusal(bea.group.receive(message), "replayed");
    expect(await bea.receive(await ann.send(TEXT))).toMatchObject({ missed: 0 });
  });

  test("a thousand missing messages are taken, one more is refused (R084)", async () => {
    const [ann, bea] = (await groupOf(await open(), 2)) as [MlsParty, MlsParty];
    for (let i = 0; i < 1000; i += 1) await ann.send(NOTHING);
    const near = await ann.send(TEXT);
    await expectRefusal(bea.group.receive(await ann.send(TEXT)), "generation-too-far");
    expect(await bea.receive(near)).toMatchObject({ missed: 1000 });
  });

  test("our own message does not come back to us (R088)", async () => {
    const [ann] = (await groupOf(await open(), 2)) as [MlsParty, MlsParty];
    await expectRefusal(ann.group.receive(await ann.send(TEXT)), "own-message");
  });

  test("a message of another group or epoch is refused", async () => {
    const stage = await open();
    const [ann, bea] = (await groupOf(stage, 2)) as [MlsParty, MlsParty];
    const [, stranger] = (await groupOf(stage, 2)) as [MlsParty, MlsParty];
    const early = await ann.send(TEXT);
    await expectRefusal(stranger.group.receive(early), "wrong-group");
    await bea.receive((await ann.commit()).message);
    await expectRefusal(bea.group.receive(early), "wrong-epoch");
  });

  test("noise is malformed and changes nothing", async () => {
    const [ann, bea] = (await groupOf(await open(), 2)) as [MlsParty, MlsParty];
    const before = await viewOf(bea);
    const message = await ann.send(TEXT);
    for (const bytes of [NOTHING, TEXT, message.subarray(0, -1), Uint8Array.of(...message, 0)]) {
      await expectRefusal(bea.group.receive(bytes), "malformed");
    }
    expect(await viewOf(bea)).toEqual(before);
    expect(await bea.receive(message)).toMatchObject({ plaintext: TEXT });
  });

  test("a value encrypts once, also if its step was thrown away (R087)", async () => {
    const [ann, bea] = (await groupOf(await open(), 2)) as [MlsParty, MlsParty];
    const value = ann.group;
    await value.encrypt(TEXT, NOTHING);
    await expect(value.encrypt(TEXT, NOTHING)).rejects.toMatchObject({ name: "InvariantError" });
    const message = await bea.send(TEXT);
    await ann.receive(message);
    await expect(ann.group.encrypt(TEXT, NOTHING)).rejects.toMatchObject({ name: "InvariantError" });
    await ann.reload();
    expect(await bea.receive(await ann.send(TEXT))).toMatchObject({ plaintext: TEXT });
  });
}

function commits(open: () => Promise<MlsStage>): void {
  test("a commit says who made it, whom it adds and removes, and what came with it", async () => {
    const stage = await open();
    const [ann, bea, carl] = (await groupOf(stage, 3)) as [MlsParty, MlsParty, MlsParty];
    const device = newMlsDevice(stage.random);
    const own = await stage.mls.createKeyPackage(device, lifetimeAround(stage.clock.now));
    const removed = carl.group.own;
    const staged = await bea.commit({ add: [own], remove: [removed.leaf], authenticatedData: DATA });
    const expected = { committer: { leaf: 1 }, authenticatedData: DATA, removed: [removed] };
    const received = await ann.receive(staged.message);
    expect(received).toMatchObject({ type: "commit", ...expected });
    expect(received).toMatchObject({ added: [{ deviceKey: device.deviceKey, identityKey: device.identityKey }] });
    expect(staged.added).toMatchObject([{ deviceKey: device.deviceKey }]);
    expect(staged.removed).toEqual([removed]);
    await expectAgreement([ann, bea]);
    expect(await carl.receive(staged.message)).toMatchObject({ type: "commit", step: undefined });
  });

  test("the keys of the next epoch are there before the relay has accepted the commit", async () => {
    const [ann, bea] = (await groupOf(await open(), 2)) as [MlsParty, MlsParty];
    const staged = await ann.stage();
    const [now, next] = [
      await ann.group.exportSecret("stonechat log read", NOTHING, 32),
      await staged.step.group.exportSecret("stonechat log read", NOTHING, 32),
    ];
    expect(next).not.toEqual(now);
    await bea.receive(staged.message);
    expect(await bea.group.exportSecret("stonechat log read", NOTHING, 32)).toEqual(next);
  });

  test("who is removed reads nothing more (R076)", async () => {
    const [ann, bea, carl] = (await groupOf(await open(), 3)) as [MlsParty, MlsParty, MlsParty];
    const staged = await ann.commit({ remove: [2] });
    await bea.receive(staged.message);
    await expectRefusal(carl.group.receive(await ann.send(TEXT)), "wrong-epoch");
    await expectRefusal(ann.group.receive(await carl.send(TEXT)), "wrong-epoch");
    expect(ann.group.members()).toHaveLength(2);
  });

  test("of two commits in one epoch one wins, and the other member goes on from it", async () => {
    const [ann, bea] = (await groupOf(await open(), 2)) as [MlsParty, MlsParty];
    const [won, lost] = [await ann.stage(), await bea.stage()];
    ann.apply(won.step);
    await bea.receive(won.message);
    await expectAgreement([ann, bea]);
    await expectRefusal(ann.group.receive(lost.message), "wrong-epoch");
    expect(await ann.receive(await bea.send(TEXT))).toMatchObject({ plaintext: TEXT });
  });

  test("a commit that contradicts the group is not made", async () => {
    const stage = await open();
    const [ann, bea] = (await groupOf(stage, 2)) as [MlsParty, MlsParty];
    const again = await stage.mls.createKeyPackage(bea.device, lifetimeAround(stage.clock.now));
    const twice = await stage.mls.createKeyPackage(newMlsDevice(stage.random), lifetimeAround(stage.clock.now));
    for (const change of [
      { remove: [0] },
      { remove: [7] },
      { remove: [1, 1] },
      { add: [again] },
      { add: [twice, twice] },
    ]) {
      await expectRefusal(ann.stage(change), "bad-commit");
    }
    await bea.receive((await ann.commit({ remove: [], add: [twice] })).message);
    await expectAgreement([ann, bea]);
  });

  test("a device may be removed and come back in one commit", async () => {
    const stage = await open();
    const [ann, bea] = (await groupOf(stage, 2)) as [MlsParty, MlsParty];
    const again = await stage.mls.createKeyPackage(bea.device, lifetimeAround(stage.clock.now));
    const staged = await ann.commit({ remove: [1], add: [again] });
    const welcome = staged.welcomes[0] ?? NOTHING;
    const back = new MlsParty(
      stage.mls,
      bea.device,
      await stage.mls.join({ welcome, tree: staged.tree, keyPackage: again, device: bea.device }),
    );
    await expectAgreement([ann, back]);
  });

  test("who is left alone commits, and may add again", async () => {
    const stage = await open();
    const [ann, bea] = (await groupOf(stage, 2)) as [MlsParty, MlsParty];
    await bea.commit({ remove: [0] });
    await bea.commit();
    const [carl] = (await addDevices(stage, bea, [newMlsDevice(stage.random)])) as [MlsParty];
    await expectAgreement([bea, carl]);
    expect(carl.group.members()).toHaveLength(2);
    expect(ann.group.epoch).toBe(1n);
  });
}

function states(open: () => Promise<MlsStage>): void {
  test("what is exported depends on epoch, label, context and length", async () => {
    const [ann] = (await groupOf(await open(), 2)) as [MlsParty];
    const values = [
      await ann.group.exportSecret("a", NOTHING, 32),
      await ann.group.exportSecret("b", NOTHING, 32),
      await ann.group.exportSecret("a", DATA, 32),
      await ann.group.exportSecret("a", NOTHING, 16),
    ];
    await ann.commit();
    values.push(await ann.group.exportSecret("a", NOTHING, 32));
    expect(values.map(({ length }) => length)).toEqual([32, 32, 32, 16, 32]);
    expect(new Set(values.map(String)).size).toBe(5);
    expect(values[0]?.subarray(0, 16)).not.toEqual(values[3]);
  });

  test("a group loaded from what was stored is the same group, after every step", async () => {
    const stage = await open();
    const [ann, bea, carl] = (await groupOf(stage, 3)) as [MlsParty, MlsParty, MlsParty];
    const all = [ann, bea, carl];
    const reloadAll = async (): Promise<void> => {
      for (const party of all) {
        const before = await viewOf(party);
        await party.reload();
        expect(await viewOf(party)).toEqual(before);
      }
    };
    await reloadAll();
    for (let round = 0; round < 3; round += 1) {
      const message = await ann.send(TEXT);
      await reloadAll();
      for (const party of [bea, carl]) await party.receive(message);
      await reloadAll();
      const staged = await bea.commit();
      for (const party of [ann, carl]) await party.receive(staged.message);
      await reloadAll();
    }
    await expectAgreement(all);
    expect(await ann.receive(await carl.send(TEXT))).toMatchObject({ plaintext: TEXT });
  });

  test("a loaded group still refuses what it has read", async () => {
    const [ann, bea] = (await groupOf(await open(), 2)) as [MlsParty, MlsParty];
    const message = await ann.send(TEXT);
    await bea.receive(message);
    await bea.reload();
    await expectRefusal(bea.group.receive(message), "replayed");
  });

  test("versions grow with every step, and a commit's is above all of the epoch it ends", async () => {
    const [ann, bea] = (await groupOf(await open(), 2)) as [MlsParty, MlsParty];
    const staged = await ann.stage();
    const versions = [ann.stored.version];
    for (let i = 0; i < 5; i += 1) {
      await ann.receive(await bea.send(TEXT));
      versions.push(ann.stored.version);
    }
    versions.push(staged.step.changes.version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    ann.apply(staged.step);
    expect(ann.group.epoch).toBe(2n);
  });

  test("receiving twice without applying gives the same answer: a received step changes nothing by itself", async () => {
    const [ann, bea] = (await groupOf(await open(), 2)) as [MlsParty, MlsParty];
    const message = await ann.send(TEXT);
    const before = await viewOf(bea);
    const [first, second] = [await bea.group.receive(message), await bea.group.receive(message)];
    expect(second).toMatchObject({ plaintext: TEXT, missed: 0 });
    expect(second.step?.changes).toEqual(first.step?.changes);
    expect(await viewOf(bea)).toEqual(before);
  });

  test("a stored group opens for its own device only", async () => {
    const stage = await open();
    const [ann, bea] = (await groupOf(stage, 2)) as [MlsParty, MlsParty];
    await expect(stage.mls.load(ann.stored, bea.device)).rejects.toBeInstanceOf(RangeError);
  });
}
