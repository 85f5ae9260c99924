import {
  boolean,
  bytes,
  choice,
  list,
  optional,
  struct,
  structure,
  uint16,
  uint32,
  uint53,
  union,
  type ValueOf,
} from "../codec/codec.ts";
import { entryId, logId, poolId, runId, token, tokenHash } from "./identifiers.ts";
import {
  MAX_ADMISSION_BYTES,
  MAX_COMMIT_BYTES,
  MAX_FRAME_BYTES,
  MAX_KEY_PACKAGE_BYTES,
  MAX_PAGE_ENTRIES,
  MAX_POOL_PUT,
  MAX_RUNS,
  MAX_SUBSCRIBE_ITEMS,
} from "./limits.ts";

/** The newest version of the socket protocol that this code speaks; from 2 on a relay answers `lineage`. */
export const PROTOCOL_VERSION = 2;
/** The oldest one. */
export const OLDEST_PROTOCOL_VERSION = 1;
/** WebSocket close codes of our own (RFC 6455 §7.4.2). */
export const CLOSE_CODES = {
  unsupportedVersion: 4001,
  malformed: 4002,
  tooSlow: 4003,
  stopping: 4004,
  tooMany: 4005,
} as const;
/** Value of `Sec-WebSocket-Protocol`. */
export const SUBPROTOCOL = "stonechat.v1";
export const SOCKET_PATH = "/v1/socket";
export const BLOB_PATH = "/v1/blobs";

/** Why the relay refused a request. Public and stable; see PROTOCOL.md, "Errors of the relay". */
export const errorCode = choice({
  unknown: 1,
  "stale-epoch": 2,
  exists: 3,
  "not-admitted": 4,
  full: 5,
  "too-large": 6,
  "expired-before": 7,
  busy: 8,
  "storage-full": 9,
  malformed: 10,
  "not-greeted": 11,
  internal: 12,
});
export type RelayErrorCode = ValueOf<typeof errorCode>;

export const entryKind = choice({ message: 1, commit: 2 });
export type EntryKind = ValueOf<typeof entryKind>;

/**
 * One entry of a log.
 *
 * ```text
 * struct {
 *   uint64    seq;
 *   EntryKind kind;
 *   opaque    entry_id[16];
 *   uint64    expires_at;      // milliseconds since 1970
 *   opaque    body<V>;
 * } Entry;
 * ```
 */
export const entry = struct({
  seq: uint53,
  kind: entryKind,
  entryId,
  expiresAt: uint53,
  body: bytes(MAX_COMMIT_BYTES),
});
export type Entry = ValueOf<typeof entry>;

/**
 * One run of a relay over its store: from one opening to the next, or to the day's end.
 *
 * ```text
 * struct {
 *   uint64 number;             // 1 for a store's first run, then one more each
 *   opaque id[16];             // random
 *   uint64 at;                 // milliseconds since 1970: when the store was last changed in it, to a minute; grows only
 * } Run;
 * ```
 */
export const run = struct({ number: uint53, id: runId, at: uint53 });
export type Run = ValueOf<typeof run>;

const admission = bytes(MAX_ADMISSION_BYTES);
const entries = list(entry, MAX_PAGE_ENTRIES, MAX_FRAME_BYTES);

