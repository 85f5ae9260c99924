import { WireError } from "@stonechat/protocol";
import { signLeafNodeKeyPackage, type LeafNode } from "ts-mls/leafNode.js";
import { addLeafNode, type Node, type RatchetTree } from "ts-mls/ratchetTree.js";
import { expectRefusal } from "@stonechat/testkit/mls-contract";
import { groupOf, lifetimeAround, newMlsDevice, type MlsParty } from "@stonechat/testkit/mls-party";
import { describe, expect, test } from "vitest";
import { forgeWelcome, insideOf, renewedPath, type ForgedWelcome, type Inside } from "../testing/mls-inside.ts";
import { lyingSuite } from "../testing/library-member.ts";
import { present, realStage, type RealStage } from "../testing/mls-stage.ts";
import type { DeviceKeys, MlsErrorCode, OwnKeyPackage, StagedCommit } from "./contract.ts";
import { decodeKeyPackage } from "./key-packages.ts";
import { CATCH_UP_MS, CLOCK_TOLERANCE_MS, toLifetime } from "./lifetimes.ts";
import { ratchetTreeBytes } from "./wire/ratchet-tree.ts";
import { groupSecretsBytes, welcomeBytes } from "./wire/welcome.ts";

interface Scene {
  readonly stage: RealStage;
  readonly device: DeviceKeys;
  readonly own: OwnKeyPackage;
  readonly inside: Inside;
  readonly staged: StagedCommit;
  /** The tree with the newcomer, as an honest adder at leaf 0 would leave it, and the path secret for the newcomer. */
  readonly tree: RatchetTree;
  readonly pathSecret: Uint8Array;
}

/** Eight leaves, of which the last is the newcomer; node 11 knows it as unmerged. */
async function scene(): Promise<Scene> {
  const stage = await realStage();
  const parties = await groupOf(stage, 7);
  const [ann, eve] = [present(parties[0]), present(parties[4])];
  const update = await eve.commit();
  for (const party of parties) if (party !== eve) await party.receive(update.message);
  const device = newMlsDevice(stage.random);
  const own = await stage.mls.createKeyPackage(device, lifetimeAround(stage.clock.now));
  const inside = insideOf(ann, stage.random);
  const [grown] = addLeafNode(inside.epoch.tree, decodeKeyPackage(own.keyPackage).leafNode);
  const { tree, secrets } = await renewedPath(inside, grown, [7]);
  return {
    stage,
    device,
    own,
    inside,
    staged: await ann.stage({ add: [own] }),
    tree,
    pathSecret: present(secrets.at(-1)).secret,
  };
}

/** Joins by a Welcome into any tree, in which everything the adder signs is as it should be. */
async function joinForged(all: Scene, forged: Partial<ForgedWelcome>, treeBytes?: Uint8Array): Promise<unknown> {
  const tree = forged.tree ?? all.tree;
  const welcome = await forgeWelcome(all.inside, { tree, pathSecret: all.pathSecret, addressee: all.own, ...forged });
  return all.stage.mls.join({
    welcome,
    tree: treeBytes ?? ratchetTreeBytes.encode(tree),
    keyPackage: all.own,
    device: all.device,
  });
}

async function expectForgedRefused(all: Scene, forged: Partial<ForgedWelcome>, code: MlsErrorCode): Promise<void> {
  await expectRefusal(joinForged(all, forged), code);
}

/** The tree with one node replaced. */
function replaced({ tree }: Scene, index: number, change: (node: Node) => Node | undefined): RatchetTree {
  return tree.map((node, i) => (i === index && node !== undefined ? change(node) : node));
}

/** The tree with the newcomer, before the adder's path. */
function grownTree({ inside, own }: Scene): RatchetTree {
  return addLeafNode(inside.epoch.tree, decodeKeyPackage(own.keyPackage).leafNode)[0];
}

const leafChange =
  (change: (leaf: LeafNode) => LeafNode) =>
  (node: Node): Node =>
    node.nodeType === "leaf" ? { ...node, leaf: change(node.leaf) } : node;
