import type { MlsPrimitives } from "@stonechat/crypto";
import { Writer } from "@stonechat/protocol";
import { signKeyPackage } from "ts-mls/keyPackage.js";
import { signLeafNodeKeyPackage, type LeafNodeKeyPackage } from "ts-mls/leafNode.js";
import { addLeafNode, removeLeafNode } from "ts-mls/ratchetTree.js";
import { toLeafIndex } from "ts-mls/treemath.js";
import type { UpdatePath } from "ts-mls/updatePath.js";
import { expectAgreement, expectRefusal } from "@stonechat/testkit/mls-contract";
import { groupOf, lifetimeAround, newMlsDevice, type MlsParty } from "@stonechat/testkit/mls-party";
import { describe, expect, test } from "vitest";
import { commitBody, insideOf, renewedPath, resignedLeaf, sealBody, type Inside } from "../testing/mls-inside.ts";
import { present, realStage, type RealStage } from "../testing/mls-stage.ts";
import type { MlsErrorCode } from "./contract.ts";
import { encodeCredential } from "./credential.ts";
import { createMls } from "./index.ts";
import { decodeKeyPackage } from "./key-packages.ts";
import { CATCH_UP_MS, CLOCK_TOLERANCE_MS, toLifetime } from "./lifetimes.ts";
import { applyProposals } from "./proposals.ts";
import type { OurProposal } from "./wire/commit.ts";
import { CONTENT_COMMIT, privateMessageBytes } from "./wire/private-message.ts";

const TEXT = new TextEncoder().encode("hello");

interface Scene {
  readonly stage: RealStage;
  readonly parties: readonly MlsParty[];
  /** Leaf 4 of five, who forges. */
  readonly inside: Inside;
  /** Leaf 1, who receives. */
  readonly bea: MlsParty;
}

async function scene(): Promise<Scene> {
  const stage = await realStage();
  const parties = await groupOf(stage, 5);
  const [, bea, , , eve] = parties as [MlsParty, MlsParty, MlsParty, MlsParty, MlsParty];
  for (const [party, others] of [
    [eve, parties.slice(0, 4)],
    [bea, parties.filter((p) => p !== bea)],
  ] as const) {
    const { message } = await party.commit();
    for (const other of others) await other.receive(message);
  }
  return { stage, parties, inside: insideOf(eve, stage.random), bea };
}

/** Refused, with the group as it was: it follows the next honest commit (R071). */
async function expectRefused({ parties, bea }: Scene, message: Uint8Array, code: MlsErrorCode): Promise<void> {
  const before = structuredClone(bea.stored);
  await expectRefusal(bea.group.receive(message), code);
  expect(bea.stored).toEqual(before);
  await bea.reload();
  const ann = present(parties[0]);
  const honest = await ann.group.stageCommit({ add: [], remove: [], authenticatedData: TEXT });
  const next = (await bea.group.receive(honest.message)).step;
  expect(next?.group.epochAuthenticator()).toEqual(honest.step.group.epochAuthenticator());
}

/** A commit of the forger's with its own proposals, over the tree as honest proposals would leave it. */
async function forged(
  { inside }: Scene,
  {
    proposals = [],
    tree = inside.epoch.tree,
    newLeaves = [],
    change = same,
  }: {
    proposals?: readonly OurProposal[];
    tree?: Inside["epoch"]["tree"];
    newLeaves?: readonly number[];
    change?: (path: UpdatePath) => UpdatePath | Promise<UpdatePath>;
  } = {},
): Promise<Uint8Array> {
  const { path } = await renewedPath(inside, tree, newLeaves);
  return sealBody(inside, CONTENT_COMMIT, commitBody({ proposals, path: await change(path) }));
}

const same = (path: UpdatePath): UpdatePath => path;

/** A commit whose proposals are these bytes. */
async function rawProposals({ inside }: Scene, bytes: readonly number[]): Promise<Uint8Array> {
  const { path } = await renewedPath(inside);
  const rest = commitBody({ proposals: [], path }).subarray(1);
  const w = new Writer();
  w.vector(Uint8Array.from(bytes), 1000);
  w.opaque(rest);
  return sealBody(inside, CONTENT_COMMIT, w.finish());
}

