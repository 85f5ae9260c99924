import { opaque, struct, structure, versioned, WireError } from "@stonechat/protocol";
import type { Credential } from "ts-mls/credential.js";
import type { LeafNode } from "ts-mls/leafNode.js";
import { MlsError, type DeviceKey, type IdentityKey, type Member } from "./contract.ts";

/** Bytes of the identity in a leaf's basic credential. */
export const CREDENTIAL_IDENTITY_BYTES = 33;

/**
 * Who a leaf belongs to, as the identity of a basic credential (RFC 9420 §5.3).
 *
 * ```text
 * struct {
 *   uint8  version = 1;
 *   opaque identity_key[32];
 * } CredentialIdentity;
 * ```
 */
const credentialIdentity = structure(
  "CredentialIdentity",
  CREDENTIAL_IDENTITY_BYTES,
  versioned(1, struct({ identityKey: opaque<IdentityKey>(32) })),
);

export function encodeCredential(identityKey: IdentityKey): Credential {
  return { credentialType: "basic", identity: credentialIdentity.encode({ identityKey }) };
}

/** @throws {@link MlsError} `bad-leaf` unless `identity` is a {@link CREDENTIAL_IDENTITY_BYTES}-byte CredentialIdentity. */
export function decodeCredentialIdentity(identity: Uint8Array): IdentityKey {
  try {
    return credentialIdentity.decode(identity).identityKey;
  } catch (cause) {
    if (cause instanceof WireError) throw new MlsError("bad-leaf", { cause });
    throw cause;
  }
}

/** The owner of a leaf. @throws {@link MlsError} `bad-leaf` if its credential is not of our form. */
export function toMember(leafNode: LeafNode, leaf: number): Member {
  const { credential, signaturePublicKey } = leafNode;
  if (credential.credentialType !== "basic") throw new MlsError("bad-leaf");
  return {
    leaf,
    identityKey: decodeCredentialIdentity(credential.identity),
    // Earned by the leaf's decoder, which read exactly 32 bytes.
    deviceKey: signaturePublicKey as DeviceKey,
  };
}
