import type { Brand } from "../brand.ts";
import {
  bytes,
  choice,
  list,
  opaque,
  optional,
  struct,
  structure,
  text,
  uint32,
  uint53,
  union,
  versioned,
  type ValueOf,
} from "../codec/codec.ts";
import { blobId, logId } from "../relay/identifiers.ts";
import { accountName, HASH_BYTES, identityKey, listHead, MAX_NAME_BYTES, signedDeviceListCodec } from "./identity.ts";
import { MAX_URL_BYTES } from "./invite.ts";

/** MLS group id of a conversation: 32 random bytes. */
export type GroupId = Brand<Uint8Array, "GroupId">;
export const groupId = opaque<GroupId>(32);
/** Accounts in one conversation. */
export const MAX_MEMBERS = 500;

export const conversationKind = choice({ direct: 1, group: 2, own: 3 });

/** Where a conversation lives. */
export const address = struct({ relayUrl: text(MAX_URL_BYTES), logId });
export type Address = ValueOf<typeof address>;

/**
 * What all members of a conversation agree on besides MLS; changed by commits only.
 *
 * ```text
 * struct {
 *   uint8   version = 1;
 *   uint8   kind;               // 1 direct, 2 group, 3 own
 *   opaque  name<V>;            // UTF-8; empty unless group
 *   opaque  admins<V>[32];      // identity keys, ascending; groups have at least one
 *   uint8   who_may_add;        // 1 admins, 2 members
 *   uint32  timer_seconds;      // 0: messages stay
 * } ConversationSettings;
 * ```
 */
const settingsCodec = versioned(
  1,
  struct({
    kind: conversationKind,
    name: text(MAX_NAME_BYTES),
    admins: list(identityKey, MAX_MEMBERS, MAX_MEMBERS * 32),
    whoMayAdd: choice({ admins: 1, members: 2 }),
    timerSeconds: uint32,
  }),
);
export const conversationSettings = structure("ConversationSettings", 20_000, settingsCodec);
export type ConversationSettings = ValueOf<typeof settingsCodec>;

/**
 * Authenticated data of a commit: what changes besides the tree, and the device lists by which new leaves are checked.
 * `deviceLists` continues, for each identity, the chain known in this conversation.
 */
export const commitDetails = structure(
  "CommitDetails",
  600_000,
  versioned(
    1,
    struct({
      settings: optional(settingsCodec),
      deviceLists: list(signedDeviceListCodec, 2 * MAX_MEMBERS, 500_000),
      names: list(accountName, MAX_MEMBERS, 100_000),
    }),
  ),
);
export type CommitDetails = ValueOf<typeof commitDetails.codec>;

/**
 * Authenticated data of a message: the sender's newest list head and the hash of the {@link conversationState} of the
 * message's epoch. A receiver whose own differs raises an alarm: somebody was shown other devices, settings or members.
 */
export const messageDetails = structure(
  "MessageDetails",
  128,
  versioned(
    1,
    struct({
      senderHead: listHead,
      stateHash: opaque(HASH_BYTES),
    }),
  ),
);
export type MessageDetails = ValueOf<typeof messageDetails.codec>;

/** Who is in an epoch and by which device lists, ascending by identity key; hashed into {@link messageDetails}. */
export const conversationState = structure(
  "ConversationState",
  200_000,
  versioned(
    1,
    struct({
      groupId,
      settingsHash: opaque(HASH_BYTES),
      members: list(struct({ identityKey, head: listHead, deviceCount: uint32 }), MAX_MEMBERS, 100_000),
    }),
  ),
);
export type ConversationState = ValueOf<typeof conversationState.codec>;

/** What joins need besides the Welcome; inline when small, else in a blob. */
export const joinState = structure(
  "JoinState",
  8 * 1024 * 1024,
  versioned(
    1,
    struct({
      tree: bytes(6 * 1024 * 1024),
      deviceLists: list(signedDeviceListCodec, 10 * MAX_MEMBERS, 1024 * 1024),
      names: list(accountName, MAX_MEMBERS, 100_000),
      settings: settingsCodec,
    }),
  ),
);
export type JoinState = ValueOf<typeof joinState.codec>;

/** A blob and what opens it. Sizes in bytes. */
export const blobReference = struct({
  relayUrl: text(MAX_URL_BYTES),
  blobId,
  key: opaque(32),
  prefix: opaque(7),
  sha256: opaque(HASH_BYTES),
  size: uint53,
  storedSize: uint53,
});
export type BlobReference = ValueOf<typeof blobReference>;

/** Lets one device into a conversation: travels in a join answer or in the conversation of two. */
export const groupWelcomeCodec = versioned(
  1,
  struct({
    groupId,
    address,
    firstSeq: uint53,
    welcomes: list(bytes(16_384), 10, 60_000),
    state: union({
      inline: [1, struct({ joinState: bytes(40_000) })],
      blob: [2, struct({ blob: blobReference })],
    }),
  }),
);
export const groupWelcome = structure("GroupWelcome", 62_000, groupWelcomeCodec);
export type GroupWelcome = ValueOf<typeof groupWelcomeCodec>;

/** An entry's body, opened: the MLS message and zero bytes up to 256·2^k. */
export const paddedMessage = struct({ message: bytes(1024 * 1024) });
