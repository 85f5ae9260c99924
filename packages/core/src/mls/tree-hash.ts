import { Writer, boolean } from "@stonechat/protocol";
import type { MlsPrimitives } from "@stonechat/crypto";
import type { RatchetTree } from "ts-mls/ratchetTree.js";
import { isLeaf, left, leafWidth, right, root, toNodeIndex, type NodeIndex } from "ts-mls/treemath.js";
import { leafNode } from "./wire/leaf-node.ts";
import { parentNode } from "./wire/ratchet-tree.ts";
import { hash } from "./wire/wire-parts.ts";

const LEAF = 1;
const PARENT = 2;

/** Tree hashes of one tree (RFC 9420 §7.8), each computed at most once. */
export interface TreeHashes {
  readonly root: Uint8Array;
  at(node: number): Uint8Array;
  /** The hash of a subtree as it was before `absent`, leaves that came later (RFC 9420 §7.9). */
  without(node: number, absent: ReadonlySet<number>): Uint8Array;
}

export function treeHashes(primitives: MlsPrimitives, tree: RatchetTree): TreeHashes {
  const known = new Map<number, Uint8Array>();
  const nothing: ReadonlySet<number> = new Set();
  const at = (node: number): Uint8Array => {
    let value = known.get(node);
    if (value === undefined) {
      value = hashNode(primitives, tree, toNodeIndex(node), nothing, at);
      known.set(node, value);
    }
    return value;
  };
  const without = (node: number, absent: ReadonlySet<number>): Uint8Array =>
    touches(toNodeIndex(node), absent)
      ? hashNode(primitives, tree, toNodeIndex(node), absent, (child) => without(child, absent))
      : at(node);
  return {
    get root() {
      return at(root(leafWidth(tree.length)));
    },
    at,
    without,
  };
}

function hashNode(
  primitives: MlsPrimitives,
  tree: RatchetTree,
  index: NodeIndex,
  absent: ReadonlySet<number>,
  childHash: (node: number) => Uint8Array,
): Uint8Array {
  const node = tree[index];
  const w = new Writer();
  if (isLeaf(index)) {
    const leaf = absent.has(index / 2) || node?.nodeType !== "leaf" ? undefined : node.leaf;
    w.uint8(LEAF);
    w.uint32(index / 2);
    boolean.write(w, leaf !== undefined);
    if (leaf !== undefined) {
      if (leaf.leafNodeSource === "update") throw new RangeError("leaf from an Update");
      leafNode.write(w, leaf);
    }
  } else {
    w.uint8(PARENT);
    const parent = node?.nodeType === "parent" ? node.parent : undefined;
    boolean.write(w, parent !== undefined);
    if (parent !== undefined) {
      const unmergedLeaves = parent.unmergedLeaves.filter((leaf) => !absent.has(leaf));
      parentNode.write(w, { ...parent, unmergedLeaves });
    }
    hash.write(w, childHash(left(index)));
    hash.write(w, childHash(right(index)));
  }
  return primitives.digest(w.finish());
}

/** Whether one of the leaves is below the node. */
function touches(node: NodeIndex, leaves: ReadonlySet<number>): boolean {
  const [first, last] = leafRange(node);
  for (const leaf of leaves) if (leaf >= first && leaf <= last) return true;
  return false;
}

/** The first and the last leaf below a node. */
export function leafRange(node: number): readonly [first: number, last: number] {
  let level = 0;
  while (((node >> level) & 1) === 1) level += 1;
  const half = (1 << level) - 1;
  return [(node - half) / 2, (node + half) / 2];
}
