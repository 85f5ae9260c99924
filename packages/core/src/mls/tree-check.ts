import { verifyLeafNodeSignature } from "ts-mls/leafNode.js";
import type { ParentNode } from "ts-mls/parentNode.js";
import { getHpkePublicKey, resolution, type RatchetTree } from "ts-mls/ratchetTree.js";
import { left, leafToNodeIndex, leafWidth, parent, right, toLeafIndex, toNodeIndex } from "ts-mls/treemath.js";
import { Writer } from "@stonechat/protocol";
import { bytesKey, sameBytes } from "./byte-equality.ts";
import { requireUsableKey } from "./encryption-keys.ts";
import { requireNotFromTheFuture } from "./lifetimes.ts";
import { demand } from "./refusal.ts";
import type { Suite } from "./suite.ts";
import { leafRange, treeHashes, type TreeHashes } from "./tree-hash.ts";
import { hash, hashOrNothing, publicKey } from "./wire/wire-parts.ts";

/**
 * Checks a tree that came beside a Welcome, against the tree hash that the Welcome's signer vouches for
 * (RFC 9420 §12.4.3.1). The library's own check refuses honest trees in which not every ancestor of an unmerged leaf
 * lists the same leaves, and takes quadratic time.
 *
 * @throws MlsError `bad-tree`; `bad-leaf` and `bad-lifetime` for a leaf by itself.
 */
export async function checkTree(
  suite: Suite,
  tree: RatchetTree,
  groupId: Uint8Array,
  signedTreeHash: Uint8Array,
  now: number,
): Promise<void> {
  const hashes = treeHashes(suite.primitives, tree);
  demand("bad-tree", sameBytes(hashes.root, signedTreeHash));
  checkUniqueKeys(tree);
  for (const [index, node] of tree.entries()) {
    if (node === undefined) continue;
    requireUsableKey(suite.primitives, getHpkePublicKey(node), "bad-tree");
    if (node.nodeType !== "leaf") continue;
    demand("bad-leaf", await verifyLeafNodeSignature(node.leaf, groupId, index / 2, suite.library.signature));
    if (node.leaf.leafNodeSource === "key_package") requireNotFromTheFuture(node.leaf.lifetime, now);
  }
  for (const [index, node] of tree.entries()) {
    if (node?.nodeType !== "parent") continue;
    checkUnmergedLeaves(tree, index, node.parent.unmergedLeaves);
    demand("bad-tree", hasValidParentHash(suite, tree, hashes, index, node.parent));
  }
}

/** RFC 9420 §7.3, §12.4.3.1: no encryption key and no signature key stands in two nodes. */
function checkUniqueKeys(tree: RatchetTree): void {
  const keys = new Set<string>();
  for (const node of tree) {
    if (node === undefined) continue;
    const own = [getHpkePublicKey(node), ...(node.nodeType === "leaf" ? [node.leaf.signaturePublicKey] : [])];
    for (const key of own.map(bytesKey)) {
      demand("bad-tree", !keys.has(key));
      keys.add(key);
    }
  }
}

/** RFC 9420 §12.4.3.1: each unmerged leaf is there, below the node, and listed by every node in between. */
function checkUnmergedLeaves(tree: RatchetTree, index: number, unmergedLeaves: readonly number[]): void {
  const [first, last] = leafRange(index);
  for (const leaf of unmergedLeaves) {
    demand("bad-tree", leaf >= first && leaf <= last);
    let node = leafToNodeIndex(toLeafIndex(leaf));
    demand("bad-tree", tree[node] !== undefined);
    for (node = parent(node, leafWidth(tree.length)); node !== index; node = parent(node, leafWidth(tree.length))) {
      const between = tree[node];
      demand("bad-tree", between?.nodeType !== "parent" || between.parent.unmergedLeaves.includes(leaf));
    }
  }
}

/** RFC 9420 §7.9.2: some node below vouches for this one by its parent hash. */
function hasValidParentHash(
  suite: Suite,
  tree: RatchetTree,
  hashes: TreeHashes,
  index: number,
  node: ParentNode,
): boolean {
  const unmerged = new Set(node.unmergedLeaves);
  const children = [left(toNodeIndex(index)), right(toNodeIndex(index))] as const;
  return [children, [children[1], children[0]] as const].some(([child, sibling]) => {
    const expected = parentHash(suite, node, hashes.without(sibling, unmerged));
    const below = resolution(tree, child);
    const voucher = below.find((candidate) => sameBytes(parentHashAt(tree, candidate), expected));
    if (voucher === undefined) return false;
    const [first, last] = leafRange(child);
    const newcomers = node.unmergedLeaves.filter((leaf) => leaf >= first && leaf <= last).map((leaf) => 2 * leaf);
    const others = below.filter((candidate) => candidate !== voucher).map(Number);
    return others.length === newcomers.length && newcomers.every((leaf) => others.includes(leaf));
  });
}

/** `ParentHashInput` (RFC 9420 §7.9), hashed. */
function parentHash({ primitives }: Suite, node: ParentNode, originalSiblingTreeHash: Uint8Array): Uint8Array {
  const w = new Writer();
  publicKey.write(w, node.hpkePublicKey);
  hashOrNothing.write(w, node.parentHash);
  hash.write(w, originalSiblingTreeHash);
  return primitives.digest(w.finish());
}

function parentHashAt(tree: RatchetTree, index: number): Uint8Array {
  const node = tree[index];
  if (node?.nodeType === "parent") return node.parent.parentHash;
  if (node?.nodeType === "leaf" && node.leaf.leafNodeSource === "commit") return node.leaf.parentHash;
  return NONE;
}

const NONE = new Uint8Array(0);
