import type { Brand } from "../brand.ts";
import {
  boolean,
  bytes,
  instant,
  list,
  opaque,
  struct,
  structure,
  text,
  versioned,
  type ValueOf,
} from "../codec/codec.ts";
import { MAX_KEY_PACKAGE_BYTES } from "../relay/limits.ts";
import { logId, token } from "../relay/identifiers.ts";
import { HASH_BYTES, identityKey, MAX_DEVICES, profile, signature, signedDeviceListCodec } from "./identity.ts";

/** Public key of the X-Wing KEM. */
export type KemPublicKey = Brand<Uint8Array, "KemPublicKey">;
export const KEM_PUBLIC_KEY_BYTES = 1216;
export const kemPublicKey = opaque<KemPublicKey>(KEM_PUBLIC_KEY_BYTES);

export const INVITE_SECRET_BYTES = 32;
/** Bytes of a relay's URL: scheme, host and port only. */
export const MAX_URL_BYTES = 255;
/** Where an invite stands in a link's fragment: `https://RELAY/#i/…`. A link code for devices begins otherwise. */
export const INVITE_MARK = "i/";

/**
 * What the fragment of an invite link carries, as base64url without padding.
 *
 * The inviter's KEM key is too long for a QR code, so the link holds its SHA-256 and the key waits in a blob whose id
 * derives from the secret; a relay that swaps it is found out. Log id and append token derive from the secret, too.
 *
 * ```text
 * struct {
 *   uint8  version = 1;
 *   uint8  reusable;
 *   opaque identity_key[32];
 *   opaque secret[32];
 *   opaque kem_key_hash[32];
 *   uint64 expires_at;
 *   opaque relay_url<V>;
 * } Invite;
 * ```
 */
export const invite = structure(
  "Invite",
  512,
  versioned(
    1,
    struct({
      reusable: boolean,
      identityKey,
      secret: opaque(INVITE_SECRET_BYTES),
      kemKeyHash: opaque(HASH_BYTES),
      expiresAt: instant,
      relayUrl: text(MAX_URL_BYTES),
    }),
  ),
);
export type Invite = ValueOf<typeof invite.codec>;

/**
 * What the invitee says, before it is proved and signed.
 *
 * ```text
 * struct {
 *   uint8            version = 1;
 *   opaque           identity_key[32];
 *   SignedDeviceList device_lists<V>;   // the whole chain
 *   Profile          profile;
 *   opaque           key_packages<V><V>; // one for each device
 *   opaque           reply_log[32];
 *   opaque           reply_append_token[32];
 *   opaque           reply_kem_key[1216];
 * } JoinRequestBody;
 * ```
 */
export const joinRequestBody = structure(
  "JoinRequestBody",
  60_000,
  versioned(
    1,
    struct({
      identityKey,
      deviceLists: list(signedDeviceListCodec, 64, 40_000),
      profile,
      keyPackages: list(bytes(MAX_KEY_PACKAGE_BYTES), MAX_DEVICES, 50_000),
      replyLog: logId,
      replyAppendToken: token,
      replyKemKey: kemPublicKey,
    }),
  ),
);
export type JoinRequestBody = ValueOf<typeof joinRequestBody.codec>;

/**
 * Sealed with HPKE into the invite's log. `proof` is HMAC over both identity keys and the body under the key derived from
 * the link's secret; `signature` is the invitee's identity key over the same bytes (label `invite proof`).
 */
export const joinRequest = structure(
  "JoinRequest",
  62_000,
  versioned(
    1,
    struct({
      body: bytes(joinRequestBody.maxBytes),
      proof: opaque(64),
      signature,
    }),
  ),
);
export type JoinRequest = ValueOf<typeof joinRequest.codec>;
