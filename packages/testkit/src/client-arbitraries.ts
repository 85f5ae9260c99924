import { fc } from "@fast-check/vitest";
import { MAX_INSTANT } from "@stonechat/protocol";
import type {
  AccountName,
  Attachment,
  BlobId,
  BlobReference,
  CommitDetails,
  Content,
  ContentBody,
  ConversationSettings,
  ConversationState,
  DeviceKey,
  DeviceList,
  GroupId,
  GroupWelcome,
  IdentityKey,
  Invite,
  JoinRequest,
  JoinRequestBody,
  JoinState,
  KemPublicKey,
  KitCode,
  KitFile,
  ListHead,
  MessageDetails,
  MessageId,
  PoolId,
  RecordId,
  ReturnAddress,
  ReturnEntry,
  Signature,
  SignedDeviceList,
  TravelCode,
} from "@stonechat/protocol";
import { logIds, tokens } from "./frame-arbitraries.ts";

/** A fixed length is all that these brands stand for. */
function fixed<T extends Uint8Array>(length: number): fc.Arbitrary<T> {
  return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => bytes as T);
}

/** One byte repeated: of full length, but cheap to make and to compare. */
function filled<T extends Uint8Array>(length: number): fc.Arbitrary<T> {
  return fc.nat({ max: 255 }).map((byte) => new Uint8Array(length).fill(byte) as T);
}

/** Well-formed text without NUL of at most `maxBytes` in UTF-8. */
export function texts(maxBytes: number): fc.Arbitrary<string> {
  return fc
    .string({ unit: "grapheme", maxLength: Math.min(maxBytes, 40) })
    .map((text) => text.replaceAll("\0", ""))
    .filter((text) => new TextEncoder().encode(text).length <= maxBytes);
}

const uint16s = fc.oneof(fc.constantFrom(0, 1, 255, 256, 0xffff), fc.nat({ max: 0xffff }));
const uint32s = fc.oneof(fc.constantFrom(0, 1, 0xffff_ffff), fc.nat({ max: 0xffff_ffff }));
const instants = fc.oneof(fc.constantFrom(0, 1, 0x1_0000_0000, MAX_INSTANT), fc.nat({ max: MAX_INSTANT }));
const uint53s = fc.oneof(fc.constantFrom(0, 1, 0x1_0000_0000, Number.MAX_SAFE_INTEGER), fc.maxSafeNat());
const option = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(values, { nil: undefined });
const shortBytes = fc.uint8Array({ maxLength: 70 });

export const identityKeys = fixed<IdentityKey>(32);
export const deviceKeys = fixed<DeviceKey>(32);
export const listHeads = fixed<ListHead>(32);
export const messageIds = fixed<MessageId>(16);
const signatures = filled<Signature>(64);
const kemKeys = filled<KemPublicKey>(1216);
const relayUrls = fc.constantFrom("https://relay.example", "http://localhost:8080", "https://[::1]:444");

export const deviceLists: fc.Arbitrary<DeviceList> = fc.record({
  identityKey: identityKeys,
  seq: uint32s,
  previous: option(listHeads),
  day: uint32s,
  devices: fc.array(deviceKeys, { maxLength: 10 }),
});
export const signedDeviceLists: fc.Arbitrary<SignedDeviceList> = fc.record({ list: shortBytes, signature: signatures });

const accountNames: fc.Arbitrary<AccountName> = fc.record({ identityKey: identityKeys, name: texts(128) });

export const invites: fc.Arbitrary<Invite> = fc.record({
  reusable: fc.boolean(),
  identityKey: identityKeys,
  secret: fixed(32),
  kemKeyHash: fixed(32),
  expiresAt: instants,
  relayUrl: relayUrls,
});

export const joinRequestBodies: fc.Arbitrary<JoinRequestBody> = fc.record({
  identityKey: identityKeys,
  deviceLists: fc.array(signedDeviceLists, { maxLength: 3 }),
  profile: fc.record({ name: texts(128) }),
  keyPackages: fc.array(shortBytes, { maxLength: 10 }),
  replyLog: logIds,
  replyAppendToken: tokens,
  replyKemKey: kemKeys,
});
export const joinRequests: fc.Arbitrary<JoinRequest> = fc.record({
  body: shortBytes,
  proof: filled(64),
  signature: signatures,
});

export const conversationSettingsValues: fc.Arbitrary<ConversationSettings> = fc.record({
  kind: fc.constantFrom("direct", "group", "own"),
  name: texts(128),
  admins: fc.array(identityKeys, { maxLength: 4 }),
  whoMayAdd: fc.constantFrom("admins", "members"),
  timerSeconds: uint32s,
});
export const commitDetailsValues: fc.Arbitrary<CommitDetails> = fc.record({
  settings: option(conversationSettingsValues),
  deviceLists: fc.array(signedDeviceLists, { maxLength: 3 }),
  names: fc.array(accountNames, { maxLength: 3 }),
});
export const messageDetailsValues: fc.Arbitrary<MessageDetails> = fc.record({
  senderHead: listHeads,
  stateHash: fixed(32),
});
export const conversationStates: fc.Arbitrary<ConversationState> = fc.record({
  groupId: fixed<GroupId>(32),
  settingsHash: fixed(32),
  members: fc.array(fc.record({ identityKey: identityKeys, head: listHeads, deviceCount: uint32s }), { maxLength: 3 }),
});
export const joinStates: fc.Arbitrary<JoinState> = fc.record({
  tree: shortBytes,
  deviceLists: fc.array(signedDeviceLists, { maxLength: 3 }),
  names: fc.array(accountNames, { maxLength: 3 }),
  settings: conversationSettingsValues,
});

