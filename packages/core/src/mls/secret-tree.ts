import type { MlsPrimitives } from "@stonechat/crypto";
import { InvariantError, wipe } from "@stonechat/crypto";
import {
  left,
  leafToNodeIndex,
  parent,
  right,
  root,
  toLeafIndex,
  toNodeIndex,
  type NodeIndex,
} from "ts-mls/treemath.js";
import { MlsError } from "./contract.ts";
import { deriveTreeSecret, expandWithLabel } from "./derivation.ts";
import { HASH_BYTES } from "./suite.ts";

/** How many messages of one sender may be missing before the next is refused. */
export const MAX_FORWARD_GENERATIONS = 1000;

/** The two ratchets of a leaf (RFC 9420 §9.1). */
export type RatchetKind = "handshake" | "application";

/** The next key of one ratchet. Older ones are gone. */
export interface Ratchet {
  readonly generation: number;
  readonly secret: Uint8Array;
}

/** A node's secret that was not used yet, or a ratchet. Undefined: used up, or derivable from an ancestor's secret. */
export type Slot = { readonly type: "secret"; readonly secret: Uint8Array } | ({ readonly type: "ratchet" } & Ratchet);

/**
 * The secret tree of an epoch (RFC 9420 §9), derived only as far as it was used. Immutable.
 *
 * Slot `2n` is node n's secret or, for a leaf that was used, its handshake ratchet; slot `2n + 1` is a used leaf's
 * application ratchet. What a slot held goes away as soon as something was derived from it (RFC 9420 §9.2), so that
 * nothing kept derives a key that was used.
 */
export interface SecretTree {
  readonly leaves: number;
  readonly slots: readonly (Slot | undefined)[];
}

/** A tree after a ratchet was moved, and the slots that are now different: what must be stored. */
export interface SecretTreeStep {
  readonly tree: SecretTree;
  readonly touched: readonly number[];
}

/** Key and nonce of one generation (RFC 9420 §9.1), before the reuse guard. The caller wipes them. */
export interface MessageKey {
  readonly generation: number;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

/** The secret tree of a new epoch. `leaves` is a power of two. */
export function createSecretTree(leaves: number, encryptionSecret: Uint8Array): SecretTreeStep {
  const slots = new Array<Slot | undefined>(4 * leaves - 2).fill(undefined);
  const rootSlot = 2 * root(leaves);
  slots[rootSlot] = { type: "secret", secret: encryptionSecret.slice() };
  return { tree: { leaves, slots }, touched: [rootSlot] };
}

/** The generation that a leaf's ratchet stands at. */
export function nextGeneration(tree: SecretTree, leaf: number, kind: RatchetKind): number {
  const slot = tree.slots[slotOf(leaf, kind)];
  return slot?.type === "ratchet" ? slot.generation : 0;
}

/**
 * Takes the key of `generation` and forgets it, and everything before it.
 *
 * @throws {@link MlsError} `replayed` if it is gone; `generation-too-far` beyond {@link MAX_FORWARD_GENERATIONS}.
 */
export function takeKey(
  primitives: MlsPrimitives,
  tree: SecretTree,
  leaf: number,
  kind: RatchetKind,
  generation: number,
): SecretTreeStep & { readonly messageKey: MessageKey } {
  const current = nextGeneration(tree, leaf, kind);
  if (generation < current) throw new MlsError("replayed");
  if (generation - current > MAX_FORWARD_GENERATIONS) throw new MlsError("generation-too-far");
  const slots = tree.slots.slice();
  const touched = openLeaf(primitives, tree.leaves, slots, leaf);
  const index = slotOf(leaf, kind);
  let ratchet = slots[index];
  if (ratchet?.type !== "ratchet") throw new InvariantError("leaf has no ratchet");
  while (ratchet.generation < generation) ratchet = advance(primitives, ratchet);
  const messageKey = {
    generation,
    key: deriveTreeSecret(primitives, ratchet.secret, "key", generation, primitives.aeadKeyBytes),
    nonce: deriveTreeSecret(primitives, ratchet.secret, "nonce", generation, primitives.aeadNonceBytes),
  };
  slots[index] = advance(primitives, ratchet);
  return { tree: { leaves: tree.leaves, slots }, touched: touched.length === 0 ? [index] : touched, messageKey };
}

type RatchetSlot = Extract<Slot, { type: "ratchet" }>;

function advance(primitives: MlsPrimitives, { generation, secret }: Ratchet): RatchetSlot {
  const next = deriveTreeSecret(primitives, secret, "secret", generation, HASH_BYTES);
  return { type: "ratchet", generation: generation + 1, secret: next };
}

function slotOf(leaf: number, kind: RatchetKind): number {
  return 2 * leafToNodeIndex(toLeafIndex(leaf)) + (kind === "handshake" ? 0 : 1);
}

/** Derives a leaf's two ratchets from the nearest secret above it. @returns The slots that changed. */
function openLeaf(primitives: MlsPrimitives, leaves: number, slots: (Slot | undefined)[], leaf: number): number[] {
  const leafNode = leafToNodeIndex(toLeafIndex(leaf));
  if (slots[2 * leafNode]?.type === "ratchet") return [];
  const path: NodeIndex[] = [leafNode];
  let top = leafNode;
  while (slots[2 * top] === undefined) {
    if (top === root(leaves)) throw new InvariantError("no secret above the leaf");
    top = parent(top, leaves);
    path.unshift(top);
  }
  const touched: number[] = [];
  for (const node of path.slice(0, -1)) touched.push(...openParent(primitives, slots, node));
  const secret = secretAt(slots, leafNode);
  for (const kind of ["handshake", "application"] as const) {
    const first = expandWithLabel(primitives, secret, kind, new Uint8Array(0), HASH_BYTES);
    slots[slotOf(leaf, kind)] = { type: "ratchet", generation: 0, secret: first };
    touched.push(slotOf(leaf, kind));
  }
  return [...new Set(touched)].sort((a, b) => a - b);
}

function openParent(primitives: MlsPrimitives, slots: (Slot | undefined)[], node: NodeIndex): number[] {
  const secret = secretAt(slots, node);
  const children = [
    [left(node), LEFT],
    [right(node), RIGHT],
  ] as const;
  for (const [child, side] of children) {
    slots[2 * child] = { type: "secret", secret: expandWithLabel(primitives, secret, "tree", side, HASH_BYTES) };
  }
  slots[2 * node] = undefined;
  return [2 * node, 2 * left(node), 2 * right(node)];
}

function secretAt(slots: readonly (Slot | undefined)[], node: NodeIndex): Uint8Array {
  const slot = slots[2 * toNodeIndex(node)];
  if (slot?.type !== "secret") throw new InvariantError("node has no secret");
  return slot.secret;
}

/** Wipes a key that was used. */
export function wipeKey({ key, nonce }: MessageKey): void {
  wipe(key);
  wipe(nonce);
}

const LEFT = new TextEncoder().encode("left");
const RIGHT = new TextEncoder().encode("right");
