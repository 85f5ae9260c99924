import type { MlsPrimitives } from "@stonechat/crypto";
import type { Mls } from "./contract.ts";
import { createGroup } from "./create-group.ts";
import { createEpoch, leafCount, requireOwnDevice } from "./epoch.ts";
import { decodeEpoch } from "./epoch-row.ts";
import { enterEpoch, resumeGroup, type GroupTools } from "./group.ts";
import { join, welcomeRefs } from "./join.ts";
import { createKeyPackage, verifyReceivedKeyPackage } from "./key-packages.ts";
import { fromRows } from "./secret-tree-rows.ts";
import { createSuite } from "./suite.ts";

export * from "./contract.ts";

/** What MLS needs from outside. */
export interface MlsPorts {
  readonly primitives: MlsPrimitives;
  /** Ms since 1970, for lifetimes. */
  readonly now: () => number;
}

/**
 * MLS (RFC 9420) with our one suite. What it refuses, and where: VALIDATION.md.
 *
 * [Note: What is the library's and what is ours] The library does the tree: adding and removing leaves, making and
 * applying paths, tree-wide hashing for them, the key schedule, and the signatures on leaves, KeyPackages and GroupInfo.
 * Ours are all decoders, the secret tree, message protection, the check of a tree one joins, and the order of the steps
 * of a commit. The library's ready-made operations are not used, for what they do cannot be mended from outside: they
 * keep message keys, send Adds without a path, believe path keys, refuse honest trees, and read the system's clock
 * (library.test.ts shows each). Its other decoders and its cryptography are never loaded.
 */
export function createMls({ primitives, now }: MlsPorts): Mls {
  const suite = createSuite(primitives);
  const tools: GroupTools = { suite, now };
  return {
    createKeyPackage: (device, lifetime) => createKeyPackage(suite, device, lifetime),
    verifyKeyPackage: (bytes) => verifyReceivedKeyPackage(suite, bytes, now()),
    async createGroup({ groupId, device }) {
      return enterEpoch(tools, device, await createGroup(suite, groupId, device, now()));
    },
    async join(input) {
      const joined = await join(suite, input, now());
      return { ...enterEpoch(tools, input.device, joined), adder: joined.adder };
    },
    welcomeRefs,
    async load({ version, epoch: row, ratchets }, device) {
      const epoch = createEpoch(decodeEpoch(row));
      requireOwnDevice(epoch, device);
      return resumeGroup(tools, device, epoch, fromRows(leafCount(epoch.tree), ratchets), version);
    },
  };
}
