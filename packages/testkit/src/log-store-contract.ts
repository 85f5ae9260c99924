import { createHash } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import type { EntryId, LogId, TokenHash } from "@stonechat/protocol";
import type { AppendOutcome, LogLimits, LogStore, ReadOutcome } from "@stonechat/relay";
import { describeLogStoreHistories } from "./log-store-histories.ts";

/** One empty store, and what ends it. */
export interface LogStoreFixture {
  readonly store: LogStore;
  readonly close: () => Promise<void>;
}

/** The limits that {@link describeLogStore} expects of the store under test. */
export const CONTRACT_LIMITS: LogLimits = { logQuotaBytes: 4096, commitHeadroomBytes: 1024 };

const NOW = 1_800_000_000_000;
const LATER = NOW + 1000;
const id = (n: number): LogId => new Uint8Array(32).fill(n) as LogId;
const entryId = (n: number): EntryId => new Uint8Array(16).fill(n) as EntryId;
/** The hash of a made-up token: contracts speak of hashes, as the store does. */
const hash = (name: string): TokenHash =>
  new Uint8Array(createHash("sha256").update(name).digest()) as Uint8Array as TokenHash;
const body = (n: number, length = 8): Uint8Array => new Uint8Array(length).fill(n);

/** A log with handy calls: epoch `e` has the tokens `read e` and `append e`. */
function logOf(store: LogStore, n = 1) {
  const logId = id(n);
  return {
    create: (owner?: string) =>
      store.create({
        logId,
        readHash: hash("read 0"),
        appendHash: hash("append 0"),
        ownerHash: owner === undefined ? undefined : hash(owner),
      }),
    append: (epoch: number, entry: number, length = 8, expiresAt = LATER): Promise<AppendOutcome> =>
      store.append({
        logId,
        appendHash: hash(`append ${String(epoch)}`),
        entryId: entryId(entry),
        expiresAt,
        body: body(entry, length),
      }),
    commit: (epoch: number, entry: number, expiresAt = LATER, length = 8): Promise<AppendOutcome> =>
      store.commit({
        logId,
        appendHash: hash(`append ${String(epoch)}`),
        entryId: entryId(entry),
        expiresAt,
        body: body(entry, length),
        nextReadHash: hash(`read ${String(epoch + 1)}`),
        nextAppendHash: hash(`append ${String(epoch + 1)}`),
      }),
    read: (epoch: number, from = 0, limit = 100, now = NOW, maxBytes = 100_000): Promise<ReadOutcome> =>
      store.read({ logId, readHash: hash(`read ${String(epoch)}`), from, limit, maxBytes, now }),
    destroy: (owner: string) => store.destroy({ logId, ownerHash: hash(owner) }),
  };
}

function seqs(outcome: ReadOutcome): readonly number[] {
  if (outcome.type !== "page") throw new Error(`expected a page, got ${outcome.type}`);
  return outcome.entries.map(({ seq }) => seq);
}

/** What every {@link LogStore} must do. Memory and SQLite run it; so will each later adapter. */
export function describeLogStore(name: string, create: () => Promise<LogStoreFixture>): void {
  describe(`${name}: log store`, () => {
    let fixture: LogStoreFixture | undefined;
    const begin = async (): Promise<LogStore> => {
      fixture = await create();
      return fixture.store;
    };
    afterEach(async () => {
      await fixture?.close();
      fixture = undefined;
    });

    describeAppending(begin);
    describeEpochs(begin);
    describeReading(begin);
    describeErasing(begin);
    describeLogStoreHistories(begin);
  });
}

