import {
  guardEntrySecret,
  guardTagHash,
  initCrypto,
  kemKeyPairFromSeed,
  sealGuardReply,
  sealGuardRequest,
  sha256,
  sign,
  signKeyPairFromSeed,
} from "@stonechat/crypto";
import {
  encodeFixedSize,
  guardList,
  guardReply,
  guardRequest,
  guardSigned,
  sealedGuardRequest,
  type DeviceKey,
  type GuardAnswer,
  type GuardEntry,
  type GuardId,
  type GuardOperation,
  type GuardTag,
  type RecordId,
  type Signature,
  type Ticket,
} from "@stonechat/protocol";
import { accepted, counting, fromHex, refused, toHex, type JsonValue, type StructureVectors } from "./vector-file.ts";

// The brands stand for these lengths.
const recordId = counting(0x10, 16) as RecordId;
const nonce = counting(0x20, 32);
const tag = counting(0x40, 32) as GuardTag;
const ticket = counting(0x60, 16) as Ticket;
const signature = counting(0x80, 64) as Signature;
const secret = counting(0xc0, 32);
const share = counting(0x01, 32);
const entry = (n: number): GuardEntry => ({
  tagHash: counting(n, 32),
  material: counting(n + 1, 32),
  pad: counting(n + 2, 32),
});
const entries = [entry(0), entry(3), entry(6), entry(9)];

const operations: readonly GuardOperation[] = [
  { type: "hello" },
  { type: "register", authKey: counting(0x70, 32) as DeviceKey, share, entries, revokeHash: secret },
  { type: "status" },
  { type: "evaluate", generation: 1, blindedElement: secret },
  { type: "open", ticket, tag },
  { type: "prepare", tag, from: 1, generation: 2, share: undefined, entries, keepAlive: [] },
  {
    ...{ type: "prepare", tag, from: 1, generation: 0xffff_ffff, share, entries },
    keepAlive: [0, 2, 3].map((position) => ({ position, pad: counting(position, 32) })),
  },
  { type: "finalize", generation: 2 },
  { type: "wipe" },
  { type: "revoke", secret },
];
const answers: readonly GuardAnswer[] = [
  { type: "done" },
  { type: "status", generation: 1, prepared: undefined, guessesLeft: 10 },
  { type: "status", generation: 1, prepared: 2, guessesLeft: 0 },
  { type: "evaluated", evaluatedElement: secret, proof: counting(0, 64), ticket, guessesLeft: 9 },
  { type: "opened", secret },
  { type: "closed" },
  ...(["denied", "stale", "generation", "ticket", "busy", "full", "malformed"] as const).map(
    (reason): GuardAnswer => ({ type: "refused", reason }),
  ),
];

/** Structures between devices and guards, and what is derived and sealed; see PROTOCOL.md, "Guards". */
export async function guardVectors(): Promise<StructureVectors & { readonly entry: JsonValue; readonly exchange: JsonValue }> {
  await initCrypto();
  const description = {
    ...{ name: "Guard", operator: "Somebody", url: "https://guard.example" },
    publicKey: counting(0, 1216),
  };
  const request = guardRequest.encode({ recordId, nonce, operation: { type: "status" }, signature });
  return {
    note: "Bytes are hexadecimal, absent optional fields are null. Requests and replies are given before they are filled up.",
    accepted: [
      ...operations.map((operation, at) =>
        accepted(guardRequest, `${String(at + 1)}: ${operation.type}`, { recordId, nonce, operation, signature }),
      ),
      ...answers.map((answer, at) => accepted(guardReply, `${String(at + 1)}: ${answer.type}`, { nonce, answer })),
      accepted(guardList, "no guards", { threshold: 0, guards: [] }),
      accepted(guardList, "one guard", { threshold: 1, guards: [description] }),
    ],
    refused: [
      refused(guardRequest, "nothing", fromHex("")),
      refused(guardRequest, "version 2", fromHex(`02${toHex(request.subarray(1))}`)),
      refused(guardRequest, "an operation that is none", Uint8Array.of(...request.subarray(0, 49), 10, ...signature)),
      refused(guardRequest, "one byte more", Uint8Array.of(...request, 0)),
      refused(guardReply, "a reason of 0", Uint8Array.of(1, ...nonce, 6, 0)),
      refused(guardReply, "a reason of 8", Uint8Array.of(1, ...nonce, 6, 8)),
    ],
    entry: {
      ...{ tag: toHex(tag), material: toHex(share), pad: toHex(secret) },
      tagHash: toHex(guardTagHash(tag, secret)),
      secret: toHex(guardEntrySecret(share, secret)),
    },
    exchange: exchange(),
  };
}

/** One question and its answer, as they go over the network. */
function exchange(): JsonValue {
  const guard = kemKeyPairFromSeed(counting(0x30, 32));
  const device = signKeyPairFromSeed(counting(0x50, 32));
  const guardId = sha256(guard.publicKey) as GuardId;
  const operation: GuardOperation = { type: "status" };
  const signed = sign("guard request", guardSigned.encode({ guardId, recordId, nonce, operation }), device.privateKey);
  const plaintext = encodeFixedSize(guardRequest, { recordId, nonce, operation, signature: signed as Signature });
  const random = { bytes: (length: number) => counting(0x99, length) };
  const { sealed, replyKey } = sealGuardRequest(guard.publicKey, plaintext, random);
  const answer: GuardAnswer = { type: "status", generation: 1, prepared: undefined, guessesLeft: 10 };
  return {
    guardPrivateKey: toHex(counting(0x30, 32)),
    guardId: toHex(guardId),
    deviceSeed: toHex(counting(0x50, 32)),
    encapsulationRandom: toHex(random.bytes(64)),
    plaintext: toHex(plaintext),
    request: toHex(sealedGuardRequest.encode({ sealed })),
    replySecret: toHex(replyKey.secret),
    replyRandom: toHex(random.bytes(32)),
    reply: toHex(sealGuardReply(replyKey, encodeFixedSize(guardReply, { nonce, answer }), random)),
  };
}
