import { MAX_SUBSCRIBE_ITEMS, type Entry, type EntryId, type LogId, type Reply, type Token } from "@stonechat/protocol";
import { ManualClock } from "@stonechat/testkit/manual-clock";
import { expect, test } from "vitest";
import { ScriptedTransport } from "../testing/scripted-relay.ts";
import { RelayLink } from "./relay-link.ts";
import { Subscriptions, type LogReader, type Refusal } from "./subscriptions.ts";

const token = new Uint8Array(32).fill(9) as Token;

function entry(seq: number): Entry {
  return { seq, kind: "message", entryId: new Uint8Array(16) as EntryId, expiresAt: 0, body: new Uint8Array(0) };
}

/** A reader that keeps what it is told, and takes entries in at once. */
class TestReader implements LogReader {
  readonly logId: LogId;
  readonly seen: number[] = [];
  readonly refusals: Refusal[] = [];
  pokes = 0;
  from: number | undefined;

  constructor(log: number, from = 0) {
    this.logId = new Uint8Array(32).fill(log) as LogId;
    this.from = from;
  }

  position(): ReturnType<LogReader["position"]> {
    return this.from === undefined ? undefined : { readToken: token, from: this.from };
  }

  onEntries(entries: readonly Entry[]): void {
    if (entries.length === 0) this.pokes += 1;
    for (const { seq } of entries) {
      this.seen.push(seq);
      this.from = seq + 1;
    }
  }

  onRefused(refusal: Refusal): void {
    this.refusals.push(refusal);
  }
}

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

function setUp(): {
  readonly subscriptions: Subscriptions;
  readonly transport: ScriptedTransport;
  readonly clock: ManualClock;
  online(): void;
} {
  const transport = new ScriptedTransport();
  const clock = new ManualClock();
  const ports = { transport, clock, random: { bytes: (n: number) => new Uint8Array(n) } };
  const link = new RelayLink("http://localhost:1", ports, {
    onState: (state) => {
      if (state === "online") subscriptions.onOnline();
    },
    onEntries: (page) => {
      subscriptions.onEntries(page);
    },
    onRuns: () => Promise.resolve(false),
    isBehind: () => false,
  });
  const subscriptions = new Subscriptions(link);
  link.open();
  return {
    subscriptions,
    transport,
    clock,
    online: () => {
      transport.socket.welcome();
    },
  };
}

/** Answers the newest `subscribe`. */
async function answer(
  transport: ScriptedTransport,
  ...outcomes: Extract<Reply, { readonly type: "subscribed" }>["outcomes"]
): Promise<void> {
  transport.socket.reply(transport.socket.last("subscribe").requestId, { type: "subscribed", outcomes });
  await turn();
}

test("logs that are wished for before the connection stands share one request when it does", async () => {
  const { subscriptions, transport, online } = setUp();
  subscriptions.follow(new TestReader(1, 5));
  subscriptions.follow(new TestReader(2));
  await turn();
  expect(transport.socket.sent).toEqual([]);
  online();
  await turn();
  const asked = transport.socket.sent.filter(({ request }) => request.type === "subscribe");
  expect(asked.map(({ request }) => request.type === "subscribe" && request.items.map(({ from }) => from))).toEqual([
    [5, 0],
  ]);
});

test("more logs than one request may name are asked for in several", async () => {
  const { subscriptions, transport, online } = setUp();
  const readers = Array.from({ length: MAX_SUBSCRIBE_ITEMS + 1 }, (_, i) => {
    const reader = new TestReader(0);
    reader.logId.set([i >> 8, i & 255]);
    return reader;
  });
  for (const reader of readers) subscriptions.follow(reader);
  online();
  await turn();
  await answer(transport, ...readers.slice(0, -1).map(() => ({ type: "subscribed", nextSeq: 0 }) as const));
  const sizes = transport.socket.sent.flatMap(({ request }) =>
    request.type === "subscribe" ? [request.items.length] : [],
  );
  expect(sizes).toEqual([MAX_SUBSCRIBE_ITEMS, 1]);
});

test("it has caught up only when what the relay held when asked was taken in", async () => {
  const { subscriptions, transport, online } = setUp();
  const reader = new TestReader(1);
  subscriptions.follow(reader);
  expect(subscriptions.caughtUp).toBe(false);
  online();
  await turn();
  expect(subscriptions.caughtUp).toBe(false);
  await answer(transport, { type: "subscribed", nextSeq: 2 });
  expect([subscriptions.caughtUp, subscriptions.isCaughtUp(reader.logId)]).toEqual([false, false]);
  transport.socket.reply(0, { type: "entries", logId: reader.logId, entries: [entry(0)], next: 1, endOfEpoch: false });
  expect(subscriptions.caughtUp).toBe(false);
  transport.socket.reply(0, { type: "entries", logId: reader.logId, entries: [entry(1)], next: 2, endOfEpoch: false });
  expect([subscriptions.caughtUp, subscriptions.isCaughtUp(reader.logId)]).toEqual([true, true]);
  expect(reader.seen).toEqual([0, 1]);
});