/** What a client asks of the relay. Tags are the wire values. */
const requestBody = union({
  /** The first frame of a connection. */
  hello: [1, struct({ minVersion: uint16, maxVersion: uint16 })],
  /** Makes a log. With `ownerHash` it can be destroyed (invites, inboxes). */
  create: [
    2,
    struct({
      logId,
      readHash: tokenHash,
      appendHash: tokenHash,
      ownerHash: optional(tokenHash),
      admission,
    }),
  ],
  append: [3, struct({ logId, appendToken: token, entryId, ttlSeconds: uint32, body: bytes(MAX_COMMIT_BYTES) })],
  commit: [
    4,
    struct({
      logId,
      appendToken: token,
      entryId,
      body: bytes(MAX_COMMIT_BYTES),
      nextReadHash: tokenHash,
      nextAppendHash: tokenHash,
    }),
  ],
  read: [5, struct({ logId, readToken: token, from: uint53, limit: uint16 })],
  subscribe: [
    6,
    struct({
      items: list(struct({ logId, readToken: token, from: uint53 }), MAX_SUBSCRIBE_ITEMS, MAX_FRAME_BYTES),
    }),
  ],
  unsubscribe: [7, struct({ logIds: list(logId, MAX_SUBSCRIBE_ITEMS, MAX_FRAME_BYTES) })],
  destroy: [8, struct({ logId, ownerToken: token })],
  /** Adds KeyPackages; the first put makes the pool. `lastResort` replaces the one kept. */
  "pool-put": [
    9,
    struct({
      poolId,
      ownerToken: token,
      takeHash: tokenHash,
      keyPackages: list(bytes(MAX_KEY_PACKAGE_BYTES), MAX_POOL_PUT, MAX_FRAME_BYTES),
      lastResort: optional(bytes(MAX_KEY_PACKAGE_BYTES)),
      admission,
    }),
  ],
  "pool-take": [10, struct({ poolId, takeToken: token })],
  "pool-status": [11, struct({ poolId, ownerToken: token })],
  /** Asks for the newest `limit` runs of the relay. Version 2. */
  lineage: [12, struct({ limit: uint16 })],
});

const subscribeOutcome = union({
  subscribed: [0, struct({ nextSeq: uint53 })],
  unknown: [1, struct({})],
  "expired-before": [2, struct({ seq: uint53 })],
});

/** What the relay says. `entries` with request id 0 is pushed for a subscription. */
const replyBody = union({
  /** Answers `hello`. Sizes in bytes, times in seconds, `now` in milliseconds since 1970. */
  welcome: [
    64,
    struct({
      version: uint16,
      now: uint53,
      admission: choice({ open: 0, code: 1 }),
      maxMessageBytes: uint32,
      maxCommitBytes: uint32,
      maxBlobBytes: uint53,
      retentionSeconds: uint32,
      commitRetentionSeconds: uint32,
    }),
  ],
  done: [65, struct({})],
  appended: [66, struct({ seq: uint53 })],
  /** A page of a log. `next` is where to go on; `endOfEpoch` says that the last entry closes the token's epoch. */
  entries: [67, struct({ logId, entries, next: uint53, endOfEpoch: boolean })],
  subscribed: [68, struct({ outcomes: list(subscribeOutcome, MAX_SUBSCRIBE_ITEMS, MAX_FRAME_BYTES) })],
  taken: [69, struct({ keyPackage: bytes(MAX_KEY_PACKAGE_BYTES), lastResort: boolean })],
  "pool-status": [70, struct({ count: uint32, hasLastResort: boolean, lastResortUsed: boolean })],
  /** The newest runs, oldest first. None: this relay keeps no account of them. */
  lineage: [71, struct({ runs: list(run, MAX_RUNS, MAX_FRAME_BYTES) })],
  /** `seq` is the oldest readable position for `expired-before`, else 0. */
  error: [127, struct({ code: errorCode, seq: uint53 })],
});

/** A frame from client to relay. `requestId` is chosen by the client, never 0, and comes back in the reply. */
export const requestFrame = structure(
  "RequestFrame",
  MAX_FRAME_BYTES,
  struct({ requestId: uint32, request: requestBody }),
);
/** A frame from relay to client. */
export const replyFrame = structure("ReplyFrame", 2 * MAX_FRAME_BYTES, struct({ requestId: uint32, reply: replyBody }));

export type Request = ValueOf<typeof requestBody>;
export type RequestOf<T extends Request["type"]> = Extract<Request, { readonly type: T }>;
export type Reply = ValueOf<typeof replyBody>;
export type ReplyOf<T extends Reply["type"]> = Extract<Reply, { readonly type: T }>;
export type RequestFrame = ValueOf<typeof requestFrame.codec>;
export type ReplyFrame = ValueOf<typeof replyFrame.codec>;
