import { mlsPrimitives, type Random } from "@stonechat/crypto";
import { Writer } from "@stonechat/protocol";
import type { GroupContext } from "ts-mls/groupContext.js";
import { signGroupInfo } from "ts-mls/groupInfo.js";
import { deriveKeySchedule } from "ts-mls/keySchedule.js";
import { signLeafNodeCommit, type LeafNodeCommit } from "ts-mls/leafNode.js";
import type { RatchetTree } from "ts-mls/ratchetTree.js";
import { toLeafIndex, toNodeIndex } from "ts-mls/treemath.js";
import { createUpdatePath, type PathSecret, type UpdatePath } from "ts-mls/updatePath.js";
import { encryptGroupInfo } from "ts-mls/welcome.js";
import type { DeviceKeys, OwnKeyPackage, StoredGroup } from "../mls/contract.ts";
import { deriveSecret, encryptContext } from "../mls/derivation.ts";
import { createEpoch, leafCount, type Epoch } from "../mls/epoch.ts";
import { decodeEpoch } from "../mls/epoch-row.ts";
import { decodeKeyPackage } from "../mls/key-packages.ts";
import { contentToSign, framedContent, ratchetKind, sealPrivateMessage } from "../mls/message-protection.ts";
import { NO_PSK_SECRET } from "../mls/next-epoch.ts";
import { nextGeneration, takeKey, type SecretTree } from "../mls/secret-tree.ts";
import { fromRows } from "../mls/secret-tree-rows.ts";
import { createSuite, SUITE_NAME, type Suite } from "../mls/suite.ts";
import { treeHashes } from "../mls/tree-hash.ts";
import { commit, type OurCommit } from "../mls/wire/commit.ts";
import { CONTENT_COMMIT, type ContentType } from "../mls/wire/private-message.ts";
import { hash, signature as signatureWire } from "../mls/wire/wire-parts.ts";
import { groupSecretsBytes, welcomeBytes } from "../mls/wire/welcome.ts";

/** Everything a member knows, in the hands of a test that abuses it: made from what the member stores. */
export interface Inside {
  readonly suite: Suite;
  readonly device: DeviceKeys;
  readonly epoch: Epoch;
  readonly secretTree: SecretTree;
}

/** Opens a member up. */
export function insideOf(party: { readonly device: DeviceKeys; readonly stored: StoredGroup }, random: Random): Inside {
  const epoch = createEpoch(decodeEpoch(party.stored.epoch));
  const suite = createSuite(mlsPrimitives(random));
  return { suite, device: party.device, epoch, secretTree: fromRows(leafCount(epoch.tree), party.stored.ratchets) };
}

/** An honest path of the member over `tree`. */
export async function renewedPath(
  { suite, epoch, device }: Inside,
  tree: RatchetTree = epoch.tree,
  newLeaves: readonly number[] = [],
): Promise<{ readonly tree: RatchetTree; readonly path: UpdatePath; readonly secrets: readonly PathSecret[] }> {
  const [renewed, path, secrets] = await createUpdatePath(
    tree,
    toLeafIndex(epoch.ownLeaf),
    epoch.context,
    device.privateKey,
    suite.library,
    newLeaves.map((leaf) => toNodeIndex(2 * leaf)),
  );
  return { tree: renewed, path, secrets };
}

/** A leaf of the member's with some fields changed, signed as it should be. */
export function resignedLeaf(
  { suite, epoch, device }: Inside,
  leaf: LeafNodeCommit,
  changes: Partial<LeafNodeCommit>,
): Promise<LeafNodeCommit> {
  const changed = { ...leaf, ...changes, leafNodeSource: "commit" as const } as LeafNodeCommit;
  return signLeafNodeCommit(
    { ...changed, groupId: epoch.context.groupId, leafIndex: epoch.ownLeaf },
    device.privateKey,
    suite.library.signature,
  );
}

