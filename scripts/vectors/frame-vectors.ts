import {
  blobAnnouncement, replyFrame, requestFrame,
  type BlobAnnouncement, type EntryId, type LogId, type PoolId, type Reply, type Request, type RunId, type Token, type TokenHash,
} from "@stonechat/protocol";
import { accepted, counting, fromHex, refused, type AcceptedVector, type RefusedVector, type StructureVectors } from "./vector-file.ts";

// The brands stand for these lengths.
const logId = counting(0x00, 32) as LogId;
const otherLogId = counting(0x01, 32) as LogId;
const poolId = counting(0x20, 32) as PoolId;
const readToken = counting(0x40, 32) as Token;
const appendToken = counting(0x60, 32) as Token;
const ownerToken = counting(0x80, 32) as Token;
const readHash = counting(0xa0, 32) as TokenHash;
const appendHash = counting(0xc0, 32) as TokenHash;
const ownerHash = counting(0xe0, 32) as TokenHash;
const entryId = counting(0x10, 16) as EntryId;
const MAX_UINT53 = Number.MAX_SAFE_INTEGER;

const requests: readonly (readonly [title: string, request: Request])[] = [
  ["hello", { type: "hello", minVersion: 1, maxVersion: 1 }],
  ["hello of two versions", { type: "hello", minVersion: 1, maxVersion: 2 }],
  ["create without owner", { type: "create", logId, readHash, appendHash, ownerHash: undefined, admission: counting(0, 0) }],
  ["create with owner and admission code", { type: "create", logId, readHash, appendHash, ownerHash, admission: counting(0x30, 10) }],
  ["append of an empty body", { type: "append", logId, appendToken, entryId, ttlSeconds: 0, body: counting(0, 0) }],
  ["append of 63 bytes", { type: "append", logId, appendToken, entryId, ttlSeconds: 2_592_000, body: counting(0, 63) }],
  ["append of 64 bytes", { type: "append", logId, appendToken, entryId, ttlSeconds: 0xffff_ffff, body: counting(0, 64) }],
  ["commit", {
    type: "commit", logId, appendToken, entryId, body: counting(0, 3), nextReadHash: readHash, nextAppendHash: appendHash,
  }],
  ["read", { type: "read", logId, readToken, from: 0, limit: 500 }],
  ["read from the last position there can be", { type: "read", logId, readToken, from: MAX_UINT53, limit: 0xffff }],
  ["subscribe to nothing", { type: "subscribe", items: [] }],
  ["subscribe to two logs", { type: "subscribe", items: [{ logId, readToken, from: 0 }, { logId: otherLogId, readToken, from: 7 }] }],
  ["unsubscribe", { type: "unsubscribe", logIds: [logId, otherLogId] }],
  ["destroy", { type: "destroy", logId, ownerToken }],
  ["pool-put", {
    type: "pool-put", poolId, ownerToken, takeHash: readHash, keyPackages: [counting(0, 2), counting(2, 3)],
    lastResort: counting(5, 4), admission: counting(0, 0),
  }],
  ["pool-put without last resort", {
    type: "pool-put", poolId, ownerToken, takeHash: readHash, keyPackages: [], lastResort: undefined, admission: counting(0, 0),
  }],
  ["pool-take", { type: "pool-take", poolId, takeToken: readToken }],
  ["pool-status", { type: "pool-status", poolId, ownerToken }],
  ["lineage", { type: "lineage", limit: 64 }],
];

