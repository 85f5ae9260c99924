import type { GroupContext } from "ts-mls/groupContext.js";
import { initializeKeySchedule } from "ts-mls/keySchedule.js";
import type { RatchetTree } from "ts-mls/ratchetTree.js";
import type { DeviceKeys } from "./contract.ts";
import { deriveSecret } from "./derivation.ts";
import { createEpoch } from "./epoch.ts";
import { createKeyPackage, decodeKeyPackage, keyPackageSecret } from "./key-packages.ts";
import { CLOCK_TOLERANCE_MS } from "./lifetimes.ts";
import { toEpochSecrets } from "./next-epoch.ts";
import type { NewEpoch } from "./receive-commit.ts";
import { SUITE_NAME, type Suite } from "./suite.ts";
import { treeHashes } from "./tree-hash.ts";

/** A group of one (RFC 9420 §11). */
export async function createGroup(
  suite: Suite,
  groupId: Uint8Array,
  device: DeviceKeys,
  now: number,
): Promise<NewEpoch> {
  const { primitives, library } = suite;
  // The founder's leaf is in no pool and is replaced by the first commit: its lifetime only has to hold now.
  const own = await createKeyPackage(suite, device, {
    notBefore: now - CLOCK_TOLERANCE_MS,
    notAfter: now + CLOCK_TOLERANCE_MS,
  });
  const { leafNode } = decodeKeyPackage(own.keyPackage);
  const tree: RatchetTree = [{ nodeType: "leaf", leaf: leafNode }];
  const context: GroupContext = {
    version: "mls10",
    cipherSuite: SUITE_NAME,
    groupId: groupId.slice(),
    epoch: 0n,
    treeHash: treeHashes(primitives, tree).root,
    confirmedTranscriptHash: new Uint8Array(0),
    extensions: [],
  };
  const epochSecret = primitives.randomBytes(primitives.kdfBytes);
  const schedule = await initializeKeySchedule(epochSecret, library.kdf);
  const encryptionSecret = deriveSecret(primitives, epochSecret, "encryption");
  epochSecret.fill(0);
  const pathKeys = [{ node: 0, privateKey: keyPackageSecret.decode(own.secret).leafPrivateKey }];
  const confirmationTag = primitives.mac(schedule.confirmationKey, context.confirmedTranscriptHash);
  const epoch = createEpoch({
    context,
    confirmationTag,
    secrets: toEpochSecrets(schedule),
    tree,
    ownLeaf: 0,
    pathKeys,
  });
  return { epoch, encryptionSecret };
}
