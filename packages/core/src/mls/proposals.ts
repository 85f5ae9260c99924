import { addLeafNode, getHpkePublicKey, removeLeafNode, type RatchetTree } from "ts-mls/ratchetTree.js";
import type { KeyPackage } from "ts-mls/keyPackage.js";
import { toLeafIndex } from "ts-mls/treemath.js";
import { bytesKey } from "./byte-equality.ts";
import type { Member } from "./contract.ts";
import { toMember } from "./credential.ts";
import { leafCount, type Epoch } from "./epoch.ts";
import { checkKeyPackage, lifetimeOf } from "./key-packages.ts";
import { requireCurrent, requireNotLongExpired } from "./lifetimes.ts";
import { demand } from "./refusal.ts";
import type { Suite } from "./suite.ts";
import type { OurProposal } from "./wire/commit.ts";
import { MAX_LEAVES } from "./wire/ratchet-tree.ts";

/** A tree after a commit's proposals, before its path. */
export interface AppliedProposals {
  readonly tree: RatchetTree;
  readonly added: readonly { readonly member: Member; readonly keyPackage: KeyPackage }[];
  readonly removed: readonly Member[];
}

/**
 * Applies the proposals of one commit, ours or another's, by the same rules (RFC 9420 §12.2, §12.3).
 *
 * @throws MlsError `bad-commit` if they contradict each other or the tree; `bad-signature`, `bad-leaf`, `bad-lifetime`
 *   if a KeyPackage is not good.
 */
export async function applyProposals(
  suite: Suite,
  epoch: Epoch,
  committer: number,
  proposals: readonly OurProposal[],
  origin: "own" | "received",
  now: number,
): Promise<AppliedProposals> {
  const removed: Member[] = [];
  let { tree } = epoch;
  for (const proposal of proposals) {
    if (proposal.type !== "remove") continue;
    const member = epoch.members[proposal.removed];
    demand("bad-commit", member !== undefined && proposal.removed !== committer && !removed.includes(member));
    removed.push(member);
    tree = removeLeafNode(tree, toLeafIndex(proposal.removed));
  }
  const keys = keysOf(tree);
  const added: { member: Member; keyPackage: KeyPackage }[] = [];
  for (const proposal of proposals) {
    if (proposal.type !== "add") continue;
    const { keyPackage } = proposal;
    await checkKeyPackage(suite, keyPackage);
    if (origin === "own") requireCurrent(lifetimeOf(keyPackage), now);
    else requireNotLongExpired(lifetimeOf(keyPackage), now);
    for (const key of [keyPackage.leafNode.signaturePublicKey, keyPackage.leafNode.hpkePublicKey, keyPackage.initKey]) {
      demand("bad-commit", !keys.has(bytesKey(key)));
      keys.add(bytesKey(key));
    }
    const [grown, node] = addLeafNode(tree, keyPackage.leafNode);
    demand("bad-commit", leafCount(grown) <= MAX_LEAVES);
    tree = grown;
    added.push({ member: toMember(keyPackage.leafNode, node / 2), keyPackage });
  }
  return { tree, added, removed };
}

/** Every encryption and signature key of a tree, as keys of a set. */
export function keysOf(tree: RatchetTree): Set<string> {
  const keys = new Set<string>();
  for (const node of tree) {
    if (node === undefined) continue;
    keys.add(bytesKey(getHpkePublicKey(node)));
    if (node.nodeType === "leaf") keys.add(bytesKey(node.leaf.signaturePublicKey));
  }
  return keys;
}
