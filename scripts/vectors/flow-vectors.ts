import {
  deriveKey,
  initCrypto,
  kemKeyPairFromSeed,
  labelled,
  sha256,
  sha512,
  sign,
  signKeyPairFromSeed,
} from "@stonechat/crypto";
import {
  conversationSettings,
  conversationState,
  encodeContent,
  joinRequestBody,
  toInviteLink,
  type BlobId,
  type ContentBody,
  type DeviceKey,
  type GroupId,
  type IdentityKey,
  type Invite,
  type KemPublicKey,
  type LogId,
  type MessageId,
  type PoolId,
  type Token,
} from "@stonechat/protocol";
import { deriveInviteSecrets, proofContent, proveInvite } from "../../packages/core/src/contacts/invite-secrets.ts";
import { derivePoolSecrets, sealKeyPackage } from "../../packages/core/src/contacts/pool-secrets.ts";
import { toConversationState } from "../../packages/core/src/conversations/epoch.ts";
import { signNextList, type CheckedList } from "../../packages/core/src/identity/device-lists.ts";
import { toSafetyNumber, toSafetyQr } from "../../packages/core/src/identity/safety-number.ts";
import { parseInstant } from "../../packages/core/src/ports/clock.ts";
import { sealEntry } from "../../packages/core/src/sync/envelope.ts";
import { counting, toHex, toJson, type JsonValue } from "./vector-file.ts";

// The brands stand for these lengths.
const DAY_MS = 86_400_000;
const none = new Uint8Array(0);
const relayUrl = "https://relay.example";
const messageId = counting(0x01, 16) as MessageId;
const target = counting(0x11, 16) as MessageId;
const groupId = counting(0xe0, 32) as GroupId;
const logId = counting(0xc0, 32) as LogId;
const token = counting(0x30, 32) as Token;

interface Signer {
  readonly publicKey: IdentityKey;
  readonly privateKey: Uint8Array;
}

/** The chain of an identity that adds a second device on the next day and removes the first one later. */
function chainOf(identity: Signer): readonly CheckedList[] {
  const [a, b] = [counting(0x40, 32) as DeviceKey, counting(0x60, 32) as DeviceKey];
  const first = signNextList(identity, [a], undefined, parseInstant(20_454 * DAY_MS));
  const second = signNextList(identity, [b, a], first, parseInstant(20_455 * DAY_MS));
  return [first, second, signNextList(identity, [b], second, parseInstant(20_455 * DAY_MS))];
}

const blob = {
  relayUrl, blobId: counting(1, 32) as BlobId, key: counting(2, 32), prefix: counting(3, 7), sha256: counting(4, 32),
  size: 1000, storedSize: 1112,
};
const BODIES: readonly ContentBody[] = [
  { type: "message", text: "hello 👋", replyTo: undefined, attachments: [], timerSeconds: 0, viewOnce: false },
  {
    type: "message", text: "", replyTo: target,
    attachments: [{ name: "a.jpg", mediaType: "image/jpeg", kind: "image", width: 640, height: 480, thumbnail: counting(5, 4), blob }],
    timerSeconds: 3600, viewOnce: true,
  },
  { type: "reaction", target, emoji: "👍", removed: false },
  { type: "edit", target, text: "hello" },
  { type: "delete", target },
  { type: "receipt", state: "read", messageIds: [target, messageId] },
  { type: "profile", name: "Ada" },
  {
    type: "group-welcome",
    welcome: {
      groupId, address: { relayUrl, logId }, firstSeq: 2, welcomes: [counting(6, 3)],
      state: { type: "inline", joinState: counting(7, 3) },
    },
  },
  { type: "leave" },
  {
    type: "pools",
    pools: [{ deviceKey: counting(0x40, 32) as DeviceKey, relayUrl, poolId: counting(8, 32) as PoolId, secret: counting(0x30, 32) }],
  },
  { type: "rejoin", groupId },
  { type: "decline", groupId },
  { type: "return-address", relayUrl, logId, appendToken: token, secret: counting(0x30, 32) },
  { type: "unsupported", tag: 4711, data: counting(9, 5) },
];