const replies: readonly (readonly [title: string, reply: Reply])[] = [
  ["welcome", {
    type: "welcome", version: 1, now: 1_800_000_000_000, admission: "code", maxMessageBytes: 65_536,
    maxCommitBytes: 1_048_576, maxBlobBytes: 68_719_476_736, retentionSeconds: 2_592_000, commitRetentionSeconds: 7_776_000,
  }],
  ["done", { type: "done" }],
  ["appended", { type: "appended", seq: 4_294_967_296 }],
  ["entries, none", { type: "entries", logId, entries: [], next: 3, endOfEpoch: false }],
  ["entries, a message and the commit that ends the epoch", {
    type: "entries", logId, next: 2, endOfEpoch: true, entries: [
      { seq: 0, kind: "message", entryId, expiresAt: 1_800_000_000_000, body: counting(0, 5) },
      { seq: 1, kind: "commit", entryId, expiresAt: 1_807_776_000_000, body: counting(5, 1) },
    ],
  }],
  ["subscribed, every outcome", {
    type: "subscribed",
    outcomes: [{ type: "subscribed", nextSeq: 9 }, { type: "unknown" }, { type: "expired-before", seq: 4 }],
  }],
  ["taken", { type: "taken", keyPackage: counting(0, 6), lastResort: true }],
  ["pool-status", { type: "pool-status", count: 100, hasLastResort: true, lastResortUsed: false }],
  ["lineage, none", { type: "lineage", runs: [] }],
  ["lineage, two runs", {
    type: "lineage",
    runs: [
      { number: 1, id: counting(0x50, 16) as RunId, at: 1_800_000_000_000 },
      { number: 2, id: counting(0x70, 16) as RunId, at: 1_800_000_060_000 },
    ],
  }],
  ...([
    "unknown", "stale-epoch", "exists", "not-admitted", "full", "too-large", "expired-before", "busy", "storage-full",
    "malformed", "not-greeted", "internal",
  ] as const).map((code): readonly [string, Reply] =>
    [`error ${code}`, { type: "error", code, seq: code === "expired-before" ? 12 : 0 }]),
];

const announcements: readonly (readonly [title: string, value: BlobAnnouncement])[] = [
  ["announcement of an empty blob", { size: 0, ttlSeconds: 60, writeHash: ownerHash, admission: counting(0, 0) }],
  ["announcement of 64 GiB", { size: 68_719_476_736, ttlSeconds: 2_592_000, writeHash: ownerHash, admission: counting(0x30, 64) }],
];

function acceptedFrames(): AcceptedVector[] {
  return [
    ...requests.map(([title, request], index) => accepted(requestFrame, title, { requestId: index + 1, request })),
    ...replies.map(([title, reply], index) => accepted(replyFrame, title, { requestId: index, reply })),
    ...announcements.map(([title, value]) => accepted(blobAnnouncement, title, value)),
  ];
}

function refusedFrames(): RefusedVector[] {
  const hello = "00000001 01 0001 0001".replaceAll(" ", "");
  const unsubscribe = "00000001 07".replaceAll(" ", "");
  return [
    refused(requestFrame, "nothing", fromHex("")),
    refused(requestFrame, "hello cut off", fromHex(hello.slice(0, -2))),
    refused(requestFrame, "hello and one byte more", fromHex(`${hello}00`)),
    refused(requestFrame, "a type that is not a request", fromHex("0000000100")),
    refused(requestFrame, "a reply's type", fromHex("0000000141")),
    refused(requestFrame, "a list length of 0 in two bytes", fromHex(`${unsubscribe}4000`)),
    refused(requestFrame, "a list length of 0 in four bytes", fromHex(`${unsubscribe}80000000`)),
    refused(requestFrame, "a length whose first two bits are set", fromHex(`${unsubscribe}c000000000000000`)),
    refused(requestFrame, "a list length above what is there", fromHex(`${unsubscribe}20`)),
    refused(requestFrame, "a list length above the limit", fromHex(`${unsubscribe}bfffffff`)),
    refused(requestFrame, "a list that ends within an item", fromHex(`${unsubscribe}1f${"00".repeat(31)}`)),
    refused(replyFrame, "a boolean of 2", fromHex(`00000000 45 00 02`.replaceAll(" ", ""))),
    refused(replyFrame, "an error code of 0", fromHex(`00000000 7f 00 ${"00".repeat(8)}`.replaceAll(" ", ""))),
    refused(replyFrame, "a position of 2^53", fromHex("00000000 42 0020000000000000".replaceAll(" ", ""))),
    refused(blobAnnouncement, "version 0", fromHex(`00${"00".repeat(45)}`)),
    refused(blobAnnouncement, "version 2", fromHex(`02${"00".repeat(45)}`)),
  ];
}

/** Vectors of everything that goes between client and relay; see PROTOCOL.md. */
export function frameVectors(): StructureVectors {
  return {
    note: "Bytes are hexadecimal, absent optional fields are null. The codes of refused bytes are those of PROTOCOL.md.",
    accepted: acceptedFrames(),
    refused: refusedFrames(),
  };
}