/** What a forger may have otherwise. */
export interface Forgery {
  /** The leaf in whose name it is sent. */
  readonly leaf?: number;
  readonly generation?: number;
  readonly authenticatedData?: Uint8Array;
  readonly signature?: Uint8Array;
  readonly tag?: Uint8Array;
  /** Bytes after the content. */
  readonly padding?: Uint8Array;
}

/** Bytes of a Commit. */
export function commitBody(value: OurCommit): Uint8Array {
  const w = new Writer();
  commit.write(w, value);
  return w.finish();
}

/** A PrivateMessage around any body, signed and sealed by the member's keys. */
export function sealBody(
  inside: Inside,
  contentType: ContentType,
  body: Uint8Array,
  forgery: Forgery = {},
): Uint8Array {
  const { suite, epoch, device, secretTree } = inside;
  const leaf = forgery.leaf ?? epoch.ownLeaf;
  const authenticatedData = forgery.authenticatedData ?? new Uint8Array(0);
  const framed = framedContent(epoch, leaf, contentType, authenticatedData, body);
  const w = new Writer();
  w.opaque(body);
  signatureWire.write(w, forgery.signature ?? suite.primitives.sign(device.privateKey, contentToSign(epoch, framed)));
  if (contentType === CONTENT_COMMIT) hash.write(w, forgery.tag ?? new Uint8Array(64));
  w.opaque(forgery.padding ?? new Uint8Array(0));
  const kind = ratchetKind(contentType);
  const generation = forgery.generation ?? nextGeneration(secretTree, leaf, kind);
  const { messageKey } = takeKey(suite.primitives, secretTree, leaf, kind, generation);
  return sealPrivateMessage(suite, { ...epoch, ownLeaf: leaf }, contentType, authenticatedData, w.finish(), messageKey);
}

/** What a forged Welcome says. */
export interface ForgedWelcome {
  readonly tree: RatchetTree;
  readonly pathSecret: Uint8Array;
  readonly addressee: OwnKeyPackage;
  readonly context?: Partial<GroupContext>;
  readonly signer?: number;
  readonly signWith?: Uint8Array;
  readonly tag?: Uint8Array;
}

/** A Welcome into whatever tree the member claims, with every signature and MAC as it should be. */
export async function forgeWelcome({ suite, epoch, device }: Inside, forged: ForgedWelcome): Promise<Uint8Array> {
  const { primitives, library } = suite;
  const groupContext: GroupContext = {
    ...epoch.context,
    epoch: epoch.context.epoch + 1n,
    treeHash: treeHashes(primitives, forged.tree).root,
    confirmedTranscriptHash: primitives.randomBytes(64),
    ...forged.context,
  };
  const joinerSecret = primitives.randomBytes(64);
  const [schedule] = await deriveKeySchedule(joinerSecret, NO_PSK_SECRET, groupContext, library.kdf);
  const confirmationTag = forged.tag ?? primitives.mac(schedule.confirmationKey, groupContext.confirmedTranscriptHash);
  const groupInfo = await signGroupInfo(
    { groupContext, extensions: [], confirmationTag, signer: forged.signer ?? epoch.ownLeaf },
    forged.signWith ?? device.privateKey,
    library.signature,
  );
  const welcomeSecret = deriveSecret(primitives, primitives.extract(joinerSecret, NO_PSK_SECRET), "welcome");
  const encryptedGroupInfo = await encryptGroupInfo(groupInfo, welcomeSecret, library);
  const { initKey } = decodeKeyPackage(forged.addressee.keyPackage);
  const encryptedGroupSecrets = primitives.hpkeSeal(
    initKey,
    encryptContext("Welcome", encryptedGroupInfo),
    new Uint8Array(0),
    groupSecretsBytes.encode({ joinerSecret, pathSecret: forged.pathSecret }),
  );
  const secrets = [{ newMember: forged.addressee.ref, encryptedGroupSecrets }];
  return welcomeBytes.encode({ cipherSuite: SUITE_NAME, secrets, encryptedGroupInfo });
}
