import { deriveKey, labelledMac } from "@stonechat/crypto";
import type { BlobId, IdentityKey, LogId, Token } from "@stonechat/protocol";

const NOTHING = new Uint8Array(0);

/** What both sides of an invite derive from the link's secret. */
export interface InviteSecrets {
  readonly logId: LogId;
  readonly appendToken: Token;
  /** Where the inviter's KEM key waits. */
  readonly keyBlobId: BlobId;
}

export function deriveInviteSecrets(secret: Uint8Array): InviteSecrets {
  return {
    logId: deriveKey(secret, "invite log id", NOTHING, 32) as LogId,
    appendToken: deriveKey(secret, "invite append token", NOTHING, 32) as Token,
    keyBlobId: deriveKey(secret, "invite key blob", NOTHING, 32) as BlobId,
  };
}

/** Proves that whoever made `body` had the link, and for whom it was. 64 bytes. */
export function proveInvite(
  secret: Uint8Array,
  inviter: IdentityKey,
  invitee: IdentityKey,
  body: Uint8Array,
): Uint8Array {
  return labelledMac(
    deriveKey(secret, "invite proof", NOTHING, 64),
    "invite proof",
    proofContent(inviter, invitee, body),
  );
}

/** What the invitee's identity key signs. */
export function proofContent(inviter: IdentityKey, invitee: IdentityKey, body: Uint8Array): Uint8Array {
  const content = new Uint8Array(inviter.length + invitee.length + body.length);
  content.set(inviter, 0);
  content.set(invitee, inviter.length);
  content.set(body, inviter.length + invitee.length);
  return content;
}