const blobReferences: fc.Arbitrary<BlobReference> = fc.record({
  relayUrl: relayUrls,
  blobId: fixed<BlobId>(32),
  key: fixed(32),
  prefix: fixed(7),
  sha256: fixed(32),
  size: uint53s,
  storedSize: uint53s,
});
export const groupWelcomes: fc.Arbitrary<GroupWelcome> = fc.record({
  groupId: fixed<GroupId>(32),
  address: fc.record({ relayUrl: relayUrls, logId: logIds }),
  firstSeq: uint53s,
  welcomes: fc.array(shortBytes, { maxLength: 3 }),
  state: fc.oneof(
    fc.record({ type: fc.constant("inline" as const), joinState: shortBytes }),
    fc.record({ type: fc.constant("blob" as const), blob: blobReferences }),
  ),
});

const attachments: fc.Arbitrary<Attachment> = fc.record({
  name: texts(255),
  mediaType: texts(127),
  kind: fc.constantFrom("file", "image", "audio", "video"),
  width: uint16s,
  height: uint16s,
  thumbnail: shortBytes,
  blob: blobReferences,
});

const pools = fc.record({
  deviceKey: deviceKeys,
  relayUrl: relayUrls,
  poolId: fixed<PoolId>(32),
  secret: fixed<Uint8Array>(32),
});
const returnAddresses: fc.Arbitrary<ReturnAddress> = fc.record({
  relayUrl: relayUrls,
  logId: logIds,
  appendToken: tokens,
  secret: fixed(32),
});

type Makers = {
  readonly [K in ContentBody["type"]]: fc.Arbitrary<Omit<Extract<ContentBody, { readonly type: K }>, "type">>;
};

/** One arbitrary a body. The type asks for all of them, so a new body does not go untested. */
const BODIES: Makers = {
  message: fc.record({
    text: texts(16_384),
    replyTo: option(messageIds),
    attachments: fc.array(attachments, { maxLength: 2 }),
    timerSeconds: uint32s,
    viewOnce: fc.boolean(),
  }),
  reaction: fc.record({ target: messageIds, emoji: texts(64), removed: fc.boolean() }),
  edit: fc.record({ target: messageIds, text: texts(16_384) }),
  delete: fc.record({ target: messageIds }),
  receipt: fc.record({
    state: fc.constantFrom("delivered", "read"),
    messageIds: fc.array(messageIds, { maxLength: 4 }),
  }),
  profile: fc.record({ name: texts(128) }),
  "group-welcome": fc.record({ welcome: groupWelcomes }),
  leave: fc.constant({}),
  pools: fc.record({ pools: fc.array(pools, { maxLength: 3 }) }),
  rejoin: fc.record({ groupId: fixed(32) }),
  decline: fc.record({ groupId: fixed(32) }),
  "return-address": returnAddresses,
  unsupported: fc.record({ tag: fc.oneof(fc.constant(0), fc.integer({ min: 13, max: 0xffff })), data: shortBytes }),
};

export const contentBodies: fc.Arbitrary<ContentBody> = fc.oneof(
  // The case's name and its fields belong together by the type of the table.
  ...Object.entries(BODIES).map(([type, fields]) =>
    (fields as fc.Arbitrary<object>).map((rest) => ({ type, ...rest })),
  ),
) as unknown as fc.Arbitrary<ContentBody>;

export const contents: fc.Arbitrary<Content> = fc.record({
  messageId: messageIds,
  sentAt: instants,
  body: contentBodies,
  extensions: shortBytes,
});

export const kitCodes: fc.Arbitrary<KitCode> = fc.record({
  identitySeed: fixed(32),
  relayUrl: relayUrls,
  deviceLists: fc.array(signedDeviceLists, { maxLength: 3 }),
});
export const travelCodes: fc.Arbitrary<TravelCode> = fc.record({ secret: fixed(16), relayUrl: relayUrls });
export const kitFiles: fc.Arbitrary<KitFile> = fc.record({
  madeAt: instants,
  name: texts(128),
  admission: fc.uint8Array({ maxLength: 64 }),
  deviceLists: fc.array(signedDeviceLists, { maxLength: 2 }),
  contacts: fc.array(
    fc.record({
      identityKey: identityKeys,
      name: texts(128),
      label: texts(128),
      verified: fc.boolean(),
      blocked: fc.boolean(),
      timerSeconds: uint32s,
      deviceLists: fc.array(signedDeviceLists, { maxLength: 2 }),
      pools: fc.array(pools, { maxLength: 2 }),
      returnAddress: option(returnAddresses),
    }),
    { maxLength: 2 },
  ),
  groups: fc.array(
    fc.record({ groupId: fixed(32), name: texts(128), admins: fc.array(identityKeys, { maxLength: 2 }) }),
    { maxLength: 2 },
  ),
  revocations: fc.array(fc.record({ url: relayUrls, recordId: fixed<RecordId>(16), secret: fixed(32) }), {
    maxLength: 2,
  }),
});
export const returnEntries: fc.Arbitrary<ReturnEntry> = fc.oneof(
  fc.record({ type: fc.constant("welcome" as const), welcome: groupWelcomes }),
  fc.record({ type: fc.constant("lists" as const), deviceLists: fc.array(signedDeviceLists, { maxLength: 3 }) }),
);