const parentChange =
  (changes: Partial<Extract<Node, { nodeType: "parent" }>["parent"]>) =>
  (node: Node): Node =>
    node.nodeType === "parent" ? { ...node, parent: { ...node.parent, ...changes } } : node;

describe("what is refused of a Welcome (R069, R081)", () => {
  test("an honest Welcome is taken, and so is one by our forger's tools that forges nothing", async () => {
    const all = await scene();
    const { welcome, tree } = { welcome: present(all.staged.welcomes[0]), tree: all.staged.tree };
    const joined = await all.stage.mls.join({ welcome, tree, keyPackage: all.own, device: all.device });
    expect(joined.group.epochAuthenticator()).toEqual(all.staged.step.group.epochAuthenticator());
    expect(await joinForged(all, {})).toMatchObject({ adder: { leaf: 0 } });
  });

  test("V50, V51 a Welcome for another KeyPackage, and one whose secrets do not open", async () => {
    const all = await scene();
    const welcome = present(all.staged.welcomes[0]);
    const other = await all.stage.mls.createKeyPackage(all.device, lifetimeAround(all.stage.clock.now));
    const input = { welcome, tree: all.staged.tree, device: all.device };
    await expectRefusal(all.stage.mls.join({ ...input, keyPackage: other }), "not-for-us");
    // As if the private keys had been deleted and made anew (R081).
    await expectRefusal(all.stage.mls.join({ ...input, keyPackage: { ...other, ref: all.own.ref } }), "decrypt-failed");
  });

  test("V72 a KeyPackage of ours opens for its own device only", async () => {
    const all = await scene();
    const input = { welcome: present(all.staged.welcomes[0]), tree: all.staged.tree, keyPackage: all.own };
    for (const device of [
      newMlsDevice(all.stage.random),
      { ...all.device, identityKey: newMlsDevice(all.stage.random).identityKey },
    ]) {
      await expect(all.stage.mls.join({ ...input, device })).rejects.toBeInstanceOf(RangeError);
    }
  });

  test("V2, V5 a Welcome of another suite, cut short or with a byte too many", async () => {
    const all = await scene();
    const welcome = present(all.staged.welcomes[0]);
    const weaker = welcome.slice();
    weaker.set([0, 1], 4);
    for (const [bytes, code] of [
      [weaker, "wrong-suite"],
      [welcome.subarray(0, -1), "malformed"],
      [Uint8Array.of(...welcome, 0), "malformed"],
    ] as const) {
      await expectRefusal(
        all.stage.mls.join({ welcome: bytes, tree: all.staged.tree, keyPackage: all.own, device: all.device }),
        code,
      );
      expect(() => all.stage.mls.welcomeRefs(bytes)).toThrow(expect.objectContaining({ code }));
    }
  });

  test("V52 group secrets without path secret, or with a PSK", () => {
    const good = groupSecretsBytes.encode({ joinerSecret: new Uint8Array(64), pathSecret: new Uint8Array(64) });
    const without = Uint8Array.of(...good.subarray(0, 66), 0, 0);
    const psk = Uint8Array.of(...good.subarray(0, -1), 3, 1, 0, 0);
    expect(() => groupSecretsBytes.decode(without)).toThrow(expect.objectContaining({ code: "missing-path" }));
    expect(() => groupSecretsBytes.decode(psk)).toThrow(expect.objectContaining({ code: "refused-proposal" }));
    expect(() => groupSecretsBytes.decode(good.subarray(0, -1))).toThrow(WireError);
  });

  test("V53 a GroupInfo that was changed", async () => {
    const all = await scene();
    const decoded = welcomeBytes.decode(present(all.staged.welcomes[0]));
    const encryptedGroupInfo = decoded.encryptedGroupInfo.map((byte, i) => (i === 9 ? byte ^ 1 : byte));
    const welcome = welcomeBytes.encode({ ...decoded, encryptedGroupInfo });
    await expectRefusal(
      all.stage.mls.join({ welcome, tree: all.staged.tree, keyPackage: all.own, device: all.device }),
      "decrypt-failed",
    );
  });

  test("V54 a GroupInfo that its signer did not sign, or whose signer is nobody", async () => {
    const all = await scene();
    await expectForgedRefused(all, { signWith: newMlsDevice(all.stage.random).privateKey }, "bad-signature");
    await expectForgedRefused(all, { signer: 3 }, "bad-signature");
    for (const signer of [8, 1000, 2 ** 32 - 1]) await expectForgedRefused(all, { signer }, "bad-tree");
  });

  test("V55 a tree that the signer does not vouch for", async () => {
    const all = await scene();
    await expectForgedRefused(all, { context: { treeHash: new Uint8Array(64) } }, "bad-tree");
    const [foreign] = (await groupOf(all.stage, 2)) as [MlsParty];
    const tree = ratchetTreeBytes.encode(insideOf(foreign, all.stage.random).epoch.tree);
    await expect(joinForged(all, {}, tree)).rejects.toMatchObject({ code: /bad-(tree|signature)/u });
  });

  test("V56 a tree with a node in the wrong place, a blank end, nothing at all, or trailing bytes", async () => {
    const all = await scene();
    const whole = ratchetTreeBytes.encode(all.tree);
    const wrong: readonly (readonly [Uint8Array, MlsErrorCode])[] = [
      [Uint8Array.of(...whole, 0), "malformed"],
      [whole.subarray(0, -1), "malformed"],
      [Uint8Array.of(0), "bad-tree"],
      [Uint8Array.of(3, 0, 0, 0), "bad-tree"],
      [Uint8Array.of(2, 0, 2), "malformed"],
      [Uint8Array.of(2, 1, 2), "bad-tree"],
      [Uint8Array.of(2, 1, 3), "bad-tree"],
      [Uint8Array.of(3, 0, 1, 1), "bad-tree"],
    ];
    for (const [bytes, code] of wrong) await expectRefusal(joinForged(all, {}, bytes), code);
    const blanks = new Uint8Array(10_000);
    await expectRefusal(joinForged(all, {}, Uint8Array.of(0x67, 0x10, ...blanks)), "bad-tree");
  });

  test("V57, V58 a tree in which a key stands twice, or to which nobody can encrypt, though all above vouch for it", async () => {
    const all = await scene();
    const { suite } = all.stage;
    const grown = grownTree(all);
    const leaf = present(grown[4]);
    if (leaf.nodeType !== "leaf") throw new RangeError("not a leaf");
    for (const key of [undefined, leaf.leaf.hpkePublicKey, new Uint8Array(1216).fill(0xff)]) {
      // Node 1 is the adder's first parent.
      const { tree, secrets } = await renewedPath(
        { ...all.inside, suite: { ...suite, library: lyingSuite(suite, 1, key) } },
        grown,
        [7],
      );
      const joining = joinForged(all, { tree, pathSecret: present(secrets.at(-1)).secret });
      if (key === undefined) expect(await joining).toMatchObject({ adder: { leaf: 0 } });
      else await expectRefusal(joining, "bad-tree");
    }
    await expectForgedRefused(
      all,
      {
        tree: replaced(
          all,
          6,
          leafChange(() => leaf.leaf),
        ),
      },
      "bad-tree",
    );
  });

  test("V59 a tree whose unmerged leaves are not below, are not there, or are left out in between", async () => {
    const all = await scene();
    for (const unmergedLeaves of [[1], [7, 7], [7, 6], [5, 7], []]) {
      const tree = replaced(all, 11, parentChange({ unmergedLeaves }));
      if (
        new Set(unmergedLeaves).size === unmergedLeaves.length &&
        String(unmergedLeaves) === String([...unmergedLeaves].sort())
      ) {
        await expectForgedRefused(all, { tree }, "bad-tree");
      } else {
        await expectRefusal(joinForged(all, { tree }), "bad-tree");
        const bytes = ratchetTreeBytes.encode(tree);
        expect(() => ratchetTreeBytes.decode(bytes)).toThrow(expect.objectContaining({ code: "bad-tree" }) as Error);
      }
    }
    await expectForgedRefused(all, { tree: replaced(all, 7, parentChange({ unmergedLeaves: [1000] })) }, "bad-tree");
    // As if the tree had been so before the adder's own path, which vouches for it.
    for (const [unmergedLeaves, good] of [
      [[7], true],
      [[1, 7], false],
      [[6, 7], false],
      [[], false],
    ] as const) {
      const before = grownTree(all).map((node, i) =>
        i === 11 && node !== undefined ? parentChange({ unmergedLeaves: [...unmergedLeaves] })(node) : node,
      );
      const { tree, secrets } = await renewedPath(all.inside, before, [7]);
      const joining = joinForged(all, { tree, pathSecret: present(secrets.at(-1)).secret });
      if (good) expect(await joining).toMatchObject({ adder: { leaf: 0 } });
      else await expectRefusal(joining, "bad-tree");
    }
    // Between the root and leaf 4 stands node 9, which does not know it as unmerged.
    await expectForgedRefused(all, { tree: replaced(all, 7, parentChange({ unmergedLeaves: [4] })) }, "bad-tree");
  });

  test("V60 a tree with a parent for which nobody vouches", async () => {
    const all = await scene();
    const key = all.stage.suite.primitives.kemGenerateKeyPair().publicKey;
    for (const index of [1, 3, 7, 9, 11]) {
      await expectForgedRefused(all, { tree: replaced(all, index, parentChange({ hpkePublicKey: key })) }, "bad-tree");
    }
    const filled: RatchetTree = all.tree.map((node, i) =>
      i === 13
        ? { nodeType: "parent", parent: { hpkePublicKey: key, parentHash: new Uint8Array(64), unmergedLeaves: [] } }
        : node,
    );
    await expectForgedRefused(all, { tree: filled }, "bad-tree");
  });

  test("V61, V62 a tree with a leaf that its device did not sign, or from the future (R073)", async () => {
    const all = await scene();
    const unsigned = leafChange((leaf) => ({ ...leaf, signature: new Uint8Array(64) }));
    await expectForgedRefused(all, { tree: replaced(all, 2, unsigned) }, "bad-leaf");
    const ghost = newMlsDevice(all.stage.random);
    const { now } = all.stage.clock;
    const early = toLifetime({ notBefore: now + 2 * CLOCK_TOLERANCE_MS, notAfter: now + 3 * CLOCK_TOLERANCE_MS });
    const own = decodeKeyPackage(
      (await all.stage.mls.createKeyPackage(ghost, lifetimeAround(now))).keyPackage,
    ).leafNode;
    const leaf = await signLeafNodeKeyPackage(
      { ...own, leafNodeSource: "key_package", lifetime: early },
      ghost.privateKey,
      all.stage.suite.library.signature,
    );
    await expectForgedRefused(
      all,
      {
        tree: replaced(
          all,
          2,
          leafChange(() => leaf),
        ),
      },
      "bad-lifetime",
    );
  });

  test("V62 a tree with a member whose KeyPackage has expired since is taken: it may just be idle", async () => {
    const all = await scene();
    all.stage.clock.now += 60 * CLOCK_TOLERANCE_MS;
    expect(await joinForged(all, {})).toMatchObject({ adder: { leaf: 0 } });
  });

  test("V63 a tree without our leaf", async () => {
    const all = await scene();
    const other = await all.stage.mls.createKeyPackage(all.device, lifetimeAround(all.stage.clock.now));
    const [grown] = addLeafNode(all.inside.epoch.tree, decodeKeyPackage(other.keyPackage).leafNode);
    const { tree } = await renewedPath(all.inside, grown, [7]);
    await expectForgedRefused(all, { tree }, "bad-tree");
  });

  test("V64 a path secret that does not belong to the tree", async () => {
    const all = await scene();
    await expectForgedRefused(all, { pathSecret: new Uint8Array(64) }, "bad-path");
  });

  test("V65, V66 another confirmation tag, and an epoch in which nobody can join", async () => {
    const all = await scene();
    await expectForgedRefused(all, { tag: new Uint8Array(64) }, "bad-commit");
    await expectForgedRefused(all, { context: { epoch: 0n } }, "malformed");
  });

  test("V67 a Welcome that waited longer than commits are kept", async () => {
    const all = await scene();
    all.stage.clock.now = all.own.notAfter + CATCH_UP_MS + 2 * CLOCK_TOLERANCE_MS;
    await expectForgedRefused(all, {}, "bad-lifetime");
  });
});
