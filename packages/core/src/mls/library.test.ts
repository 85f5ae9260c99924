import { decodeKeyPackage as libraryDecodeKeyPackage, encodeKeyPackage, makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { createGroupInfoWithExternalPubAndRatchetTree, joinGroupExternal } from "ts-mls/createCommit.js";
import { decodeMlsMessage, encodeMlsMessage } from "ts-mls/message.js";
import { encodeRatchetTree } from "ts-mls/ratchetTree.js";
import { treeHashRoot } from "ts-mls/treeHash.js";
import { mlsExporter } from "ts-mls/keySchedule.js";
import { unprotectPrivateMessage } from "ts-mls/messageProtection.js";
import { expectRefusal } from "@stonechat/testkit/mls-contract";
import type { MlsParty } from "@stonechat/testkit/mls-party";
import { groupOf, lifetimeAround, newMlsDevice } from "@stonechat/testkit/mls-party";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { insideOf } from "../testing/mls-inside.ts";
import { LibraryMember, lyingSuite } from "../testing/library-member.ts";
import { present, realStage, type RealStage } from "../testing/mls-stage.ts";
import type { OwnKeyPackage } from "./contract.ts";
import { keyPackageSecret } from "./key-packages.ts";
import { treeHashes } from "./tree-hash.ts";
import { ratchetTreeBytes } from "./wire/ratchet-tree.ts";

const TEXT = new TextEncoder().encode("hello");

// The library reads the system's clock when it sends.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_790_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A founder and others of ours, and one member run by the bare library, at the last leaf. */
async function mixedGroup(stage: RealStage, ours = 1): Promise<{ parties: readonly MlsParty[]; bare: LibraryMember }> {
  const parties = [...(await groupOf(stage, ours))];
  const device = newMlsDevice(stage.random);
  const own = await stage.mls.createKeyPackage(device, lifetimeAround(stage.clock.now));
  const staged = await present(parties[0]).commit({ add: [own] });
  for (const party of parties.slice(1)) await party.receive(staged.message);
  const bare = await LibraryMember.join(stage.suite, {
    welcome: present(staged.welcomes[0]),
    tree: staged.tree,
    keyPackage: own,
    device,
  });
  return { parties, bare };
}

async function fresh(stage: RealStage): Promise<OwnKeyPackage> {
  return stage.mls.createKeyPackage(newMlsDevice(stage.random), lifetimeAround(stage.clock.now));
}

describe("the library as our readable twin", () => {
  test("each reads the other's messages and follows the other's commits to the same secrets", async () => {
    const stage = await realStage();
    const { parties, bare } = await mixedGroup(stage, 3);
    const [ann, bea, carl] = parties as [MlsParty, MlsParty, MlsParty];
    for (let round = 0; round < 4; round += 1) {
      expect(await bare.receive(await ann.send(TEXT))).toEqual(TEXT);
      expect(await bea.receive(await bare.encrypt(TEXT, Uint8Array.of(7)))).toMatchObject({
        plaintext: TEXT,
        authenticatedData: Uint8Array.of(7),
      });
      const ours = await bea.commit(round === 1 ? { add: [await fresh(stage)] } : {});
      for (const party of [ann, carl]) await party.receive(ours.message);
      await bare.receive(ours.message);
      const theirs = await bare.commit();
      for (const party of parties) await party.receive(theirs.message);
      expect(bare.state.keySchedule.epochAuthenticator).toEqual(ann.group.epochAuthenticator());
      expect(await mlsExporter(bare.state.keySchedule.exporterSecret, "label", TEXT, 40, stage.suite.library)).toEqual(
        await carl.group.exportSecret("label", TEXT, 40),
      );
    }
  });

  test("tree, tree hash, KeyPackage and its ref are the same bytes", async () => {
    const stage = await realStage();
    const parties = await groupOf(stage, 5);
    await present(parties[1]).commit({ remove: [2], add: [await fresh(stage)] });
    const { epoch } = insideOf(present(parties[1]), stage.random);
    expect(ratchetTreeBytes.encode(epoch.tree)).toEqual(encodeRatchetTree(epoch.tree));
    expect(treeHashes(stage.suite.primitives, epoch.tree).root).toEqual(
      await treeHashRoot(epoch.tree, stage.suite.library.hash),
    );
    const { keyPackage, ref } = await fresh(stage);
    const decoded = present(libraryDecodeKeyPackage(keyPackage, 0))[0];
    expect(encodeKeyPackage(decoded)).toEqual(keyPackage);
    expect(await makeKeyPackageRef(decoded, stage.suite.library.hash)).toEqual(ref);
  });
});

describe("weaknesses of the bare library that the boundary closes", () => {
  test("after a skipped message the library keeps a secret that opens what was read; we keep none", async () => {
    const stage = await realStage();
    const {
      parties: [ann],
      bare,
    } = (await mixedGroup(stage)) as unknown as { parties: [MlsParty]; bare: LibraryMember };
    const messages = [await ann.send(TEXT), await ann.send(TEXT), await ann.send(TEXT)] as const;
    const [, second, third] = messages;
    await bare.receive(third);
    await bare.receive(second);
    // What a thief finds: generation 0 was skipped, and its ratchet secret derives 1 and 2, which were read.
    const ratchet = present(bare.state.secretTree[0]).application;
    expect(Object.keys(ratchet.unusedGenerations)).toEqual(["0"]);
    const stolen = {
      ...present(bare.state.secretTree[0]),
      application: { secret: present(ratchet.unusedGenerations[0]), generation: 0, unusedGenerations: {} },
    };
    const decoded = present(decodeMlsMessage(third, 0))[0];
    if (decoded.wireformat !== "mls_private_message") throw new RangeError("not a PrivateMessage");
    const opened = await unprotectPrivateMessage(
      bare.state.keySchedule.senderDataSecret,
      decoded.privateMessage,
      [stolen],
      bare.state.ratchetTree,
      bare.state.groupContext,
      bare.state.clientConfig.keyRetentionConfig,
      stage.suite.library,
    );
    expect(opened.content.content).toMatchObject({ applicationData: TEXT });

    const [bea, carl] = (await groupOf(stage, 2)) as [MlsParty, MlsParty];
    const ours = [await bea.send(TEXT), await bea.send(TEXT), await bea.send(TEXT)] as const;
    await carl.receive(ours[2]);
    for (const message of ours) await expectRefusal(carl.group.receive(message), "replayed");
    await carl.reload();
    for (const message of ours) await expectRefusal(carl.group.receive(message), "replayed");
  });

  test("the library takes a commit whose public key does not belong to its path secret; we do not (V41)", async () => {
    const stage = await realStage();
    const { parties, bare } = await mixedGroup(stage, 2);
    const [ann, bea] = parties as [MlsParty, MlsParty];
    const second = await fresh(stage);
    const device = newMlsDevice(stage.random);
    const own = await stage.mls.createKeyPackage(device, lifetimeAround(stage.clock.now));
    const staged = await ann.commit({ add: [own, second] });
    await bea.receive(staged.message);
    await bare.receive(staged.message);
    const victim = await LibraryMember.join(stage.suite, {
      welcome: present(staged.welcomes[0]),
      tree: staged.tree,
      keyPackage: own,
      device,
    });
    const before = bea.stored;
    const evil = await bare.commit({}, lyingSuite(stage.suite, 2));
    await victim.receive(evil.message);
    expect(victim.state.keySchedule.epochAuthenticator).toEqual(bare.state.keySchedule.epochAuthenticator);
    for (const party of [ann, bea]) await expectRefusal(party.group.receive(evil.message), "bad-path");
    expect(bea.stored).toBe(before);
  });

  test("a commit, otherwise consistent, whose new leaf has another's key, or one that nobody can encrypt to, is refused (V38)", async () => {
    const stage = await realStage();
    for (const unusable of [false, true]) {
      const { parties, bare } = await mixedGroup(stage, 3);
      const [ann, bea, carl] = parties as [MlsParty, MlsParty, MlsParty];
      const other = present(bare.state.ratchetTree[2]);
      if (other.nodeType !== "leaf") throw new RangeError("not a leaf");
      const key = unusable ? new Uint8Array(1216).fill(0xff) : other.leaf.hpkePublicKey;
      const evil = await bare.commit({}, lyingSuite(stage.suite, 0, key));
      for (const party of [ann, bea, carl]) await expectRefusal(party.group.receive(evil.message), "bad-path");
    }
  });

  test("the library joins by a Welcome whose path secret does not belong to the tree; we do not (V64)", async () => {
    const stage = await realStage();
    const {
      parties: [ann],
      bare,
    } = (await mixedGroup(stage)) as unknown as { parties: [MlsParty]; bare: LibraryMember };
    const device = newMlsDevice(stage.random);
    const own = await stage.mls.createKeyPackage(device, lifetimeAround(stage.clock.now));
    const keyPackage = present(libraryDecodeKeyPackage(own.keyPackage, 0))[0];
    const evil = await bare.commit(
      {
        extraProposals: [
          { proposalType: "remove", remove: { removed: ann.group.own.leaf } },
          { proposalType: "add", add: { keyPackage } },
        ],
      },
      lyingSuite(stage.suite, 1),
    );
    const tree = encodeRatchetTree(bare.state.ratchetTree);
    const input = { welcome: present(evil.welcome), tree, keyPackage: own, device };
    expect((await LibraryMember.join(stage.suite, input)).state.groupContext.epoch).toBe(2n);
    await expectRefusal(stage.mls.join(input), "bad-path");
  });

  test("the library decodes a long length form and trailing bytes; we do not (V2)", async () => {
    const stage = await realStage();
    const own = await fresh(stage);
    const trailing = Uint8Array.of(...own.keyPackage, 0);
    expect(libraryDecodeKeyPackage(trailing, 0)).toBeDefined();
    await expectRefusal(stage.mls.verifyKeyPackage(trailing), "malformed");
    // The last vector is the signature: 0x4040 says 64 in two bytes, 0x80000040 in four.
    const at = own.keyPackage.length - 66;
    expect([...own.keyPackage.subarray(at, at + 2)]).toEqual([0x40, 0x40]);
    const long = Uint8Array.of(...own.keyPackage.subarray(0, at), 0x80, 0, 0, 0x40, ...own.keyPackage.subarray(at + 2));
    expect(libraryDecodeKeyPackage(long, 0)).toBeDefined();
    await expectRefusal(stage.mls.verifyKeyPackage(long), "malformed");
  });

  test("the library adds without a path; we refuse that commit (V31)", async () => {
    const stage = await realStage();
    const {
      parties: [ann],
      bare,
    } = (await mixedGroup(stage)) as unknown as { parties: [MlsParty]; bare: LibraryMember };
    const keyPackage = present(libraryDecodeKeyPackage((await fresh(stage)).keyPackage, 0))[0];
    const evil = await bare.commit({ extraProposals: [{ proposalType: "add", add: { keyPackage } }] });
    await expectRefusal(ann.group.receive(evil.message), "missing-path");
  });

  test("the library refuses the honest tree of a group of eight; we join it", async () => {
    const stage = await realStage();
    const all = await groupOf(stage, 7);
    const [ann, eve] = [present(all[0]), present(all[4])];
    const update = await eve.commit();
    for (const party of all) if (party !== eve) await party.receive(update.message);
    const device = newMlsDevice(stage.random);
    const own = await stage.mls.createKeyPackage(device, lifetimeAround(stage.clock.now));
    const staged = await ann.commit({ add: [own] });
    const input = { welcome: present(staged.welcomes[0]), tree: staged.tree, keyPackage: own, device };
    // Node 11, above leaves 4 to 7, was filled by leaf 4 and knows leaf 7 as unmerged; the root was renewed since.
    const lists = ratchetTreeBytes
      .decode(staged.tree)
      .map((node) => (node?.nodeType === "parent" ? node.parent.unmergedLeaves : []));
    expect([lists[11], lists[7]]).toEqual([[7], []]);
    await expect(LibraryMember.join(stage.suite, input)).rejects.toThrow("unmerged_leaves");
    expect((await stage.mls.join(input)).group.epochAuthenticator()).toEqual(ann.group.epochAuthenticator());
  });

  test("V4 an external commit, by whoever has a GroupInfo, is malformed, and so is any commit as PublicMessage (R076)", async () => {
    const stage = await realStage();
    const {
      parties: [ann],
      bare,
    } = (await mixedGroup(stage)) as unknown as { parties: [MlsParty]; bare: LibraryMember };
    const device = newMlsDevice(stage.random);
    const own = await stage.mls.createKeyPackage(device, lifetimeAround(stage.clock.now));
    const { initPrivateKey, leafPrivateKey } = keyPackageSecret.decode(own.secret);
    const groupInfo = await createGroupInfoWithExternalPubAndRatchetTree(bare.state, [], stage.suite.library);
    // The library checks trees wrongly (above), but not this one.
    const { publicMessage } = await joinGroupExternal(
      groupInfo,
      present(libraryDecodeKeyPackage(own.keyPackage, 0))[0],
      { initPrivateKey, hpkePrivateKey: leafPrivateKey, signaturePrivateKey: device.privateKey },
      false,
      stage.suite.library,
    );
    const external = encodeMlsMessage({ version: "mls10", wireformat: "mls_public_message", publicMessage });
    await expectRefusal(ann.group.receive(external), "malformed");
    await expectRefusal(ann.group.receive((await bare.commit({ wireAsPublicMessage: true })).message), "malformed");
    expect(ann.group.members()).toHaveLength(2);
  });

  test("the library keeps every old epoch's keys if told to keep none; we keep none", async () => {
    const stage = await realStage();
    const {
      parties: [ann],
      bare,
    } = (await mixedGroup(stage)) as unknown as { parties: [MlsParty]; bare: LibraryMember };
    const keyRetentionConfig = { ...bare.state.clientConfig.keyRetentionConfig, retainKeysForEpochs: 0 };
    bare.state = { ...bare.state, clientConfig: { ...bare.state.clientConfig, keyRetentionConfig } };
    const early = await ann.send(TEXT);
    for (let i = 0; i < 3; i += 1) await bare.receive((await ann.commit()).message);
    expect(bare.state.historicalReceiverData.size).toBe(3);
    expect(await bare.receive(early)).toEqual(TEXT);
    const [bea, carl] = (await groupOf(stage, 2)) as [MlsParty, MlsParty];
    const old = await bea.send(TEXT);
    await carl.receive((await bea.commit()).message);
    await expectRefusal(carl.group.receive(old), "wrong-epoch");
  });
});