function describeAppending(begin: () => Promise<LogStore>): void {
  test("a log is made once", async () => {
    const log = logOf(await begin());
    expect(await log.create()).toEqual({ type: "created" });
    expect(await log.create()).toEqual({ type: "exists" });
  });

  test("entries get positions from 0 without gaps, in the order of the calls", async () => {
    const log = logOf(await begin());
    await log.create();
    const outcomes = await Promise.all([1, 2, 3, 4, 5].map((n) => log.append(0, n)));
    expect(outcomes.map((o) => (o.type === "appended" ? o.seq : o.type))).toEqual([0, 1, 2, 3, 4]);
  });

  test("logs do not share positions", async () => {
    const store = await begin();
    const [one, two] = [logOf(store, 1), logOf(store, 2)];
    await Promise.all([one.create(), two.create()]);
    await one.append(0, 1);
    expect(await two.append(0, 1)).toMatchObject({ type: "appended", seq: 0, duplicate: false });
  });

  test("a wrong token and an absent log get the same answer", async () => {
    const log = logOf(await begin());
    const absent = await log.append(0, 1);
    await log.create();
    expect(await log.append(7, 1)).toEqual(absent);
    expect(await log.commit(7, 1)).toEqual(absent);
    expect(absent).toEqual({ type: "unknown" });
  });

  test("the same entry again gets the same position and is stored once", async () => {
    const log = logOf(await begin());
    await log.create();
    const first = await log.append(0, 1);
    await log.append(0, 2);
    expect(await log.append(0, 1)).toEqual({ ...first, duplicate: true });
    expect(seqs(await log.read(0))).toEqual([0, 1]);
  });

  test("the same entry twice at once is stored once", async () => {
    const log = logOf(await begin());
    await log.create();
    const both = await Promise.all([log.append(0, 1), log.append(0, 1)]);
    expect(both).toMatchObject([
      { seq: 0, duplicate: false },
      { seq: 0, duplicate: true },
    ]);
  });

  test("a full log refuses messages, keeps what it has, and still takes a commit", async () => {
    const log = logOf(await begin());
    await log.create();
    expect(await log.append(0, 1, 4032)).toMatchObject({ type: "appended", seq: 0 });
    expect(await log.append(0, 2, 1)).toEqual({ type: "full" });
    expect(await log.append(0, 1, 4032)).toMatchObject({ seq: 0, duplicate: true });
    expect(await log.commit(0, 3, LATER, 960)).toMatchObject({ type: "appended", seq: 1 });
    expect(await log.commit(1, 4)).toEqual({ type: "full" });
    expect(seqs(await log.read(0))).toEqual([0, 1]);
  });
}

function describeEpochs(begin: () => Promise<LogStore>): void {
  test("a commit closes its epoch for appending and opens the next", async () => {
    const log = logOf(await begin());
    await log.create();
    await log.append(0, 1);
    expect(await log.commit(0, 2)).toMatchObject({ type: "appended", seq: 1, epoch: 0 });
    expect(await log.append(0, 3)).toEqual({ type: "stale-epoch" });
    expect(await log.append(1, 3)).toMatchObject({ type: "appended", seq: 2, epoch: 1 });
  });

  test("of commits in one epoch the first wins, and only it", async () => {
    const log = logOf(await begin());
    await log.create();
    const outcomes = await Promise.all([1, 2, 3].map((n) => log.commit(0, n)));
    expect(outcomes.map(({ type }) => type)).toEqual(["appended", "stale-epoch", "stale-epoch"]);
  });

  test("the winning commit tried again gets its position, not stale-epoch", async () => {
    const log = logOf(await begin());
    await log.create();
    await log.commit(0, 1);
    await log.commit(1, 2);
    expect(await log.commit(0, 1)).toEqual({ type: "appended", seq: 0, epoch: 0, duplicate: true });
    expect(await log.append(2, 3)).toMatchObject({ seq: 2, epoch: 2 });
  });

  test("a message tried again after its epoch ended gets its position", async () => {
    const log = logOf(await begin());
    await log.create();
    await log.append(0, 1);
    await log.commit(0, 2);
    expect(await log.append(0, 1)).toMatchObject({ type: "appended", seq: 0, duplicate: true });
  });

  test("an old token learns nothing of entries of later epochs", async () => {
    const log = logOf(await begin());
    await log.create();
    await log.commit(0, 1);
    await log.append(1, 2);
    expect(await log.append(0, 2)).toEqual({ type: "stale-epoch" });
  });
}

function describeReading(begin: () => Promise<LogStore>): void {
  test("a token reads its epoch up to and including the commit that closes it, and nothing else", async () => {
    const log = logOf(await begin());
    await log.create();
    await log.append(0, 1);
    await log.commit(0, 2);
    await log.append(1, 3);
    expect(await log.read(0)).toMatchObject({ next: 2, end: 2, epoch: 0, endOfEpoch: true });
    expect(seqs(await log.read(0))).toEqual([0, 1]);
    expect(await log.read(1)).toMatchObject({ next: 3, end: 3, epoch: 1, endOfEpoch: false });
    expect(seqs(await log.read(1))).toEqual([2]);
    expect(seqs(await log.read(0, 2))).toEqual([]);
    expect(await log.read(0, 2)).toMatchObject({ endOfEpoch: true });
  });

  test("entries come back whole", async () => {
    const log = logOf(await begin());
    await log.create();
    await log.append(0, 1);
    await log.commit(0, 2);
    expect(await log.read(0)).toMatchObject({
      entries: [
        { seq: 0, kind: "message", entryId: entryId(1), expiresAt: LATER, body: body(1) },
        { seq: 1, kind: "commit", entryId: entryId(2), expiresAt: LATER, body: body(2) },
      ],
    });
  });

  test("pages end at the limit and at the bytes, but hold at least one entry", async () => {
    const log = logOf(await begin());
    await log.create();
    for (const n of [1, 2, 3]) await log.append(0, n, 100);
    expect(await log.read(0, 0, 2)).toMatchObject({ next: 2, end: 3, endOfEpoch: false });
    expect(seqs(await log.read(0, 0, 100, NOW, 250))).toEqual([0, 1]);
    expect(seqs(await log.read(0, 1, 100, NOW, 1))).toEqual([1]);
    expect(await log.read(0, 1, 0)).toMatchObject({ entries: [], next: 1, end: 3 });
  });

  test("a page that ends before the closing commit is not the end of the epoch", async () => {
    const log = logOf(await begin());
    await log.create();
    await log.append(0, 1);
    await log.commit(0, 2);
    expect(await log.read(0, 0, 1)).toMatchObject({ next: 1, endOfEpoch: false });
    expect(await log.read(0, 1, 1)).toMatchObject({ next: 2, endOfEpoch: true });
  });

  test("a wrong token and an absent log get the same answer to a reader", async () => {
    const log = logOf(await begin());
    const absent = await log.read(0);
    await log.create();
    expect(await log.read(9)).toEqual(absent);
    expect(absent).toEqual({ type: "unknown" });
  });
}