test.each([
  ["a log that the relay does not know", { type: "unknown" }, "unknown"],
  ["a position that has expired", { type: "expired-before", seq: 9 }, "expired"],
  ["a relay that has forgotten what it gave us", { type: "subscribed", nextSeq: 4 }, "rolled-back"],
] as const)("the reader hears of %s", async (_, outcome, refusal) => {
  const { subscriptions, transport, online } = setUp();
  const reader = new TestReader(1, 5);
  subscriptions.follow(reader);
  online();
  await turn();
  await answer(transport, outcome);
  expect(reader.refusals).toEqual([refusal]);
});

test("a relay that has just what we have is no rollback", async () => {
  const { subscriptions, transport, online } = setUp();
  const reader = new TestReader(1, 5);
  subscriptions.follow(reader);
  online();
  await turn();
  await answer(transport, { type: "subscribed", nextSeq: 5 });
  expect([reader.refusals, reader.pokes]).toEqual([[], 1]);
});

test("everything is asked for again, from where the readers are, when the connection is back", async () => {
  const { subscriptions, transport, online } = setUp();
  const reader = new TestReader(1);
  subscriptions.follow(reader);
  online();
  await turn();
  await answer(transport, { type: "subscribed", nextSeq: 1 });
  transport.socket.reply(0, { type: "entries", logId: reader.logId, entries: [entry(0)], next: 1, endOfEpoch: false });
  const asked = (): readonly number[] =>
    transport.socket.sent.flatMap(({ request }) =>
      request.type === "subscribe" ? request.items.map(({ from }) => from) : [],
    );
  expect(asked()).toEqual([0]);
  subscriptions.onOnline();
  expect(subscriptions.caughtUp).toBe(false);
  await turn();
  expect(asked()).toEqual([0, 1]);
});

test("a reader that was replaced while its answer was on its way hears nothing of it", async () => {
  const { subscriptions, transport, online } = setUp();
  const [old, newer] = [new TestReader(1, 5), new TestReader(1, 7)];
  subscriptions.follow(old);
  online();
  await turn();
  const { requestId } = transport.socket.last("subscribe");
  subscriptions.follow(newer);
  transport.socket.reply(requestId, { type: "subscribed", outcomes: [{ type: "unknown" }] });
  await turn();
  expect(old.refusals).toEqual([]);
  expect(transport.socket.last("subscribe").requestId).not.toBe(requestId);
});

test("a log that was left gets nothing more, and the relay is told", async () => {
  const { subscriptions, transport, online } = setUp();
  const reader = new TestReader(1);
  subscriptions.follow(reader);
  online();
  await turn();
  await answer(transport, { type: "subscribed", nextSeq: 0 });
  subscriptions.leave(reader.logId);
  transport.socket.reply(0, { type: "entries", logId: reader.logId, entries: [entry(0)], next: 1, endOfEpoch: false });
  expect(reader.seen).toEqual([]);
  expect(transport.socket.last("unsubscribe").request).toEqual({ type: "unsubscribe", logIds: [reader.logId] });
  expect(subscriptions.caughtUp).toBe(true);
});

test("a reader that wants nothing more does not keep the others from having caught up", () => {
  const { subscriptions } = setUp();
  const reader = new TestReader(1);
  reader.from = undefined;
  subscriptions.follow(reader);
  expect(subscriptions.caughtUp).toBe(true);
});

test("logs that a busy relay refused to follow are asked for again on the same connection", async () => {
  const { subscriptions, transport, clock, online } = setUp();
  online();
  const reader = new TestReader(1);
  subscriptions.follow(reader);
  await turn();
  const first = transport.socket.last("subscribe");
  transport.socket.reply(first.requestId, { type: "error", code: "busy", seq: 0 });
  await turn();
  expect(subscriptions.caughtUp).toBe(false);
  clock.advance(10_001);
  await turn();
  const second = transport.socket.last("subscribe");
  expect(second.requestId).not.toBe(first.requestId);
  transport.socket.reply(second.requestId, { type: "subscribed", outcomes: [{ type: "subscribed", nextSeq: 0 }] });
  await turn();
  expect(subscriptions.caughtUp).toBe(true);
});
