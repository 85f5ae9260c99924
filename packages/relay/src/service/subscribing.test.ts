import fc from "fast-check";
import { expect, test } from "vitest";
import { ask, DirectClient, logId, serviceFixture, settle, token } from "../testing/service-fixture.ts";

test("the backlog comes first, then what is new, each entry once and in order", async () => {
  const { greet } = await serviceFixture();
  const [writer, reader] = [await greet(), await greet()];
  await writer.ask(ask.create(1));
  for (const n of [1, 2, 3]) await writer.ask(ask.append(1, n));
  expect(await reader.ask(ask.subscribe(1))).toEqual({
    type: "subscribed",
    outcomes: [{ type: "subscribed", nextSeq: 3 }],
  });
  for (const n of [4, 5]) await writer.ask(ask.append(1, n));
  await settle();
  expect(reader.seqs).toEqual([0, 1, 2, 3, 4]);
});

test("a removed member gets the commit that removed him, told as the end, and nothing after", async () => {
  const { greet } = await serviceFixture();
  const [writer, removed, staying] = [await greet(), await greet(), await greet()];
  await writer.ask(ask.create(1));
  await removed.ask(ask.subscribe(1));
  await staying.ask(ask.subscribe(1));
  await writer.ask(ask.commit(1, 1));
  await staying.ask(ask.subscribe(1, 1, 1));
  await writer.ask(ask.append(1, 2, 1));
  await writer.ask(ask.commit(1, 3, 1));
  await settle();
  expect(removed.seqs).toEqual([0]);
  expect(removed.pushed.at(-1)?.endOfEpoch).toBe(true);
  expect(staying.seqs).toEqual([0, 1, 2]);
});

test("an appended entry tried again is not pushed again", async () => {
  const { greet } = await serviceFixture();
  const [writer, reader] = [await greet(), await greet()];
  await writer.ask(ask.create(1));
  await reader.ask(ask.subscribe(1));
  await writer.ask(ask.append(1, 1));
  await writer.ask(ask.append(1, 1));
  await settle();
  expect(reader.seqs).toEqual([0]);
});

test("a second subscription to a log on one connection takes the place of the first", async () => {
  const { greet } = await serviceFixture();
  const [writer, reader] = [await greet(), await greet()];
  await writer.ask(ask.create(1));
  await reader.ask(ask.subscribe(1));
  await reader.ask(ask.subscribe(1));
  await writer.ask(ask.append(1, 1));
  await settle();
  expect(reader.seqs).toEqual([0]);
});

test("after unsubscribing nothing comes", async () => {
  const { greet, service } = await serviceFixture();
  const [writer, reader] = [await greet(), await greet()];
  await writer.ask(ask.create(1));
  await reader.ask(ask.subscribe(1));
  await reader.ask({ type: "unsubscribe", logIds: [logId(1)] });
  await writer.ask(ask.append(1, 1));
  await settle();
  expect(reader.seqs).toEqual([]);
  expect(service.subscribedLogs).toBe(0);
});

test("a destroyed log ends its subscriptions", async () => {
  const { greet, service } = await serviceFixture();
  const [writer, reader] = [await greet(), await greet()];
  await writer.ask(ask.create(1, "owner"));
  await reader.ask(ask.subscribe(1));
  await settle();
  await writer.ask({ type: "destroy", logId: logId(1), ownerToken: token("owner") });
  await settle();
  expect(reader.pushed.at(-1)).toMatchObject({ entries: [], endOfEpoch: true });
  expect(service.subscribedLogs).toBe(0);
});

test("a reader that does not keep up gets no more pushes, and later all of it from the log", async () => {
  const { greet } = await serviceFixture({ limits: { maxPendingBytes: 1000 } });
  const [writer, reader] = [await greet(), await greet()];
  await writer.ask(ask.create(1));
  await reader.ask(ask.subscribe(1));
  await settle();
  reader.pending = 1001;
  for (const n of [1, 2, 3]) await writer.ask(ask.append(1, n));
  await settle();
  expect(reader.seqs).toEqual([]);
  expect(reader.closedWith).toBeUndefined();
  reader.pending = 0;
  reader.connection.drained();
  await settle();
  expect(reader.seqs).toEqual([0, 1, 2]);
  await writer.ask(ask.append(1, 4));
  await settle();
  expect(reader.seqs).toEqual([0, 1, 2, 3]);
});

