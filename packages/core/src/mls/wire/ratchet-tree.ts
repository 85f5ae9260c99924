import { boolean, structure, Writer, type Codec, type Reader } from "@stonechat/protocol";
import { extendRatchetTree, stripBlankNodes, type Node, type RatchetTree } from "ts-mls/ratchetTree.js";
import type { ParentNode } from "ts-mls/parentNode.js";
import { MlsError } from "../contract.ts";
import { leafNode } from "./leaf-node.ts";
import { hashOrNothing, publicKey } from "./wire-parts.ts";

/** Leaves of a group, blank ones included. */
export const MAX_LEAVES = 2048;
/** Two full nodes a leaf, and room. */
export const MAX_TREE_BYTES = 8 * 1024 * 1024;
const MAX_NODES = 2 * MAX_LEAVES - 1;
const LEAF = 1;
const PARENT = 2;

/** `ParentNode` (RFC 9420 §7.1). Unmerged leaves must ascend. */
export const parentNode: Codec<ParentNode> = {
  read(r) {
    const hpkePublicKey = publicKey.read(r);
    const parentHash = hashOrNothing.read(r);
    const unmergedLeaves = r.within(r.vectorLength(4 * MAX_LEAVES), () => r.uint32());
    const ascending = unmergedLeaves.every((leaf, i) => i === 0 || leaf > (unmergedLeaves[i - 1] ?? Infinity));
    if (!ascending) throw new MlsError("bad-tree");
    return { hpkePublicKey, parentHash, unmergedLeaves };
  },
  write(w, value) {
    publicKey.write(w, value.hpkePublicKey);
    hashOrNothing.write(w, value.parentHash);
    w.vectorLength(4 * value.unmergedLeaves.length, 4 * MAX_LEAVES);
    for (const leaf of value.unmergedLeaves) w.uint32(leaf);
  },
};

/**
 * `optional<Node> ratchet_tree<V>` (RFC 9420 §12.4.3.3): without the blank nodes at its end, and extended to a full tree.
 *
 * @throws MlsError `bad-tree` if a node stands in the wrong place, the last is blank, or there are too many.
 */
export const ratchetTree: Codec<RatchetTree> = {
  read(r) {
    const nodes: RatchetTree = [];
    r.within(r.vectorLength(MAX_TREE_BYTES), () => {
      if (nodes.length === MAX_NODES) throw new MlsError("bad-tree");
      nodes.push(readNode(r, nodes.length));
    });
    if (nodes.at(-1) === undefined) throw new MlsError("bad-tree");
    return extendRatchetTree(nodes);
  },
  write(w, tree) {
    const inner = new Writer();
    for (const node of stripBlankNodes(tree)) writeNode(inner, node);
    w.vector(inner.finish(), MAX_TREE_BYTES);
  },
};

/** A tree by itself, as it travels beside a Welcome. */
export const ratchetTreeBytes = structure("RatchetTree", MAX_TREE_BYTES, ratchetTree);

function readNode(r: Reader, index: number): Node | undefined {
  if (!boolean.read(r)) return undefined;
  const type = r.uint8();
  if (type !== (index % 2 === 0 ? LEAF : PARENT)) throw new MlsError("bad-tree");
  return type === LEAF
    ? { nodeType: "leaf", leaf: leafNode.read(r) }
    : { nodeType: "parent", parent: parentNode.read(r) };
}

function writeNode(w: Writer, node: Node | undefined): void {
  boolean.write(w, node !== undefined);
  if (node === undefined) return;
  if (node.nodeType === "parent") {
    w.uint8(PARENT);
    parentNode.write(w, node.parent);
    return;
  }
  w.uint8(LEAF);
  if (node.leaf.leafNodeSource === "update") throw new RangeError("leaf from an Update");
  leafNode.write(w, node.leaf);
}
