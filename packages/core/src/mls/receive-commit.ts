import { equalSecrets, InvariantError, wipe } from "@stonechat/crypto";
import { struct, structure, type ValueOf } from "@stonechat/protocol";
import { MlsError, type Member } from "./contract.ts";
import { checkAndApplyPath, openPath, pathLevels } from "./commit-path.ts";
import { createEpoch, type Epoch } from "./epoch.ts";
import { contentToSign, framedContent } from "./message-protection.ts";
import { beginEpoch, nextContext, provisionalContext } from "./next-epoch.ts";
import { keepPathKeys } from "./path-keys.ts";
import { applyProposals } from "./proposals.ts";
import { demand, refusing } from "./refusal.ts";
import type { Suite } from "./suite.ts";
import { treeHashes } from "./tree-hash.ts";
import { commit } from "./wire/commit.ts";
import { CONTENT_COMMIT, MAX_MLS_MESSAGE_BYTES } from "./wire/private-message.ts";
import { hash, signature } from "./wire/wire-parts.ts";

/** An epoch that begins, and the secret that its message keys derive from. */
export interface NewEpoch {
  readonly epoch: Epoch;
  readonly encryptionSecret: Uint8Array;
}

/** What a commit does. Without `next` it removes us. */
export interface CommitOutcome {
  readonly added: readonly Member[];
  readonly removed: readonly Member[];
  readonly next: NewEpoch | undefined;
}

/** `PrivateMessageContent` (RFC 9420 §6.3.1) of a commit. */
export const commitContent = structure(
  "CommitContent",
  MAX_MLS_MESSAGE_BYTES,
  struct({
    commit,
    signature,
    confirmationTag: hash,
  }),
);
const commitBytes = structure("Commit", MAX_MLS_MESSAGE_BYTES, commit);
/** What follows the commit there: it is looked at before the commit, so that a bad one has a maker. Both have a length of two bytes. */
const AUTHENTICATION_BYTES = 2 * 66;
const authentication = structure(
  "CommitAuthentication",
  AUTHENTICATION_BYTES,
  struct({ signature, confirmationTag: hash }),
);

/**
 * Verifies a commit that was decrypted, and computes the epoch it opens. Changes nothing (R071).
 *
 * @param content - Decrypted content: commit, signature, confirmation tag.
 * @throws MlsError
 */
export async function receiveCommit(
  suite: Suite,
  epoch: Epoch,
  committer: Member,
  content: Uint8Array,
  authenticatedData: Uint8Array,
  now: number,
): Promise<CommitOutcome> {
  const end = Math.max(0, content.length - AUTHENTICATION_BYTES);
  const body = content.subarray(0, end);
  const proof = refusing("malformed", () => authentication.decode(content.subarray(end)));
  const framed = framedContent(epoch, committer.leaf, CONTENT_COMMIT, authenticatedData, body);
  demand("bad-signature", suite.primitives.verify(committer.deviceKey, contentToSign(epoch, framed), proof.signature));
  try {
    return await followCommit(suite, epoch, committer, { body, framed, ...proof }, now);
  } catch (error) {
    if (!(error instanceof MlsError)) throw error;
    throw new MlsError(error.code, { cause: error, signer: committer });
  }
}

/** What a commit does whose signature was checked. @throws MlsError */
async function followCommit(
  suite: Suite,
  epoch: Epoch,
  committer: Member,
  signed: ValueOf<typeof authentication.codec> & { readonly body: Uint8Array; readonly framed: Uint8Array },
  now: number,
): Promise<CommitOutcome> {
  const { proposals, path } = refusing("malformed", () => commitBytes.decode(signed.body));
  const applied = await applyProposals(suite, epoch, committer.leaf, proposals, "received", now);
  const added = applied.added.map(({ member }) => member);
  const levels = pathLevels(
    applied.tree,
    committer.leaf,
    added.map(({ leaf }) => leaf),
  );
  const tree = await checkAndApplyPath(suite, epoch, committer.leaf, applied, path, levels);
  const outcome = { added, removed: applied.removed };
  // Nobody can check the new epoch from outside: a removed device has the committer's signature only.
  if (applied.removed.some(({ leaf }) => leaf === epoch.ownLeaf)) return { ...outcome, next: undefined };

  const treeHash = treeHashes(suite.primitives, tree).root;
  const derived = openPath(suite, epoch, path, levels, provisionalContext(epoch, treeHash));
  const pathKeys = keepPathKeys(epoch.pathKeys, epoch.tree, derived.keys, tree);
  const context = nextContext(suite, epoch, signed.framed, signed.signature, treeHash);
  const begun = await beginEpoch(suite, epoch, context, derived.commitSecret);
  for (const used of [derived.commitSecret, begun.joinerSecret, begun.welcomeSecret]) wipe(used);
  demand("bad-commit", equalSecrets(begun.confirmationTag, signed.confirmationTag));
  const next = createEpoch({
    context,
    confirmationTag: signed.confirmationTag,
    secrets: begun.secrets,
    tree,
    ownLeaf: epoch.ownLeaf,
    pathKeys,
  });
  if (next.context.epoch !== epoch.context.epoch + 1n) throw new InvariantError("epoch did not advance by one");
  return { ...outcome, next: { epoch: next, encryptionSecret: begun.encryptionSecret } };
}
