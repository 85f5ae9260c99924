import { InvariantError, wipe } from "@stonechat/crypto";
import { signGroupInfo } from "ts-mls/groupInfo.js";
import type { KeyPackage } from "ts-mls/keyPackage.js";
import { toLeafIndex, toNodeIndex } from "ts-mls/treemath.js";
import { createUpdatePath, type PathSecret } from "ts-mls/updatePath.js";
import { encryptGroupInfo } from "ts-mls/welcome.js";
import { Writer } from "@stonechat/protocol";
import { pathLevels, sharedLevels, type PathLevel } from "./commit-path.ts";
import type { DeviceKeys, Member, VerifiedKeyPackage } from "./contract.ts";
import { encryptContext } from "./derivation.ts";
import { createEpoch, type Epoch } from "./epoch.ts";
import { decodeKeyPackage, keyPackageRef } from "./key-packages.ts";
import { contentToSign, framedContent, sealPrivateMessage } from "./message-protection.ts";
import { beginEpoch, nextContext, type EpochBeginning } from "./next-epoch.ts";
import { derivePath, keepPathKeys, type DerivedPath } from "./path-keys.ts";
import { applyProposals, type AppliedProposals } from "./proposals.ts";
import { commitContent, type NewEpoch } from "./receive-commit.ts";
import type { MessageKey } from "./secret-tree.ts";
import { HASH_BYTES, SUITE_NAME, type Suite } from "./suite.ts";
import { treeHashes } from "./tree-hash.ts";
import { commit, type OurCommit, type OurProposal } from "./wire/commit.ts";
import { keyPackageBytes } from "./wire/key-package.ts";
import { CONTENT_COMMIT } from "./wire/private-message.ts";
import { ratchetTreeBytes } from "./wire/ratchet-tree.ts";
import { groupSecretsBytes, welcomeBytes } from "./wire/welcome.ts";

/** A change of the group that the caller wants. */
export interface GroupChange {
  readonly add: readonly VerifiedKeyPackage[];
  readonly remove: readonly number[];
  readonly authenticatedData: Uint8Array;
}

/** A commit of ours before the relay has accepted it. */
export interface CommitDraft {
  readonly message: Uint8Array;
  readonly welcomes: readonly Uint8Array[];
  readonly tree: Uint8Array;
  readonly added: readonly Member[];
  readonly removed: readonly Member[];
  readonly next: NewEpoch;
}

/** Makes a commit (RFC 9420 §12.4.1). It always renews our path. @throws MlsError as for a received one. */
export async function stageCommit(
  suite: Suite,
  epoch: Epoch,
  device: DeviceKeys,
  change: GroupChange,
  messageKey: MessageKey,
  now: number,
): Promise<CommitDraft> {
  const proposals: readonly OurProposal[] = [
    ...change.remove.map((removed) => ({ type: "remove" as const, removed })),
    ...change.add.map(({ bytes }) => ({ type: "add" as const, keyPackage: decodeKeyPackage(bytes) })),
  ];
  const applied = await applyProposals(suite, epoch, epoch.ownLeaf, proposals, "own", now);
  const path = await renewPath(suite, epoch, device, applied);
  const body = encodeCommit({ proposals, path: path.updatePath });
  const framed = framedContent(epoch, epoch.ownLeaf, CONTENT_COMMIT, change.authenticatedData, body);
  const signature = suite.primitives.sign(device.privateKey, contentToSign(epoch, framed));
  const treeHash = treeHashes(suite.primitives, path.tree).root;
  const context = nextContext(suite, epoch, framed, signature, treeHash);
  const begun = await beginEpoch(suite, epoch, context, path.commitSecret);
  const { confirmationTag } = begun;
  const content = commitContent.encode({ commit: { proposals, path: path.updatePath }, signature, confirmationTag });
  const next = createEpoch({
    context,
    confirmationTag,
    secrets: begun.secrets,
    tree: path.tree,
    ownLeaf: epoch.ownLeaf,
    pathKeys: path.pathKeys,
  });
  const welcomes = await writeWelcomes(suite, device, next, applied, path, begun);
  for (const used of [path.commitSecret, begun.joinerSecret, begun.welcomeSecret]) wipe(used);
  return {
    message: sealPrivateMessage(suite, epoch, CONTENT_COMMIT, change.authenticatedData, content, messageKey),
    welcomes,
    tree: ratchetTreeBytes.encode(path.tree),
    added: applied.added.map(({ member }) => member),
    removed: applied.removed,
    next: { epoch: next, encryptionSecret: begun.encryptionSecret },
  };
}

