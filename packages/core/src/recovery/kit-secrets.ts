import { deriveKey } from "@stonechat/crypto";
import type { BlobId, IdentityKey, LogId, Token } from "@stonechat/protocol";
import type { Account } from "../identity/account.ts";

const NOTHING = new Uint8Array(0);
const SEED_BYTES = 32;

/** The seed of an account's identity key: what a recovery kit is, and what all its secrets derive from. */
export function identitySeed(account: Pick<Account, "identityPrivateKey">): Uint8Array {
  return account.identityPrivateKey.slice(0, SEED_BYTES);
}

/** A kit's file lies in one of two places in turn, so that the old one goes only when the new one is whole. */
export type KitSlot = 0 | 1;
export const KIT_SLOTS: readonly KitSlot[] = [0, 1];

/** Where a kit's file lies and what opens it. */
export interface KitFileSecrets {
  readonly blobId: BlobId;
  readonly writeToken: Token;
  readonly key: Uint8Array;
}

export function deriveKitFile(seed: Uint8Array, slot: KitSlot): KitFileSecrets {
  const context = Uint8Array.of(slot);
  return {
    blobId: deriveKey(seed, "kit file id", context, 32) as BlobId,
    writeToken: deriveKey(seed, "kit file write token", context, 32) as Token,
    key: deriveKey(seed, "kit file key", context, 32),
  };
}

/** The log at which an account can be reached by contacts who have lost everything but their kit. */
interface ReturnLog {
  readonly logId: LogId;
  readonly readToken: Token;
  readonly appendToken: Token;
  readonly ownerToken: Token;
}

/** It derives from the seed, so that it is still followed when its owner, too, has lost everything. */
export function deriveReturnLog(seed: Uint8Array): ReturnLog {
  return {
    logId: deriveKey(seed, "return log id", NOTHING, 32) as LogId,
    readToken: deriveKey(seed, "return read token", NOTHING, 32) as Token,
    appendToken: deriveKey(seed, "return append token", NOTHING, 32) as Token,
    ownerToken: deriveKey(seed, "return owner token", NOTHING, 32) as Token,
  };
}

/** What one contact, or with its own key the account itself, seals entries of the return log with. */
export function deriveReturnSecret(seed: Uint8Array, contact: IdentityKey): Uint8Array {
  return deriveKey(seed, "return contact", contact, 32);
}
