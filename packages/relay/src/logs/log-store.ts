import type { Entry, EntryId, EntryKind, LogId, Seq, TokenHash } from "@stonechat/protocol";

/** A log to make. With `ownerHash` it can be destroyed. */
export interface CreateLog {
  readonly logId: LogId;
  readonly readHash: TokenHash;
  readonly appendHash: TokenHash;
  readonly ownerHash: TokenHash | undefined;
}

/**
 * A message to add. `appendHash` is the hash of the token that was shown, `expiresAt` is in milliseconds since 1970. Its bytes
 * may be views of what came from the network, which nobody writes to again: a store copies what it keeps.
 */
export interface AppendEntry {
  readonly logId: LogId;
  readonly appendHash: TokenHash;
  readonly entryId: EntryId;
  readonly expiresAt: number;
  readonly body: Uint8Array;
}

/** A commit to add: it closes the epoch of `appendHash` and opens the next one with the two new hashes. */
export interface CommitEntry extends AppendEntry {
  readonly nextReadHash: TokenHash;
  readonly nextAppendHash: TokenHash;
}

/** What to read: at most `limit` entries and, after the first, at most `maxBytes` of bodies. `limit` 0 only looks. */
export interface ReadLog {
  readonly logId: LogId;
  readonly readHash: TokenHash;
  readonly from: Seq;
  readonly limit: number;
  readonly maxBytes: number;
  /** Entries that expire at or before this are not there any more. */
  readonly now: number;
}

export interface DestroyLog {
  readonly logId: LogId;
  readonly ownerHash: TokenHash;
}

interface Only<T extends string> {
  readonly type: T;
}
/** Nothing was changed because the disk is full or nearly so. */
export type StorageFull = Only<"storage-full">;
/** No such log, a wrong token, or one that is long over. Never says which. */
export type Unknown = Only<"unknown">;

export type CreateOutcome = Only<"created"> | Only<"exists"> | StorageFull;

/** `duplicate` is true when the entry had been stored before and nothing changed. `epoch` is the one it belongs to. */
export interface Appended {
  readonly type: "appended";
  readonly seq: Seq;
  readonly epoch: number;
  readonly duplicate: boolean;
}
export type AppendOutcome = Appended | Only<"stale-epoch"> | Only<"full"> | StorageFull | Unknown;

/** A page of what a token can read. */
export interface Page {
  readonly type: "page";
  readonly entries: readonly Entry[];
  /** Where to go on. */
  readonly next: Seq;
  /** One past the newest position that this token can read now. `next === end`: nothing more for the moment. */
  readonly end: Seq;
  readonly epoch: number;
  /** The epoch is closed and `next` lies behind its commit: nothing more, ever. */
  readonly endOfEpoch: boolean;
}
/** The commit that closed the token's epoch has expired. `seq` is the oldest position that still holds something. */
export interface ExpiredBefore {
  readonly type: "expired-before";
  readonly seq: Seq;
}
export type ReadOutcome = Page | ExpiredBefore | Unknown;

export type DestroyOutcome = Only<"destroyed"> | StorageFull | Unknown;

/** What one slice of {@link LogStore.expire} did. `more` asks to be called again. */
export interface ExpireOutcome {
  readonly expired: number;
  readonly more: boolean;
}

export interface LogStats {
  readonly logs: number;
  readonly entries: number;
  readonly bytes: number;
}

/** What a store must be told about sizes, in bytes. */
export interface LogLimits {
  /** Sum of {@link entryCost} over the entries of one log, for messages. */
  readonly logQuotaBytes: number;
  /** How much commits may use beyond that, so that a flood of messages cannot keep its sender from being removed. */
  readonly commitHeadroomBytes: number;
}

/** What an entry counts against the quota of its log, in bytes. */
export function entryCost(body: { readonly length: number }): number {
  return body.length + ENTRY_OVERHEAD_BYTES;
}
const ENTRY_OVERHEAD_BYTES = 64;

/**
 * Keeps logs (DESIGN 6, "The relay's log").
 *
 * Each call is atomic, and a promise of success settles only when the change survives a power cut. Entries of one log get
 * gap-free positions in the order in which they were stored. Calls made while others are under way share one sync.
 */
export interface LogStore {
  create(log: CreateLog): Promise<CreateOutcome>;
  append(entry: AppendEntry): Promise<AppendOutcome>;
  commit(entry: CommitEntry): Promise<AppendOutcome>;
  read(what: ReadLog): Promise<ReadOutcome>;
  destroy(log: DestroyLog): Promise<DestroyOutcome>;
  /** Erases at most `maxEntries` of what expired at or before `now`. Short, so that appends can pass between slices. */
  expire(now: number, maxEntries: number): Promise<ExpireOutcome>;
  /** How many entries one call of {@link expire} may take without holding anybody up; few by default. */
  readonly expirySlice?: number;
  stats(): Promise<LogStats>;
}

export type { EntryKind };