async function add(
  { stage }: Scene,
  changes: Partial<LeafNodeKeyPackage> = {},
  device = newMlsDevice(stage.random),
): Promise<OurProposal & { type: "add" }> {
  const own = decodeKeyPackage((await stage.mls.createKeyPackage(device, lifetimeAround(stage.clock.now))).keyPackage);
  const { signature } = stage.suite.library;
  const leafNode = await signLeafNodeKeyPackage({ ...own.leafNode, ...changes }, device.privateKey, signature);
  return { type: "add", keyPackage: await signKeyPackage({ ...own, leafNode }, device.privateKey, signature) };
}

/** A commit that adds, over the right tree. */
async function forgedAdd(all: Scene, ...proposals: (OurProposal & { type: "add" })[]): Promise<Uint8Array> {
  let { tree } = all.inside.epoch;
  const newLeaves = proposals.map(({ keyPackage }) => {
    const [grown, node] = addLeafNode(tree, keyPackage.leafNode);
    tree = grown;
    return node / 2;
  });
  return forged(all, { proposals, tree, newLeaves });
}

/** What the proposals of a commit of the forger's come to. */
function applied(
  { stage, inside }: Scene,
  removed: readonly number[],
  adds: readonly OurProposal[] = [],
): ReturnType<typeof applyProposals> {
  const proposals = [...removed.map((leaf): OurProposal => ({ type: "remove", removed: leaf })), ...adds];
  return applyProposals(stage.suite, inside.epoch, inside.epoch.ownLeaf, proposals, "received", stage.clock.now);
}

