import {
  boolean,
  bytes,
  instant,
  list,
  opaque,
  optional,
  struct,
  structure,
  text,
  uint32,
  union,
  versioned,
  type ValueOf,
} from "../codec/codec.ts";
import { recordId } from "../guard/guard-messages.ts";
import { MAX_ADMISSION_BYTES } from "../relay/limits.ts";
import { poolCodec, returnAddressCodec } from "./content.ts";
import { groupWelcomeCodec } from "./conversation.ts";
import { identityKey, MAX_NAME_BYTES, signedDeviceListCodec } from "./identity.ts";
import { MAX_URL_BYTES } from "./invite.ts";

/** Before the base64url of a {@link kitCode} in a QR code. */
export const KIT_MARK = "STONECHAT-KIT:";
/** Before the base64url of a {@link travelCode} in a QR code. */
export const TRAVEL_MARK = "STONECHAT-TRAVEL:";
export const KIT_SECRET_BYTES = 32;
export const TRAVEL_SECRET_BYTES = 16;
/** Chains longer than this do not fit into a QR code; the kit's file has them. */
export const MAX_KIT_CODE_LISTS = 4;
/** So long a kit's file lies at a relay; an older one is none. */
export const KIT_TTL_SECONDS = 30 * 86_400;

const deviceLists = list(signedDeviceListCodec, 64, 40_000);

/**
 * What the QR code of a recovery kit holds. The seed is the identity's own, as the 25 words are.
 *
 * ```text
 * struct {
 *   uint8            version = 1;
 *   opaque           identity_seed[32];
 *   opaque           relay_url<V>;
 *   SignedDeviceList device_lists<V>;   // the whole chain, or nothing if it has more than four
 * } KitCode;
 * ```
 */
export const kitCode = structure(
  "KitCode",
  1536,
  versioned(
    1,
    struct({
      identitySeed: opaque(KIT_SECRET_BYTES),
      relayUrl: text(MAX_URL_BYTES),
      deviceLists: list(signedDeviceListCodec, MAX_KIT_CODE_LISTS, 1200),
    }),
  ),
);
export type KitCode = ValueOf<typeof kitCode.codec>;

const kitContact = struct({
  identityKey,
  /** The name that the contact gave itself, and the label that the user gave, which may be empty. */
  name: text(MAX_NAME_BYTES),
  label: text(MAX_NAME_BYTES),
  verified: boolean,
  blocked: boolean,
  timerSeconds: uint32,
  deviceLists,
  pools: list(poolCodec, 10, 8000),
  returnAddress: optional(returnAddressCodec),
});
export type KitContact = ValueOf<typeof kitContact>;

const kitGroup = struct({
  groupId: opaque(32),
  name: text(MAX_NAME_BYTES),
  admins: list(identityKey, 500, 500 * 32),
});
export type KitGroup = ValueOf<typeof kitGroup>;

const guardRevocation = struct({ url: text(MAX_URL_BYTES), recordId, secret: opaque(32) });
export type GuardRevocation = ValueOf<typeof guardRevocation>;

/**
 * What the words alone do not hold, kept at the relay.
 *
 * ```text
 * struct {
 *   uint8            version = 1;
 *   uint64           made_at;           // milliseconds since 1970
 *   opaque           name<V>;
 *   opaque           admission<V>;
 *   SignedDeviceList device_lists<V>;   // the owner's whole chain
 *   KitContact       contacts<V>;
 *   KitGroup         groups<V>;
 *   GuardRevocation  revocations<V>;    // they destroy the records of the devices that made the file
 * } KitFile;
 * ```
 */
export const kitFile = structure(
  "KitFile",
  8 * 1024 * 1024,
  versioned(
    1,
    struct({
      madeAt: instant,
      name: text(MAX_NAME_BYTES),
      admission: bytes(MAX_ADMISSION_BYTES),
      deviceLists,
      contacts: list(kitContact, 5000, 7 * 1024 * 1024),
      groups: list(kitGroup, 2000, 900_000),
      revocations: list(guardRevocation, 10, 4000),
    }),
  ),
);
export type KitFile = ValueOf<typeof kitFile.codec>;

/**
 * What is put into an account's return log: by somebody who comes back, or by a restored device for those that it replaces.
 * Sealed as `SealedReturn` under the secret that the log's owner gave to this contact (or under its own for itself).
 *
 * ```text
 * struct {
 *   uint8 version = 1;
 *   uint8 type;               // 1 welcome, 2 lists
 *   select (type) {
 *     case welcome: GroupWelcome     welcome;
 *     case lists:   SignedDeviceList device_lists<V>;
 *   };
 * } ReturnEntry;
 * ```
 */
export const returnEntry = structure(
  "ReturnEntry",
  62_000,
  versioned(1, union({ welcome: [1, struct({ welcome: groupWelcomeCodec })], lists: [2, struct({ deviceLists })] })),
);
export type ReturnEntry = ValueOf<typeof returnEntry.codec>;

/**
 * What the QR code of a vault on its way holds; the twelve words are the secret alone.
 *
 * ```text
 * struct {
 *   uint8  version = 1;
 *   opaque secret[16];
 *   opaque relay_url<V>;
 * } TravelCode;
 * ```
 */
export const travelCode = structure(
  "TravelCode",
  512,
  versioned(1, struct({ secret: opaque(TRAVEL_SECRET_BYTES), relayUrl: text(MAX_URL_BYTES) })),
);
export type TravelCode = ValueOf<typeof travelCode.codec>;
