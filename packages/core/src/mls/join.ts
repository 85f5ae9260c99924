import { DecryptError, equalSecrets } from "@stonechat/crypto";
import { verifyGroupInfoSignature, type GroupInfo } from "ts-mls/groupInfo.js";
import type { KeyPackage } from "ts-mls/keyPackage.js";
import { deriveKeySchedule } from "ts-mls/keySchedule.js";
import type { RatchetTree } from "ts-mls/ratchetTree.js";
import type { Welcome } from "ts-mls/welcome.js";
import { sameBytes } from "./byte-equality.ts";
import { pathLevels, sharedLevels } from "./commit-path.ts";
import { MlsError, type DeviceKeys, type Member, type OwnKeyPackage } from "./contract.ts";
import { deriveSecret, encryptContext, expandWithLabel } from "./derivation.ts";
import { createEpoch, requireOwnDevice } from "./epoch.ts";
import { decodeKeyPackage, keyPackageSecret, lifetimeOf } from "./key-packages.ts";
import { requireNotLongExpired } from "./lifetimes.ts";
import { NO_PSK_SECRET, toEpochSecrets } from "./next-epoch.ts";
import { derivePath, keepPathKeys } from "./path-keys.ts";
import type { NewEpoch } from "./receive-commit.ts";
import { demand, refusing } from "./refusal.ts";
import type { Suite } from "./suite.ts";
import { checkTree } from "./tree-check.ts";
import { ratchetTreeBytes } from "./wire/ratchet-tree.ts";
import { groupInfoBytes, groupSecretsBytes, welcomeBytes, type OurGroupSecrets } from "./wire/welcome.ts";

/** What a Welcome opens. */
export interface JoinInput {
  readonly welcome: Uint8Array;
  readonly tree: Uint8Array;
  readonly keyPackage: OwnKeyPackage;
  readonly device: DeviceKeys;
}

/** Which KeyPackage refs a Welcome is for. @throws MlsError `malformed`, `wrong-suite`. */
export function welcomeRefs(welcome: Uint8Array): readonly Uint8Array[] {
  return decodeWelcome(welcome).secrets.map(({ newMember }) => newMember);
}

/** Opens and checks a Welcome (RFC 9420 §12.4.3.1). @throws MlsError */
export async function join(
  suite: Suite,
  input: JoinInput,
  now: number,
): Promise<NewEpoch & { readonly adder: Member }> {
  const keyPackage = decodeKeyPackage(input.keyPackage.keyPackage);
  const { initPrivateKey, leafPrivateKey } = keyPackageSecret.decode(input.keyPackage.secret);
  requireNotLongExpired(lifetimeOf(keyPackage), now);
  const welcome = decodeWelcome(input.welcome);
  const groupSecrets = openGroupSecrets(suite, welcome, input.keyPackage.ref, initPrivateKey);
  const groupInfo = openGroupInfo(suite, welcome, groupSecrets);
  const tree = refusing("malformed", () => ratchetTreeBytes.decode(input.tree));
  const { groupContext: context, confirmationTag, signer } = groupInfo;
  demand("malformed", context.epoch > 0n);
  await checkSigner(suite, tree, groupInfo);
  await checkTree(suite, tree, context.groupId, context.treeHash, now);

  const ownLeaf = findOwnLeaf(tree, keyPackage);
  const levels = sharedLevels(pathLevels(tree, signer, []), ownLeaf).map(({ node }) => node);
  const derived = derivePath(suite.primitives, levels, groupSecrets.pathSecret);
  const ownKey = { node: 2 * ownLeaf, privateKey: leafPrivateKey };
  const pathKeys = keepPathKeys([ownKey], tree, derived.keys, tree);

  const { library, primitives } = suite;
  const [schedule, encryptionSecret] = await deriveKeySchedule(
    groupSecrets.joinerSecret,
    NO_PSK_SECRET,
    context,
    library.kdf,
  );
  const expected = primitives.mac(schedule.confirmationKey, context.confirmedTranscriptHash);
  demand("bad-commit", equalSecrets(expected, confirmationTag));
  const epoch = createEpoch({ context, confirmationTag, secrets: toEpochSecrets(schedule), tree, ownLeaf, pathKeys });
  requireOwnDevice(epoch, input.device);
  const adder = epoch.members[signer];
  demand("bad-tree", adder !== undefined);
  return { epoch, encryptionSecret, adder };
}

function decodeWelcome(bytes: Uint8Array): Welcome {
  return refusing("malformed", () => welcomeBytes.decode(bytes));
}

function openGroupSecrets(
  { primitives }: Suite,
  welcome: Welcome,
  ref: Uint8Array,
  initPrivateKey: Uint8Array,
): OurGroupSecrets {
  const own = welcome.secrets.find(({ newMember }) => sameBytes(newMember, ref));
  if (own === undefined) throw new MlsError("not-for-us");
  const { kemOutput, ciphertext } = own.encryptedGroupSecrets;
  const info = encryptContext("Welcome", welcome.encryptedGroupInfo);
  const bytes = decrypting(() => primitives.hpkeOpen(initPrivateKey, info, new Uint8Array(0), kemOutput, ciphertext));
  return refusing("malformed", () => groupSecretsBytes.decode(bytes));
}

function openGroupInfo(
  { primitives }: Suite,
  { encryptedGroupInfo }: Welcome,
  { joinerSecret }: OurGroupSecrets,
): GroupInfo {
  const welcomeSecret = deriveSecret(primitives, primitives.extract(joinerSecret, NO_PSK_SECRET), "welcome");
  const none = new Uint8Array(0);
  const key = expandWithLabel(primitives, welcomeSecret, "key", none, primitives.aeadKeyBytes);
  const nonce = expandWithLabel(primitives, welcomeSecret, "nonce", none, primitives.aeadNonceBytes);
  const bytes = decrypting(() => primitives.aeadOpen(key, nonce, none, encryptedGroupInfo));
  return refusing("malformed", () => groupInfoBytes.decode(bytes));
}

async function checkSigner(suite: Suite, tree: RatchetTree, groupInfo: GroupInfo): Promise<void> {
  const node = tree[2 * groupInfo.signer];
  demand("bad-tree", node?.nodeType === "leaf");
  const good = await verifyGroupInfoSignature(groupInfo, node.leaf.signaturePublicKey, suite.library.signature);
  demand("bad-signature", good);
}

/** The leaf that is exactly our KeyPackage's: its signature covers all of it. */
function findOwnLeaf(tree: RatchetTree, { leafNode }: KeyPackage): number {
  const index = tree.findIndex(
    (node) =>
      node?.nodeType === "leaf" &&
      sameBytes(node.leaf.hpkePublicKey, leafNode.hpkePublicKey) &&
      sameBytes(node.leaf.signature, leafNode.signature),
  );
  demand("bad-tree", index >= 0);
  return index / 2;
}

function decrypting(work: () => Uint8Array): Uint8Array {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof DecryptError) throw new MlsError("decrypt-failed", { cause });
    throw cause;
  }
}
