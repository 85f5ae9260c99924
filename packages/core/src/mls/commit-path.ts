import { Writer } from "@stonechat/protocol";
import type { GroupContext } from "ts-mls/groupContext.js";
import { verifyLeafNodeSignature } from "ts-mls/leafNode.js";
import { filteredDirectPathAndCopathResolution, type RatchetTree } from "ts-mls/ratchetTree.js";
import { toLeafIndex } from "ts-mls/treemath.js";
import { applyUpdatePath, type UpdatePath } from "ts-mls/updatePath.js";
import { InvariantError } from "@stonechat/crypto";
import { bytesKey, sameBytes } from "./byte-equality.ts";
import { toMember } from "./credential.ts";
import { encryptContext } from "./derivation.ts";
import { requireUsableKey } from "./encryption-keys.ts";
import type { Epoch } from "./epoch.ts";
import { derivePath, type DerivedPath, type PathKey } from "./path-keys.ts";
import { keysOf, type AppliedProposals } from "./proposals.ts";
import { demand, refusing, refusingAsync } from "./refusal.ts";
import type { Suite } from "./suite.ts";
import { leafRange } from "./tree-hash.ts";
import { groupContext } from "./wire/group-context.ts";

/** One node that a committer renews, and the nodes below its other child that must learn of it (RFC 9420 §7.4). */
export interface PathLevel {
  readonly node: number;
  readonly recipients: readonly number[];
}

/** The filtered direct path of a committer, lowest first. New leaves get their secrets by Welcome. */
export function pathLevels(tree: RatchetTree, committer: number, newLeaves: readonly number[]): readonly PathLevel[] {
  const newNodes = new Set(newLeaves.map((leaf) => 2 * leaf));
  return filteredDirectPathAndCopathResolution(toLeafIndex(committer), tree).map(({ nodeIndex, resolution }) => ({
    node: nodeIndex,
    recipients: resolution.map(Number).filter((node) => !newNodes.has(node)),
  }));
}

/** The levels that a leaf shares with the committer, lowest first. */
export function sharedLevels(levels: readonly PathLevel[], leaf: number): readonly PathLevel[] {
  const first = levels.findIndex(({ node }) => {
    const [from, to] = leafRange(node);
    return leaf >= from && leaf <= to;
  });
  return first < 0 ? [] : levels.slice(first);
}

/**
 * Checks a received path by everything that is public, and puts it into the tree (RFC 9420 §7.5, §12.4.2).
 *
 * @throws MlsError `bad-leaf` if the leaf is not the committer's or changes who he is (R070); `bad-path`.
 */
export async function checkAndApplyPath(
  suite: Suite,
  epoch: Epoch,
  committer: number,
  applied: AppliedProposals,
  path: UpdatePath,
  levels: readonly PathLevel[],
): Promise<RatchetTree> {
  const { leafNode } = path;
  const was = epoch.members[committer];
  const is = toMember(leafNode, committer);
  demand(
    "bad-leaf",
    was !== undefined && sameBytes(was.deviceKey, is.deviceKey) && sameBytes(was.identityKey, is.identityKey),
  );
  const { signature } = suite.library;
  demand("bad-leaf", await verifyLeafNodeSignature(leafNode, epoch.context.groupId, committer, signature));
  demand("bad-path", path.nodes.length === levels.length);
  demand(
    "bad-path",
    path.nodes.every((node, i) => node.encryptedPathSecret.length === levels[i]?.recipients.length),
  );
  const keys = keysOf(applied.tree);
  for (const key of [leafNode.hpkePublicKey, ...path.nodes.map((node) => node.hpkePublicKey)]) {
    demand("bad-path", !keys.has(bytesKey(key)));
    keys.add(bytesKey(key));
    requireUsableKey(suite.primitives, key, "bad-path");
  }
  return refusingAsync("bad-path", () =>
    applyUpdatePath(applied.tree, toLeafIndex(committer), path, suite.library.hash),
  );
}

/** Finds and opens the path secret meant for us. @throws MlsError `bad-path`. */
export function openPath(
  { primitives }: Suite,
  epoch: Epoch,
  path: UpdatePath,
  levels: readonly PathLevel[],
  context: GroupContext,
): DerivedPath {
  const shared = sharedLevels(levels, epoch.ownLeaf);
  const level = shared[0];
  if (level === undefined) throw new InvariantError("no common ancestor");
  const found = heldRecipient(level, epoch.pathKeys);
  const sealed = path.nodes[levels.indexOf(level)]?.encryptedPathSecret[found.position];
  demand("bad-path", sealed !== undefined);
  const pathSecret = refusing("bad-path", () =>
    primitives.hpkeOpen(
      found.privateKey,
      encryptContext("UpdatePathNode", encodeContext(context)),
      NOTHING,
      sealed.kemOutput,
      sealed.ciphertext,
    ),
  );
  return derivePath(
    primitives,
    shared.map(({ node }) => node),
    pathSecret,
  );
}

function heldRecipient(
  level: PathLevel,
  keys: readonly PathKey[],
): { readonly position: number; readonly privateKey: Uint8Array } {
  for (const [position, node] of level.recipients.entries()) {
    const key = keys.find((candidate) => candidate.node === node);
    if (key !== undefined) return { position, privateKey: key.privateKey };
  }
  throw new InvariantError("no key of ours below the common ancestor");
}

function encodeContext(context: GroupContext): Uint8Array {
  const w = new Writer();
  groupContext.write(w, context);
  return w.finish();
}

const NOTHING = new Uint8Array(0);