function inviteVector(inviter: Signer, invitee: Signer): JsonValue {
  const secret = counting(0x50, 32);
  const kemKey = kemKeyPairFromSeed(counting(0x70, 32)).publicKey;
  const value: Invite = {
    reusable: false, identityKey: inviter.publicKey, secret, kemKeyHash: sha256(kemKey), expiresAt: 1_800_000_000_000, relayUrl,
  };
  const [first] = chainOf(invitee);
  if (first === undefined) throw new RangeError("no list");
  const body = joinRequestBody.encode({
    identityKey: invitee.publicKey, deviceLists: [first.signed], profile: { name: "Bea" }, keyPackages: [counting(0x90, 5)],
    replyLog: logId, replyAppendToken: token, replyKemKey: kemKeyPairFromSeed(counting(0x71, 32)).publicKey as KemPublicKey,
  });
  const signed = proofContent(inviter.publicKey, invitee.publicKey, body);
  return {
    invite: toJson(value), link: toInviteLink(value), derived: toJson(deriveInviteSecrets(secret)),
    proofKey: toHex(deriveKey(secret, "invite proof", none, 64)), inviteeIdentityKey: toHex(invitee.publicKey),
    joinRequestBody: toHex(body), proof: toHex(proveInvite(secret, inviter.publicKey, invitee.publicKey, body)),
    signature: toHex(sign("invite request", signed, invitee.privateKey)),
  };
}

function stateVector(a: Signer, b: Signer): JsonValue {
  const settings = { kind: "group", name: "Team", admins: [a.publicKey], whoMayAdd: "admins", timerSeconds: 0 } as const;
  const members = new Map([a, b].map((signer, i) => {
    const list = chainOf(signer)[i];
    if (list === undefined) throw new RangeError("no list");
    return [toHex(signer.publicKey), { list, deviceCount: i + 1 }];
  }));
  const state = conversationState.encode(toConversationState({ groupId }, settings, members));
  return {
    settings: toHex(conversationSettings.encode(settings)), state: toHex(state), stateHash: toHex(sha256(state)),
  };
}

function poolVector(random: { bytes(length: number): Uint8Array }): JsonValue {
  const secret = counting(0x30, 32);
  const poolId = counting(8, 32) as PoolId;
  const derived = derivePoolSecrets(secret);
  const keyPackage = counting(0, 20);
  return {
    secret: toHex(secret), derived: toJson(derived), poolId: toHex(poolId), keyPackage: toHex(keyPackage),
    nonce: toHex(counting(0x44, 24)), sealed: toHex(sealKeyPackage(derived.packageKey, poolId, keyPackage, random)),
  };
}

/** Vectors of what is made of the structures: chains, links, proofs, hashes, sealed entries, safety numbers. */
export async function flowVectors(): Promise<JsonValue> {
  await initCrypto();
  const [a, b] = [0x01, 0x02].map((seed) => signKeyPairFromSeed(counting(seed, 32)) as Signer);
  if (a === undefined || b === undefined) throw new RangeError("no keys");
  const both = [a.publicKey, b.publicKey].sort((left, right) => Buffer.compare(left, right));
  const entryKey = counting(0x33, 32);
  const random = { bytes: (length: number) => counting(0x44, length) };
  return {
    note: "Bytes are hexadecimal. Identity keys are Ed25519 keys of the seeds 0102…20 and 0203…21.",
    identities: [a, b].map(({ publicKey }) => toHex(publicKey)),
    deviceListChain: chainOf(a).map(({ list, signed, head }) => ({
      list: toJson(list), bytes: toHex(signed.list), signature: toHex(signed.signature), head: toHex(head),
    })),
    invite: inviteVector(a, b),
    conversationState: stateVector(a, b),
    contents: BODIES.map((body) => ({
      body: toJson(body), bytes: toHex(encodeContent({ messageId, sentAt: 1_800_000_000_000, body, extensions: none })),
    })),
    sealedEntries: (["message", "commit"] as const).flatMap((kind) =>
      [0, 211, 212, 300].map((length) => ({
        key: toHex(entryKey), logId: toHex(logId), kind, nonce: toHex(counting(0x44, 24)), mlsMessage: toHex(counting(0, length)),
        body: toHex(sealEntry(entryKey, logId, kind, counting(0, length), random)),
      })),
    ),
    pool: poolVector(random),
    safetyNumber: {
      firstHash: toHex(sha512(labelled("safety number", new Uint8Array(Buffer.concat(both))))),
      number: toSafetyNumber(a.publicKey, b.publicKey),
      qrShownByFirst: toSafetyQr(a.publicKey, b.publicKey), qrShownBySecond: toSafetyQr(b.publicKey, a.publicKey),
    },
  };
}
