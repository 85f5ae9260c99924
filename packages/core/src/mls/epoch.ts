import { Writer } from "@stonechat/protocol";
import type { GroupContext } from "ts-mls/groupContext.js";
import type { RatchetTree } from "ts-mls/ratchetTree.js";
import { leafWidth } from "ts-mls/treemath.js";
import { InvariantError } from "@stonechat/crypto";
import type { DeviceKeys, Member } from "./contract.ts";
import { sameBytes } from "./byte-equality.ts";
import { toMember } from "./credential.ts";
import type { PathKey } from "./path-keys.ts";
import { groupContext, MAX_GROUP_ID_BYTES } from "./wire/group-context.ts";

/**
 * The secrets of an epoch that outlive its beginning (RFC 9420 §8). None of them derives the secret tree: epoch,
 * joiner and encryption secret are gone once this exists.
 */
export interface EpochSecrets {
  readonly senderData: Uint8Array;
  readonly exporter: Uint8Array;
  readonly authenticator: Uint8Array;
  readonly init: Uint8Array;
}

/** All of a group but its message keys: what changes with a commit only. */
export interface EpochState {
  readonly context: GroupContext;
  readonly confirmationTag: Uint8Array;
  readonly secrets: EpochSecrets;
  readonly tree: RatchetTree;
  readonly ownLeaf: number;
  readonly pathKeys: readonly PathKey[];
}

/** An {@link EpochState} with what each message would otherwise compute again. */
export interface Epoch extends EpochState {
  /** By leaf; undefined where the leaf is blank. */
  readonly members: readonly (Member | undefined)[];
  readonly own: Member;
  /** The encoded group context: part of everything that is signed. */
  readonly contextBytes: Uint8Array;
  /** `opaque group_id<V>; uint64 epoch;` */
  readonly scopeBytes: Uint8Array;
}

/** @throws MlsError `bad-leaf` if a credential is not of our form; InvariantError if there is no leaf of ours. */
export function createEpoch(state: EpochState): Epoch {
  const members = state.tree
    .filter((_, node) => node % 2 === 0)
    .map((node, leaf) => (node?.nodeType === "leaf" ? toMember(node.leaf, leaf) : undefined));
  const own = members[state.ownLeaf];
  if (own === undefined) throw new InvariantError("no leaf of ours");
  const contextWriter = new Writer();
  groupContext.write(contextWriter, state.context);
  const scope = new Writer();
  scope.vector(state.context.groupId, MAX_GROUP_ID_BYTES);
  scope.uint64(state.context.epoch);
  return { ...state, members, own, contextBytes: contextWriter.finish(), scopeBytes: scope.finish() };
}

/** Leaves of the tree, blank ones included: a power of two. */
export function leafCount(tree: RatchetTree): number {
  return leafWidth(tree.length);
}

/** @throws RangeError unless `device` is the one whose leaf this epoch has. */
export function requireOwnDevice(epoch: Epoch, device: DeviceKeys): void {
  const { own } = epoch;
  if (!sameBytes(own.deviceKey, device.deviceKey) || !sameBytes(own.identityKey, device.identityKey)) {
    throw new RangeError("group of another device");
  }
}