function describeErasing(begin: () => Promise<LogStore>): void {
  test("an expired entry is not read any more, erased or not, and leaves a gap", async () => {
    const store = await begin();
    const log = logOf(store);
    await log.create();
    await log.append(0, 1, 8, NOW);
    await log.append(0, 2, 8, LATER);
    expect(seqs(await log.read(0))).toEqual([1]);
    expect(await store.expire(NOW, 100)).toEqual({ expired: 1, more: false });
    expect(await log.read(0)).toMatchObject({ next: 2, end: 2 });
    expect(seqs(await log.read(0))).toEqual([1]);
    expect(await log.append(0, 3)).toMatchObject({ seq: 2 });
  });

  test("erasing works in slices and says when there is more", async () => {
    const store = await begin();
    const log = logOf(store);
    await log.create();
    for (const n of [1, 2, 3]) await log.append(0, n, 8, NOW);
    expect(await store.expire(NOW, 2)).toEqual({ expired: 2, more: true });
    expect(await store.expire(NOW, 2)).toEqual({ expired: 1, more: false });
    expect(await store.stats()).toEqual({ logs: 1, entries: 0, bytes: 0 });
  });

  test("erased entries make room in a full log", async () => {
    const store = await begin();
    const log = logOf(store);
    await log.create();
    await log.append(0, 1, 4032, NOW);
    expect(await log.append(0, 2)).toEqual({ type: "full" });
    await store.expire(NOW, 10);
    expect(await log.append(0, 2)).toMatchObject({ type: "appended", seq: 1 });
  });

  test("a reader whose closing commit expired is told where the log goes on", async () => {
    const store = await begin();
    const log = logOf(store);
    await log.create();
    await log.append(0, 1, 8, NOW);
    await log.commit(0, 2, NOW);
    await log.append(1, 3);
    const expected = { type: "expired-before", seq: 2 };
    expect(await log.read(0)).toEqual(expected);
    await store.expire(NOW, 100);
    expect(await log.read(0)).toEqual(expected);
    expect(await log.read(0, 2)).toMatchObject({ type: "page", entries: [], endOfEpoch: true });
    expect(seqs(await log.read(1))).toEqual([2]);
  });

  test("only the owner token destroys, and only a log that has one", async () => {
    const store = await begin();
    const [owned, plain] = [logOf(store, 1), logOf(store, 2)];
    await owned.create("owner");
    await plain.create();
    await owned.append(0, 1);
    expect(await owned.destroy("another")).toEqual({ type: "unknown" });
    expect(await plain.destroy("owner")).toEqual({ type: "unknown" });
    expect(await owned.destroy("owner")).toEqual({ type: "destroyed" });
    expect(await owned.destroy("owner")).toEqual({ type: "unknown" });
    expect(await owned.read(0)).toEqual({ type: "unknown" });
    expect(await owned.append(0, 2)).toEqual({ type: "unknown" });
    expect(seqs(await plain.read(0))).toEqual([]);
  });

  test("a log made again under a destroyed one's id begins empty", async () => {
    const store = await begin();
    const log = logOf(store);
    await log.create("owner");
    await log.append(0, 1);
    await log.destroy("owner");
    expect(await log.create()).toEqual({ type: "created" });
    expect(await log.append(0, 1)).toMatchObject({ seq: 0, duplicate: false });
    while ((await store.expire(NOW, 10)).more);
    expect(seqs(await log.read(0))).toEqual([0]);
  });
}
