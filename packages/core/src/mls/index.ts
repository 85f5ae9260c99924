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

/** MLS (RFC 9420) with our one suite. What it refuses, and where: VALIDATION.md. */
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
