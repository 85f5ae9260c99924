import {
  conversationSettings,
  conversationState,
  commitDetails,
  deviceList,
  groupWelcome,
  invite,
  joinRequest,
  joinRequestBody,
  joinState,
  messageDetails,
  signedDeviceList,
  type BlobId,
  type ConversationSettings,
  type DeviceKey,
  type DeviceList,
  type GroupId,
  type IdentityKey,
  type KemPublicKey,
  type ListHead,
  type LogId,
  type Signature,
  type SignedDeviceList,
  type Token,
} from "@stonechat/protocol";
import { accepted, counting, refused, type AcceptedVector, type RefusedVector, type StructureVectors } from "./vector-file.ts";

// The brands stand for these lengths.
const identityKey = counting(0x00, 32) as IdentityKey;
const otherIdentityKey = counting(0x20, 32) as IdentityKey;
const deviceKey = counting(0x40, 32) as DeviceKey;
const otherDeviceKey = counting(0x60, 32) as DeviceKey;
const head = counting(0x80, 32) as ListHead;
const hash = counting(0xa0, 32);
const logId = counting(0xc0, 32) as LogId;
const groupId = counting(0xe0, 32) as GroupId;
const signature = counting(0x10, 64) as Signature;
const relayUrl = "https://relay.example";

const firstList: DeviceList = { identityKey, seq: 0, previous: undefined, day: 20_454, devices: [deviceKey] };
const nextList: DeviceList = { ...firstList, seq: 1, previous: head, day: 20_455, devices: [deviceKey, otherDeviceKey] };
const signedList: SignedDeviceList = { list: deviceList.encode(firstList), signature };
const settings: ConversationSettings = {
  kind: "group", name: "Équipe 🌍", admins: [identityKey, otherIdentityKey], whoMayAdd: "members", timerSeconds: 86_400,
};
const blob = {
  relayUrl, blobId: counting(1, 32) as BlobId, key: counting(2, 32), prefix: counting(3, 7), sha256: hash,
  size: 5_000_000_000, storedSize: 5_100_000_000,
};
const names = [{ identityKey, name: "Ada" }, { identityKey: otherIdentityKey, name: "" }];
const address = { relayUrl, logId };

function acceptedStructures(): readonly AcceptedVector[] {
  return [
    accepted(deviceList, "first list", firstList),
    accepted(deviceList, "a later list of two devices", nextList),
    accepted(signedDeviceList, "a list and a signature (of the right length only)", signedList),
    accepted(invite, "one-time", {
      reusable: false, identityKey, secret: counting(4, 32), kemKeyHash: hash, expiresAt: 1_800_000_000_000, relayUrl,
    }),
    accepted(joinRequestBody, "one device", {
      identityKey, deviceLists: [signedList], profile: { name: "Bea" }, keyPackages: [counting(5, 70)], replyLog: logId,
      replyAppendToken: counting(6, 32) as Token, replyKemKey: counting(7, 1216) as KemPublicKey,
    }),
    accepted(joinRequest, "body, proof and signature", { body: counting(8, 3), proof: counting(9, 64), signature }),
    accepted(conversationSettings, "of two", { kind: "direct", name: "", admins: [], whoMayAdd: "admins", timerSeconds: 0 }),
    accepted(conversationSettings, "of a group", settings),
    accepted(commitDetails, "nothing", { settings: undefined, deviceLists: [], names: [] }),
    accepted(commitDetails, "new settings and somebody added", { settings, deviceLists: [signedList], names }),
    accepted(messageDetails, "head and state", { senderHead: head, stateHash: hash }),
    accepted(conversationState, "two members", {
      groupId, settingsHash: hash,
      members: [{ identityKey, head, deviceCount: 1 }, { identityKey: otherIdentityKey, head, deviceCount: 3 }],
    }),
    accepted(joinState, "two members", { tree: counting(10, 5), deviceLists: [signedList], names, settings }),
    accepted(groupWelcome, "with the state inside", {
      groupId, address, firstSeq: 1, welcomes: [counting(11, 4)], state: { type: "inline", joinState: counting(12, 2) },
    }),
    accepted(groupWelcome, "with the state in a blob", {
      groupId, address, firstSeq: 4_294_967_296, welcomes: [counting(11, 4), counting(15, 1)], state: { type: "blob", blob },
    }),
  ];
}

function refusedStructures(): readonly RefusedVector[] {
  const list = deviceList.encode(firstList);
  const group = conversationSettings.encode(settings);
  const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array => bytes.with(at, value);
  return [
    refused(deviceList, "version 2", changed(list, 0, 2)),
    refused(deviceList, "an optional that is neither there nor absent", changed(list, 37, 2)),
    refused(deviceList, "a byte missing", list.subarray(0, -1)),
    refused(deviceList, "a byte too many", Uint8Array.of(...list, 0)),
    refused(conversationSettings, "an unknown kind", changed(group, 1, 4)),
    refused(conversationSettings, "a name that is no UTF-8", changed(group, 3, 0xff)),
    refused(conversationSettings, "a name with NUL", changed(group, 5, 0)),
    refused(groupWelcome, "nothing at all", new Uint8Array(0)),
  ];
}

/** Vectors of what clients write for each other; see PROTOCOL.md. Signatures and hashes are made in `flows.json`. */
export function clientVectors(): StructureVectors {
  return {
    note: "Bytes are hexadecimal, absent optional fields are null. The codes of refused bytes are those of PROTOCOL.md.",
    accepted: acceptedStructures(),
    refused: refusedStructures(),
  };
}
