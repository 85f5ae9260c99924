import type { Brand } from "../brand.ts";
import {
  bytes,
  list,
  opaque,
  optional,
  struct,
  structure,
  text,
  uint32,
  versioned,
  type ValueOf,
} from "../codec/codec.ts";

/** Ed25519 public key of an account: the account itself. */
export type IdentityKey = Brand<Uint8Array, "IdentityKey">;
/** Ed25519 public key of a device; the signature key of its leaves. */
export type DeviceKey = Brand<Uint8Array, "DeviceKey">;
/** SHA-256 of an encoded {@link SignedDeviceList}: what the next list and every message refer to. */
export type ListHead = Brand<Uint8Array, "ListHead">;
export type Signature = Brand<Uint8Array, "Signature">;

export const KEY_BYTES = 32;
export const HASH_BYTES = 32;
export const SIGNATURE_BYTES = 64;
export const MAX_DEVICES = 10;
/** UTF-8 bytes of a name of an account or a group. */
export const MAX_NAME_BYTES = 128;

export const identityKey = opaque<IdentityKey>(KEY_BYTES);
export const deviceKey = opaque<DeviceKey>(KEY_BYTES);
export const listHead = opaque<ListHead>(HASH_BYTES);
export const signature = opaque<Signature>(SIGNATURE_BYTES);

/**
 * The devices of an account: one of a hash-linked chain, numbered from 0 without gaps.
 *
 * ```text
 * struct {
 *   uint8           version = 1;
 *   opaque          identity_key[32];
 *   uint32          seq;
 *   optional<opaque[32]> previous;     // ListHead of seq - 1; absent for seq 0 only
 *   uint32          day;               // days since 1970, never smaller than in the list before
 *   opaque          devices<V>[32];    // at most 10 device keys, ascending, all different
 * } DeviceList;
 * ```
 */
export const deviceList = structure(
  "DeviceList",
  1024,
  versioned(
    1,
    struct({
      identityKey,
      seq: uint32,
      previous: optional(listHead),
      day: uint32,
      devices: list(deviceKey, MAX_DEVICES, MAX_DEVICES * KEY_BYTES),
    }),
  ),
);
export type DeviceList = ValueOf<typeof deviceList.codec>;

/** An encoded {@link DeviceList} and the identity key's signature over it (label `device list`). */
export const signedDeviceListCodec = struct({ list: bytes(deviceList.maxBytes), signature });
export const signedDeviceList = structure("SignedDeviceList", 2048, signedDeviceListCodec);
export type SignedDeviceList = ValueOf<typeof signedDeviceListCodec>;

/** What an account says of itself. */
export const profile = struct({ name: text(MAX_NAME_BYTES) });
export type Profile = ValueOf<typeof profile>;

/** A name for an account that the reader may not know yet; only a label. */
export const accountName = struct({ identityKey, name: text(MAX_NAME_BYTES) });
export type AccountName = ValueOf<typeof accountName>;

/** The member of an MLS group: identity in a basic credential (RFC 9420 §5.3). */
export const credentialIdentity = structure("CredentialIdentity", 64, versioned(1, struct({ identityKey })));