describe("what is refused of a commit (R069, R071)", () => {
  test("V30 proposals by reference, Update, PreSharedKey, ReInit, ExternalInit, GroupContextExtensions and unknown ones", async () => {
    const all = await scene();
    await expectRefused(all, await rawProposals(all, [2, 4, 1, 2, 3, 4]), "refused-proposal");
    for (const type of [0, 2, 4, 5, 6, 7, 8, 0xf00]) {
      await expectRefused(all, await rawProposals(all, [1, type >> 8, type & 0xff, 0, 0, 0, 0]), "refused-proposal");
    }
  });

  test("V31 a commit without path", async () => {
    const all = await scene();
    await expectRefused(all, sealBody(all.inside, CONTENT_COMMIT, Uint8Array.of(0, 0)), "missing-path");
    await expectRefused(
      all,
      sealBody(all.inside, CONTENT_COMMIT, Uint8Array.of(7, 1, 0, 3, 0, 0, 0, 0, 0)),
      "missing-path",
    );
  });

  test("V19, V20 a commit with bytes after it, and one that its sender did not sign", async () => {
    const all = await scene();
    const body = commitBody({ proposals: [], path: (await renewedPath(all.inside)).path });
    await expectRefused(all, sealBody(all.inside, CONTENT_COMMIT, body, { padding: new Uint8Array(1) }), "malformed");
    await expectRefused(
      all,
      sealBody(all.inside, CONTENT_COMMIT, body, { signature: new Uint8Array(64) }),
      "bad-signature",
    );
    await expectRefused(all, sealBody(all.inside, CONTENT_COMMIT, body, { leaf: 0 }), "bad-signature");
    const message = privateMessageBytes.decode(sealBody(all.inside, CONTENT_COMMIT, body));
    await expectRefused(all, privateMessageBytes.encode({ ...message, authenticatedData: TEXT }), "decrypt-failed");
  });

  test("V32 a Remove of the committer, of a blank leaf, of a leaf outside of the tree, and one leaf twice", async () => {
    const all = await scene();
    for (const removed of [4, 5, 7, 8, 2 ** 32 - 1]) {
      await expectRefused(all, await forged(all, { proposals: [{ type: "remove", removed }] }), "bad-commit");
    }
    const tree = removeLeafNode(all.inside.epoch.tree, toLeafIndex(2));
    const twice = { type: "remove", removed: 2 } as const;
    await expectRefused(all, await forged(all, { proposals: [twice, twice], tree }), "bad-commit");
    // By the rule itself, and not because something else of the forgery is wrong.
    for (const removed of [[4], [5], [2 ** 32 - 1], [2, 2]]) await expectRefusal(applied(all, removed), "bad-commit");
    expect(await applied(all, [2, 3])).toMatchObject({ removed: [{ leaf: 2 }, { leaf: 3 }] });
  });

  test("V33 an Add of a device that is there, of one device twice, and with a key that stands in the tree", async () => {
    const all = await scene();
    const { bea, inside } = all;
    await expectRefused(all, await forgedAdd(all, await add(all, {}, bea.device)), "bad-commit");
    const [device, other] = [newMlsDevice(all.stage.random), await add(all)];
    await expectRefused(
      all,
      await forgedAdd(all, await add(all, {}, device), await add(all, {}, device)),
      "bad-commit",
    );
    await expectRefused(all, await forgedAdd(all, other, other), "bad-commit");
    const node = present(inside.epoch.tree[0]);
    if (node.nodeType !== "leaf") throw new RangeError("not a leaf");
    const known = await add(all, { hpkePublicKey: node.leaf.hpkePublicKey });
    await expectRefused(all, await forgedAdd(all, known), "bad-commit");
    for (const bad of [[known], [other, other], [await add(all, {}, bea.device)]])
      await expectRefusal(applied(all, [], bad), "bad-commit");
    // Who leaves by the same commit frees its keys: so a device is added anew.
    expect(await applied(all, [1], [await add(all, {}, bea.device)])).toMatchObject({
      added: [{ member: { leaf: 1 } }],
    });
  });

  test("V24, V26, V27 an Add with a bad KeyPackage: signature, key, lifetime", async () => {
    const all = await scene();
    const { now } = all.stage.clock;
    const good = await add(all);
    const forgedSignature = { ...good, keyPackage: { ...good.keyPackage, signature: new Uint8Array(64) } };
    await expectRefused(all, await forgedAdd(all, forgedSignature), "bad-signature");
    await expectRefused(
      all,
      await forgedAdd(all, await add(all, { hpkePublicKey: new Uint8Array(1216).fill(0xff) })),
      "bad-leaf",
    );
    const early = toLifetime({ notBefore: now + 2 * CLOCK_TOLERANCE_MS, notAfter: now + 3 * CLOCK_TOLERANCE_MS });
    await expectRefused(all, await forgedAdd(all, await add(all, { lifetime: early })), "bad-lifetime");
    const gone = toLifetime({ notBefore: now - 2 * CATCH_UP_MS, notAfter: now - CATCH_UP_MS - 2 * CLOCK_TOLERANCE_MS });
    await expectRefused(all, await forgedAdd(all, await add(all, { lifetime: gone })), "bad-lifetime");
  });

  test("V27 who reads an Add late, within the retention of commits, still follows it (R098)", async () => {
    const all = await scene();
    const [ann, bea] = [present(all.parties[0]), all.bea];
    const own = await all.stage.mls.createKeyPackage(
      newMlsDevice(all.stage.random),
      lifetimeAround(all.stage.clock.now),
    );
    const staged = await ann.commit({ add: [own] });
    all.stage.clock.now += CATCH_UP_MS;
    await bea.receive(staged.message);
    await expectAgreement([ann, bea]);
  });

  test("V27 we add by no KeyPackage that has expired since we verified it (R082)", async () => {
    const all = await scene();
    const [ann, { mls, clock }] = [present(all.parties[0]), all.stage];
    const own = await mls.createKeyPackage(newMlsDevice(all.stage.random), lifetimeAround(clock.now));
    const verified = await mls.verifyKeyPackage(own.keyPackage);
    const stage = (): Promise<unknown> =>
      ann.group.stageCommit({ add: [verified], remove: [], authenticatedData: TEXT });
    clock.now = own.notAfter + CLOCK_TOLERANCE_MS + 1000;
    await expectRefusal(stage(), "bad-lifetime");
    clock.now = own.notAfter;
    expect(await stage()).toMatchObject({ added: [{}] });
  });

  test("V34 a path in which the committer becomes another account or another device (R070)", async () => {
    const all = await scene();
    const { inside, bea, stage } = all;
    const thief = newMlsDevice(stage.random);
    const claims = [
      { signer: inside.device, credential: encodeCredential(bea.device.identityKey) },
      { signer: inside.device, credential: encodeCredential(thief.identityKey) },
      { signer: inside.device, signaturePublicKey: bea.device.deviceKey },
      { signer: inside.device, signaturePublicKey: thief.deviceKey },
      // With all keys at hand and every signature right.
      { signer: thief, signaturePublicKey: thief.deviceKey },
      { signer: thief, signaturePublicKey: thief.deviceKey, credential: encodeCredential(thief.identityKey) },
      { signer: bea.device, signaturePublicKey: bea.device.deviceKey },
    ];
    for (const { signer, ...changes } of claims) {
      const change = async (path: UpdatePath): Promise<UpdatePath> => ({
        ...path,
        leafNode: await resignedLeaf({ ...inside, device: signer }, path.leafNode, changes),
      });
      await expectRefused(all, await forged(all, { change }), "bad-leaf");
    }
  });

  test("V23, V35 a path whose leaf is not signed for this group and this leaf, or is a KeyPackage's", async () => {
    const all = await scene();
    const unsigned = (path: UpdatePath): UpdatePath => ({
      ...path,
      leafNode: { ...path.leafNode, signature: new Uint8Array(64) },
    });
    await expectRefused(all, await forged(all, { change: unsigned }), "bad-leaf");
    const { inside } = all;
    const own = await all.stage.mls.createKeyPackage(inside.device, lifetimeAround(all.stage.clock.now));
    // Types would not let us: a leaf of the same device, but as it stands in a KeyPackage.
    const leafNode = decodeKeyPackage(own.keyPackage).leafNode as unknown as UpdatePath["leafNode"];
    await expectRefused(all, await forged(all, { change: (path) => ({ ...path, leafNode }) }), "bad-leaf");
    for (const elsewhere of [
      { ...inside, epoch: { ...inside.epoch, ownLeaf: 3 } },
      { ...inside, epoch: { ...inside.epoch, context: { ...inside.epoch.context, groupId: TEXT } } },
    ]) {
      const change = async (path: UpdatePath): Promise<UpdatePath> => ({
        ...path,
        leafNode: await resignedLeaf(elsewhere, path.leafNode, {}),
      });
      await expectRefused(all, await forged(all, { change }), "bad-leaf");
    }
  });

  test("V36, V37 a path with a node too few or too many, or a ciphertext too few or too many", async () => {
    const all = await scene();
    const changes: ((path: UpdatePath) => UpdatePath)[] = [
      (path) => ({ ...path, nodes: path.nodes.slice(1) }),
      (path) => ({ ...path, nodes: [] }),
      (path) => ({ ...path, nodes: [...path.nodes, present(path.nodes[0])] }),
      (path) => ({
        ...path,
        nodes: path.nodes.map((node) => ({ ...node, encryptedPathSecret: node.encryptedPathSecret.slice(1) })),
      }),
      (path) => ({
        ...path,
        nodes: path.nodes.map((node) => ({
          ...node,
          encryptedPathSecret: [...node.encryptedPathSecret, present(node.encryptedPathSecret[0])],
        })),
      }),
    ];
    for (const change of changes) await expectRefused(all, await forged(all, { change }), "bad-path");
  });

  test("V38 a path with a key that stands in the tree, stands there twice, or that nobody can encrypt to", async () => {
    const all = await scene();
    const { inside } = all;
    const [own, other] = [present(inside.epoch.tree[8]), present(inside.epoch.tree[0])];
    if (own.nodeType !== "leaf" || other.nodeType !== "leaf") throw new RangeError("not a leaf");
    for (const key of [own.leaf.hpkePublicKey, other.leaf.hpkePublicKey, new Uint8Array(1216).fill(0xff)]) {
      const leaf = async (path: UpdatePath): Promise<UpdatePath> => ({
        ...path,
        leafNode: await resignedLeaf(inside, path.leafNode, { hpkePublicKey: key }),
      });
      const node = (path: UpdatePath): UpdatePath => ({
        ...path,
        nodes: path.nodes.map((each) => ({ ...each, hpkePublicKey: key })),
      });
      for (const change of [leaf, node]) await expectRefused(all, await forged(all, { change }), "bad-path");
    }
    const twice = async (path: UpdatePath): Promise<UpdatePath> => ({
      ...path,
      leafNode: await resignedLeaf(inside, path.leafNode, { hpkePublicKey: present(path.nodes[0]).hpkePublicKey }),
    });
    await expectRefused(all, await forged(all, { change: twice }), "bad-path");
  });

  test("V39 a path whose leaf vouches for other parents", async () => {
    const all = await scene();
    for (const parentHash of [new Uint8Array(0), all.stage.random.bytes(64)]) {
      const change = async (path: UpdatePath): Promise<UpdatePath> => ({
        ...path,
        leafNode: await resignedLeaf(all.inside, path.leafNode, { parentHash }),
      });
      await expectRefused(all, await forged(all, { change }), "bad-path");
    }
    const key = all.stage.suite.primitives.kemGenerateKeyPair().publicKey;
    const node = (path: UpdatePath): UpdatePath => ({
      ...path,
      nodes: path.nodes.map((each) => ({ ...each, hpkePublicKey: key })),
    });
    await expectRefused(all, await forged(all, { change: node }), "bad-path");
  });

  test("V40 a path secret that we cannot open", async () => {
    const all = await scene();
    const change = (path: UpdatePath): UpdatePath => ({
      ...path,
      nodes: path.nodes.map((node) => ({
        ...node,
        encryptedPathSecret: node.encryptedPathSecret.map((sealed) => ({
          ...sealed,
          ciphertext: sealed.ciphertext.map((byte) => byte ^ 1),
        })),
      })),
    });
    await expectRefused(all, await forged(all, { change }), "bad-path");
  });

  test("V42 a commit with another confirmation tag, all else being right", async () => {
    const all = await scene();
    await expectRefused(all, await forged(all), "bad-commit");
  });

  test("V43 an Add beyond 2,048 leaves", async () => {
    const all = await scene();
    const { suite } = all.stage;
    const leaf = present(all.inside.epoch.tree[0]);
    const proposal = await add(all);
    const full = (leaves: number): Inside["epoch"] => ({
      ...all.inside.epoch,
      tree: Array.from({ length: 4095 }, (_, i) => (i % 2 === 0 && i < 2 * leaves ? leaf : undefined)),
    });
    const apply = (leaves: number): Promise<unknown> =>
      applyProposals(suite, full(leaves), 0, [proposal], "received", all.stage.clock.now);
    await expectRefusal(apply(2048), "bad-commit");
    expect(await apply(2047)).toMatchObject({ added: [{ member: { leaf: 2047 } }] });
  });

  test("V14 our own commit, echoed or changed (R088)", async () => {
    const all = await scene();
    const staged = await all.bea.stage();
    await expectRefused(all, staged.message, "own-message");
    await all.bea.reload();
    const body = commitBody({ proposals: [], path: (await renewedPath(all.inside)).path });
    await expectRefused(all, sealBody(all.inside, CONTENT_COMMIT, body, { leaf: 1 }), "own-message");
  });

  test("a fault at any step of processing leaves the group as it was (R071)", async () => {
    const all = await scene();
    const [ann, bea] = [present(all.parties[0]), all.bea];
    const own = await all.stage.mls.createKeyPackage(
      newMlsDevice(all.stage.random),
      lifetimeAround(all.stage.clock.now),
    );
    const staged = await ann.stage({ add: [own], remove: [2] });
    let left = Infinity;
    const faulty = createMls({
      primitives: failing(all.stage.suite.primitives, () => {
        left -= 1;
        return left < 0;
      }),
      now: () => all.stage.clock.now,
    });
    const group = await faulty.load(bea.stored, bea.device);
    let calls = 0;
    for (; ; calls += 1) {
      left = calls;
      const outcome = await group.receive(staged.message).then(
        () => "received",
        () => "failed",
      );
      left = Infinity;
      expect(group.epochAuthenticator()).toEqual(bea.group.epochAuthenticator());
      expect(group.members()).toHaveLength(5);
      if (outcome === "received") break;
    }
    expect(calls).toBeGreaterThan(50);
    const received = await group.receive(staged.message);
    expect(received.step?.group.epochAuthenticator()).toEqual(staged.step.group.epochAuthenticator());
  });
});

/** Primitives of which each call may fail. */
function failing(primitives: MlsPrimitives, fails: () => boolean): MlsPrimitives {
  return new Proxy(primitives, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown => {
        if (fails()) throw new Error("fault");
        return Reflect.apply(value, target, args);
      };
    },
  });
}