interface RenewedPath {
  readonly tree: Epoch["tree"];
  readonly updatePath: OurCommit["path"];
  readonly levels: readonly PathLevel[];
  readonly secrets: readonly PathSecret[];
  readonly pathKeys: Epoch["pathKeys"];
  readonly commitSecret: Uint8Array;
}

async function renewPath(
  suite: Suite,
  epoch: Epoch,
  device: DeviceKeys,
  { tree: before, added }: AppliedProposals,
): Promise<RenewedPath> {
  const newLeaves = added.map(({ member }) => member.leaf);
  const [tree, updatePath, secrets, leafPrivateKey] = await createUpdatePath(
    before,
    toLeafIndex(epoch.ownLeaf),
    epoch.context,
    device.privateKey,
    suite.library,
    newLeaves.map((leaf) => toNodeIndex(2 * leaf)),
  );
  const levels = pathLevels(before, epoch.ownLeaf, newLeaves);
  if (levels.length !== updatePath.nodes.length) throw new InvariantError("path is not the filtered direct path");
  const derived = deriveOwnPath(suite, levels, secrets);
  const leafKey = {
    node: 2 * epoch.ownLeaf,
    privateKey: await suite.library.hpke.exportPrivateKey(leafPrivateKey),
    publicKey: updatePath.leafNode.hpkePublicKey,
  };
  const pathKeys = keepPathKeys(epoch.pathKeys, epoch.tree, [leafKey, ...derived.keys], tree);
  return { tree, updatePath, levels, secrets, pathKeys, commitSecret: derived.commitSecret };
}

/** With nobody to tell, the commit secret need not derive from anything: nobody else ever computes it. */
function deriveOwnPath(
  { primitives }: Suite,
  levels: readonly PathLevel[],
  secrets: readonly PathSecret[],
): DerivedPath {
  const lowest = levels[0];
  if (lowest === undefined) return { keys: [], commitSecret: primitives.randomBytes(HASH_BYTES) };
  return derivePath(
    primitives,
    levels.map(({ node }) => node),
    secretOf(lowest, secrets),
  );
}

/** One Welcome a newcomer (RFC 9420 §12.4.3.1). */
async function writeWelcomes(
  suite: Suite,
  device: DeviceKeys,
  next: Epoch,
  { added }: AppliedProposals,
  path: RenewedPath,
  begun: EpochBeginning,
): Promise<readonly Uint8Array[]> {
  if (added.length === 0) return [];
  const groupInfo = await signGroupInfo(
    { groupContext: next.context, extensions: [], confirmationTag: next.confirmationTag, signer: next.ownLeaf },
    device.privateKey,
    suite.library.signature,
  );
  const encryptedGroupInfo = await encryptGroupInfo(groupInfo, begun.welcomeSecret, suite.library);
  return added.map(({ member, keyPackage }) => {
    const level = sharedLevels(path.levels, member.leaf)[0];
    if (level === undefined) throw new InvariantError("newcomer is not below our path");
    const groupSecrets = groupSecretsBytes.encode({
      joinerSecret: begun.joinerSecret,
      pathSecret: secretOf(level, path.secrets),
    });
    return writeWelcome(suite, keyPackage, encryptedGroupInfo, groupSecrets);
  });
}

function writeWelcome(
  { primitives }: Suite,
  addressee: KeyPackage,
  encryptedGroupInfo: Uint8Array,
  groupSecrets: Uint8Array,
): Uint8Array {
  const sealed = primitives.hpkeSeal(
    addressee.initKey,
    encryptContext("Welcome", encryptedGroupInfo),
    new Uint8Array(0),
    groupSecrets,
  );
  const newMember = keyPackageRef({ primitives }, keyPackageBytes.encode(addressee));
  return welcomeBytes.encode({
    cipherSuite: SUITE_NAME,
    secrets: [{ newMember, encryptedGroupSecrets: sealed }],
    encryptedGroupInfo,
  });
}

function secretOf(level: PathLevel, secrets: readonly PathSecret[]): Uint8Array {
  const found = secrets.find(({ nodeIndex }) => nodeIndex === level.node);
  if (found === undefined) throw new InvariantError("no path secret for a node of our path");
  return found.secret;
}

function encodeCommit(value: OurCommit): Uint8Array {
  const w = new Writer();
  commit.write(w, value);
  return w.finish();
}