test("a reader that never reads is closed with too-slow when its time is over, and forgotten", async () => {
  const { greet, service, time } = await serviceFixture({ limits: { maxPendingBytes: 1000, tooSlowMs: 30_000 } });
  const reader = await greet();
  reader.pending = 1001;
  service.tick();
  time.now += 30_000;
  service.tick();
  expect(reader.closedWith).toBeUndefined();
  time.now += 1;
  service.tick();
  expect(reader.closedWith).toBe(4003);
  expect(service.connectionCount).toBe(0);
});

test("one item that is unknown does not spoil the others", async () => {
  const { greet } = await serviceFixture();
  const client = await greet();
  await client.ask(ask.create(1));
  const reply = await client.ask({
    type: "subscribe",
    items: [
      { logId: logId(9), readToken: token("read 0"), from: 0 },
      { logId: logId(1), readToken: token("read 0"), from: 0 },
      { logId: logId(1), readToken: token("wrong"), from: 0 },
    ],
  });
  expect(reply).toMatchObject({ outcomes: [{ type: "unknown" }, { type: "subscribed" }, { type: "unknown" }] });
});

test("whatever the order of writing, reading slowly and subscribing anew, each reader sees its epochs whole and once", async () => {
  const action = fc.oneof(
    { weight: 5, arbitrary: fc.constant("append" as const) },
    { weight: 1, arbitrary: fc.constant("commit" as const) },
    { weight: 2, arbitrary: fc.constant("stall" as const) },
    { weight: 2, arbitrary: fc.constant("drain" as const) },
    { weight: 2, arbitrary: fc.constant("settle" as const) },
    { weight: 1, arbitrary: fc.constant("reconnect" as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const { greet, service } = await serviceFixture({ limits: { maxPendingBytes: 10 } });
      const writer = await greet();
      await writer.ask(ask.create(1));
      const seen: number[] = [];
      const state = { epoch: 0, entry: 0, readEpoch: 0 };
      let reader = await greet();
      const collect = (): void => {
        for (const page of reader.pushed.splice(0)) {
          seen.push(...page.entries.map(({ seq }) => seq));
          if (page.endOfEpoch) {
            state.readEpoch += 1;
            void reader.ask(ask.subscribe(1, state.readEpoch, seen.length));
          }
        }
      };
      void reader.ask(ask.subscribe(1));
      for (const what of actions) {
        switch (what) {
          case "append":
            void writer.ask(ask.append(1, state.entry++, state.epoch));
            break;
          case "commit":
            void writer.ask(ask.commit(1, state.entry++, state.epoch++));
            break;
          case "stall":
            reader.pending = 11;
            break;
          case "drain":
            reader.pending = 0;
            reader.connection.drained();
            break;
          case "settle":
            await settle();
            collect();
            break;
          case "reconnect":
            collect();
            reader.connection.closed();
            reader = new DirectClient(service);
            void reader.ask({ type: "hello", minVersion: 1, maxVersion: 1 });
            void reader.ask(ask.subscribe(1, state.readEpoch, seen.length));
        }
      }
      for (let turn = 0; turn < 70; turn += 1) {
        reader.pending = 0;
        reader.connection.drained();
        await settle();
        collect();
      }
      expect(seen).toEqual(Array.from({ length: state.entry }, (_, seq) => seq));
    }),
    { numRuns: 60 },
  );
});

test.for(["maxSubscriptions", "maxSubscriptionsInAll"] as const)(
  "%s holds for what is asked for all at once",
  async (limit) => {
    const { greet, service } = await serviceFixture({ limits: { [limit]: 3 } });
    const client = await greet();
    for (const n of [1, 2, 3, 4, 5]) await client.ask(ask.create(n));
    const replies = await Promise.all([1, 2, 3, 4, 5].map((n) => client.ask(ask.subscribe(n))));
    expect(replies.map(({ type }) => type)).toEqual(["subscribed", "subscribed", "subscribed", "error", "error"]);
    expect(service.subscribedLogs).toBe(3);
  },
);
