import { fc } from "@fast-check/vitest";
import type { GuardRecord } from "@stonechat/guard";
import {
  ENTRY_COUNT,
  GUARD_KEY_BYTES,
  GUARD_NONCE_BYTES,
  MAX_INSTANT,
  type DeviceKey,
  type GuardAnswer,
  type GuardDescription,
  type GuardEntry,
  type GuardId,
  type GuardList,
  type GuardOperation,
  type GuardReply,
  type GuardRequest,
  type GuardTag,
  type RecordId,
  type Signature,
  type Ticket,
} from "@stonechat/protocol";

/** One byte repeated: of full length, which is all that brands of bytes stand for, and cheap to make and to compare. */
function filled<T extends Uint8Array>(length: number): fc.Arbitrary<T> {
  return fc.nat({ max: 255 }).map((byte) => new Uint8Array(length).fill(byte) as T);
}
const secret = filled(32);
const nonce = filled(GUARD_NONCE_BYTES);
const uint32 = fc.oneof(fc.nat({ max: 5 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const uint8 = fc.nat({ max: 255 });
const option = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(values, { nil: undefined });

const guardEntries: fc.Arbitrary<GuardEntry> = fc.record({ tagHash: secret, material: secret, pad: secret });
const entryLists = fc.array(guardEntries, { maxLength: ENTRY_COUNT });

export const guardOperations: fc.Arbitrary<GuardOperation> = fc.oneof(
  fc.constantFrom({ type: "hello" }, { type: "status" }, { type: "wipe" }),
  fc.record({
    type: fc.constant("register"),
    authKey: filled<DeviceKey>(32),
    share: secret,
    entries: entryLists,
    revokeHash: secret,
  }),
  fc.record({ type: fc.constant("evaluate"), generation: uint32, blindedElement: secret }),
  fc.record({ type: fc.constant("open"), ticket: filled<Ticket>(16), tag: filled<GuardTag>(32) }),
  fc.record({
    type: fc.constant("prepare"),
    tag: filled<GuardTag>(32),
    from: uint32,
    generation: uint32,
    share: option(secret),
    entries: entryLists,
    keepAlive: fc.array(fc.record({ position: uint8, pad: secret }), { maxLength: ENTRY_COUNT - 1 }),
  }),
  fc.record({ type: fc.constant("finalize"), generation: uint32 }),
  fc.record({ type: fc.constant("revoke"), secret }),
);

export const guardRequests: fc.Arbitrary<GuardRequest> = fc.record({
  recordId: filled<RecordId>(16),
  nonce,
  operation: guardOperations,
  signature: filled<Signature>(64),
});

export const guardSignedValues = fc.record({
  guardId: filled<GuardId>(32),
  recordId: filled<RecordId>(16),
  nonce,
  operation: guardOperations,
});

const answers: fc.Arbitrary<GuardAnswer> = fc.oneof(
  fc.constantFrom({ type: "done" }, { type: "closed" }),
  fc.record({ type: fc.constant("status"), generation: uint32, prepared: option(uint32), guessesLeft: uint8 }),
  fc.record({
    type: fc.constant("evaluated"),
    evaluatedElement: secret,
    proof: filled(64),
    ticket: filled<Ticket>(16),
    guessesLeft: uint8,
  }),
  fc.record({ type: fc.constant("opened"), secret }),
  fc.record({
    type: fc.constant("refused"),
    reason: fc.constantFrom("denied", "stale", "generation", "ticket", "busy", "full", "malformed"),
  }),
);

export const guardReplies: fc.Arbitrary<GuardReply> = fc.record({ nonce, answer: answers });

const words = fc.string({ maxLength: 12 }).filter((text) => !text.includes("\0"));
export const guardDescriptions: fc.Arbitrary<GuardDescription> = fc.record({
  name: words,
  operator: words,
  url: fc.webUrl({ size: "small" }).filter((url) => url.length < 200),
  publicKey: filled(GUARD_KEY_BYTES),
});
export const guardLists: fc.Arbitrary<GuardList> = fc.record({
  threshold: uint8,
  guards: fc.array(guardDescriptions, { maxLength: 5 }),
});

const instants = fc.nat({ max: MAX_INSTANT });
const generations = fc.record({ number: uint32, share: secret, entries: entryLists });
export const guardRecords: fc.Arbitrary<GuardRecord> = fc.record({
  authKey: filled<DeviceKey>(32),
  revokeHash: secret,
  current: generations,
  prepared: option(generations),
  guessesLeft: uint8,
  refilledAt: instants,
  guesses: fc.array(
    fc.record({
      ticket: filled<Ticket>(16),
      generation: uint32,
      blindedElement: secret,
      at: instants,
      opened: option(secret),
    }),
    { maxLength: 10 },
  ),
});
