import { fc } from "@fast-check/vitest";
import {
  MAX_ADMISSION_BYTES,
  type BlobAnnouncement,
  type Brand,
  type Entry,
  type EntryId,
  type LogId,
  type PoolId,
  type Reply,
  type ReplyFrame,
  type Request,
  type RequestFrame,
  type RunId,
  type Token,
  type TokenHash,
} from "@stonechat/protocol";

/** Sizes on both sides of every change of width in a `<V>` length that a test can afford. */
const LENGTHS = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 40 }) },
  { weight: 2, arbitrary: fc.constantFrom(62, 63, 64, 65) },
);
const LONG_LENGTHS = fc.oneof(
  { weight: 30, arbitrary: LENGTHS },
  { weight: 1, arbitrary: fc.constantFrom(16_383, 16_384) },
);

/** A fixed length is all that these brands stand for. */
function fixed<T extends Brand<Uint8Array, string>>(length: number): fc.Arbitrary<T> {
  return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => bytes as unknown as T);
}

const bodies = fc.tuple(LONG_LENGTHS, fc.nat({ max: 255 })).map(([length, fill]) => new Uint8Array(length).fill(fill));
const shortBodies = fc.tuple(LENGTHS, fc.nat({ max: 255 })).map(([length, fill]) => new Uint8Array(length).fill(fill));
const uint16s = fc.oneof(fc.constantFrom(0, 1, 255, 256, 0xffff), fc.nat({ max: 0xffff }));
const uint32s = fc.oneof(fc.constantFrom(0, 1, 0xffff, 0x1_0000, 0xffff_ffff), fc.nat({ max: 0xffff_ffff }));
const uint53s = fc.oneof(fc.constantFrom(0, 1, 0xffff_ffff, 0x1_0000_0000, Number.MAX_SAFE_INTEGER), fc.maxSafeNat());
const admissions = fc.uint8Array({ maxLength: MAX_ADMISSION_BYTES });

export const logIds = fixed<LogId>(32);
export const poolIds = fixed<PoolId>(32);
export const tokens = fixed<Token>(32);
export const tokenHashes = fixed<TokenHash>(32);
export const runIds = fixed<RunId>(16);
export const entryIds = fixed<EntryId>(16);
const option = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(values, { nil: undefined });

export const entries: fc.Arbitrary<Entry> = fc.record({
  seq: uint53s,
  kind: fc.constantFrom("message", "commit"),
  entryId: entryIds,
  expiresAt: uint53s,
  body: bodies,
});

type MakersOf<T extends { readonly type: string }> = {
  readonly [K in T["type"]]: fc.Arbitrary<Omit<Extract<T, { readonly type: K }>, "type">>;
};

/** One arbitrary a case. The type asks for all of them, so a new case of a frame does not go untested. */
function union<T extends { readonly type: string }>(makers: MakersOf<T>): fc.Arbitrary<T> {
  const cases = Object.entries(makers) as readonly (readonly [T["type"], fc.Arbitrary<object>])[];
  // `type` and the rest of the case were taken from the same row.
  return fc.oneof(...cases.map(([type, rest]) => rest.map((fields) => ({ type, ...fields }) as unknown as T)));
}

export const requests: fc.Arbitrary<Request> = union<Request>({
  hello: fc.record({ minVersion: uint16s, maxVersion: uint16s }),
  create: fc.record({
    logId: logIds,
    readHash: tokenHashes,
    appendHash: tokenHashes,
    ownerHash: option(tokenHashes),
    admission: admissions,
  }),
  append: fc.record({ logId: logIds, appendToken: tokens, entryId: entryIds, ttlSeconds: uint32s, body: bodies }),
  commit: fc.record({
    logId: logIds,
    appendToken: tokens,
    entryId: entryIds,
    body: bodies,
    nextReadHash: tokenHashes,
    nextAppendHash: tokenHashes,
  }),
  read: fc.record({ logId: logIds, readToken: tokens, from: uint53s, limit: uint16s }),
  subscribe: fc.record({
    items: fc.array(fc.record({ logId: logIds, readToken: tokens, from: uint53s }), { maxLength: 4 }),
  }),
  unsubscribe: fc.record({ logIds: fc.array(logIds, { maxLength: 5 }) }),
  destroy: fc.record({ logId: logIds, ownerToken: tokens }),
  "pool-put": fc.record({
    poolId: poolIds,
    ownerToken: tokens,
    takeHash: tokenHashes,
    keyPackages: fc.array(shortBodies, { maxLength: 4 }),
    lastResort: option(shortBodies),
    admission: admissions,
  }),
  "pool-take": fc.record({ poolId: poolIds, takeToken: tokens }),
  "pool-status": fc.record({ poolId: poolIds, ownerToken: tokens }),
  lineage: fc.record({ limit: uint16s }),
});

export const replies: fc.Arbitrary<Reply> = union<Reply>({
  welcome: fc.record({
    version: uint16s,
    now: uint53s,
    admission: fc.constantFrom("open", "code"),
    maxMessageBytes: uint32s,
    maxCommitBytes: uint32s,
    maxBlobBytes: uint53s,
    retentionSeconds: uint32s,
    commitRetentionSeconds: uint32s,
  }),
  done: fc.record({}),
  appended: fc.record({ seq: uint53s }),
  entries: fc.record({
    logId: logIds,
    entries: fc.array(entries, { maxLength: 3 }),
    next: uint53s,
    endOfEpoch: fc.boolean(),
  }),
  subscribed: fc.record({
    outcomes: fc.array(
      fc.oneof(
        fc.record({ type: fc.constant("subscribed"), nextSeq: uint53s }),
        fc.record({ type: fc.constant("unknown") }),
        fc.record({ type: fc.constant("expired-before"), seq: uint53s }),
      ),
      { maxLength: 6 },
    ),
  }),
  taken: fc.record({ keyPackage: shortBodies, lastResort: fc.boolean() }),
  "pool-status": fc.record({ count: uint32s, hasLastResort: fc.boolean(), lastResortUsed: fc.boolean() }),
  lineage: fc.record({
    runs: fc.array(fc.record({ number: uint53s, id: runIds, at: uint53s }), { maxLength: 4 }),
  }),
  error: fc.record({
    code: fc.constantFrom(
      "unknown",
      "stale-epoch",
      "exists",
      "not-admitted",
      "full",
      "too-large",
      "expired-before",
      "busy",
      "storage-full",
      "malformed",
      "not-greeted",
      "internal",
    ),
    seq: uint53s,
  }),
});

export const requestFrames: fc.Arbitrary<RequestFrame> = fc.record({ requestId: uint32s, request: requests });
export const replyFrames: fc.Arbitrary<ReplyFrame> = fc.record({ requestId: uint32s, reply: replies });
export const blobAnnouncements: fc.Arbitrary<BlobAnnouncement> = fc.record({
  size: uint53s,
  ttlSeconds: uint32s,
  writeHash: tokenHashes,
  admission: admissions,
});
