import {
  boolean,
  bytes,
  entry,
  entryId,
  list,
  logId,
  MAX_COMMIT_BYTES,
  MAX_KEY_PACKAGE_BYTES,
  MAX_PAGE_ENTRIES,
  MAX_POOL_PUT,
  MAX_RUNS,
  optional,
  poolId,
  run,
  runId,
  struct,
  structure,
  tokenHash,
  uint16,
  uint32,
  uint53,
  union,
  type Structure,
  type ValueOf,
} from "@stonechat/protocol";

/** The most that one batch may weigh: what a `<V>` length can say. */
const MAX_BATCH_BYTES = 0x3fff_ffff;
const MAX_BATCH_OPERATIONS = 1_000_000;

const appendFields = { logId, appendHash: tokenHash, entryId, expiresAt: uint53, body: bytes(MAX_COMMIT_BYTES) };

/** Everything the store's thread can be asked. The bytes stay inside one process: tags may change at will. */
export const operation = union({
  create: [1, struct({ logId, readHash: tokenHash, appendHash: tokenHash, ownerHash: optional(tokenHash) })],
  append: [2, struct(appendFields)],
  commit: [3, struct({ ...appendFields, nextReadHash: tokenHash, nextAppendHash: tokenHash })],
  read: [4, struct({ logId, readHash: tokenHash, from: uint53, limit: uint16, maxBytes: uint32, now: uint53 })],
  destroy: [5, struct({ logId, ownerHash: tokenHash })],
  expire: [6, struct({ now: uint53, maxEntries: uint32 })],
  stats: [7, struct({})],
  "pool-put": [
    8,
    struct({
      poolId,
      ownerHash: tokenHash,
      takeHash: tokenHash,
      keyPackages: list(bytes(MAX_KEY_PACKAGE_BYTES), MAX_POOL_PUT, MAX_BATCH_BYTES),
      lastResort: optional(bytes(MAX_KEY_PACKAGE_BYTES)),
      create: boolean,
    }),
  ],
  "pool-take": [9, struct({ poolId, takeHash: tokenHash })],
  "pool-status": [10, struct({ poolId, ownerHash: tokenHash })],
  "lineage-begin": [11, struct({ id: runId, now: uint53 })],
  "lineage-mark": [12, struct({ now: uint53 })],
  "lineage-runs": [13, struct({ limit: uint16 })],
});

const empty = struct({});
export const outcome = union({
  created: [1, empty],
  exists: [2, empty],
  "storage-full": [3, empty],
  unknown: [4, empty],
  appended: [5, struct({ seq: uint53, epoch: uint53, duplicate: boolean })],
  "stale-epoch": [6, empty],
  full: [7, empty],
  page: [
    8,
    struct({
      entries: list(entry, MAX_PAGE_ENTRIES, MAX_BATCH_BYTES),
      next: uint53,
      end: uint53,
      epoch: uint53,
      endOfEpoch: boolean,
    }),
  ],
  "expired-before": [9, struct({ seq: uint53 })],
  destroyed: [10, empty],
  expired: [11, struct({ expired: uint32, more: boolean })],
  stats: [12, struct({ logs: uint53, entries: uint53, bytes: uint53 })],
  put: [13, struct({ created: boolean })],
  taken: [14, struct({ keyPackage: bytes(MAX_KEY_PACKAGE_BYTES), lastResort: boolean })],
  empty: [15, empty],
  status: [16, struct({ count: uint32, hasLastResort: boolean, lastResortUsed: boolean })],
  runs: [17, struct({ runs: list(run, MAX_RUNS, MAX_BATCH_BYTES) })],
  marked: [18, empty],
});

export type Operation = ValueOf<typeof operation>;
export type Outcome = ValueOf<typeof outcome>;

/** What crosses to the store's thread in one message, and what comes back: one outcome for each operation, in order. */
export const operationBatch: Structure<readonly Operation[]> = structure(
  "OperationBatch",
  MAX_BATCH_BYTES,
  list(operation, MAX_BATCH_OPERATIONS, MAX_BATCH_BYTES),
);
export const outcomeBatch: Structure<readonly Outcome[]> = structure(
  "OutcomeBatch",
  MAX_BATCH_BYTES,
  list(outcome, MAX_BATCH_OPERATIONS, MAX_BATCH_BYTES),
);
