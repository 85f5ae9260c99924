import { CLOSE_CODES, type Request } from "@stonechat/protocol";
import { expect, test } from "vitest";
import { ask, type DirectClient, serviceFixture, settle, token } from "../testing/service-fixture.ts";
import { Sources } from "./sources.ts";
import { defaultLimits } from "./limits.ts";
import { WindowBudget } from "./window-budget.ts";

const KIB = 1024;
const BUSY = { type: "error", code: "busy", seq: 0 };
const HOUR = 3_600_000;
/** Longer than an append waits for one that was refused before it. */
const HELD_MS = 30_000;
/** Appends a second, three times as many as may be. */
const LOAD = 15;

/** Appends messages of so many bytes to log `n` until one is refused. @returns how many were taken. */
async function appendUntilBusy(client: DirectClient, n: number, bytes: number, first = 0, epoch = 0): Promise<number> {
  for (let count = 0; ; count += 1) {
    const id = new Uint8Array(16);
    new DataView(id.buffer).setUint32(0, first + count);
    const request = { ...ask.append(n, 1, epoch, bytes), entryId: id } as Request;
    const reply = await client.ask(request);
    if (reply.type === "appended") continue;
    expect(reply).toEqual(BUSY);
    return count;
  }
}

test("one connection may append ten seconds' worth at once, then so much a second, and another one is not held up", async () => {
  const { greet, time } = await serviceFixture({ limits: { appendBytesPerSecond: 200 * KIB } });
  const [busy, other] = [await greet("net"), await greet("net")];
  await busy.ask(ask.create(1));
  await busy.ask(ask.create(2));
  expect(await appendUntilBusy(busy, 1, 4 * KIB)).toBe(500);
  expect(await other.ask(ask.append(2, 1))).toMatchObject({ type: "appended" });
  time.now += 1000;
  // The one that was refused first: others wait for it.
  expect(await appendUntilBusy(busy, 1, 4 * KIB, 500)).toBe(50);
});

test("a message of no length costs as much as one of 1 KiB", async () => {
  const { greet } = await serviceFixture({ limits: { appendBytesPerSecond: 200 * KIB } });
  const client = await greet();
  await client.ask(ask.create(1));
  expect(await appendUntilBusy(client, 1, 0)).toBe(2000);
});

test("one network's connections share what it may append, however many they are, and another network is not held up", async () => {
  const { greet, time } = await serviceFixture({ limits: { appendBytesPerSecondPerPrefix: 200 * KIB } });
  const owner = await greet("far");
  await owner.ask(ask.create(1));
  let taken = 0;
  for (let n = 0; n < 10; n += 1) {
    const client = await greet("near");
    taken += await appendUntilBusy(client, 1, 4 * KIB, n * 10_000);
    client.connection.closed();
  }
  expect(taken).toBe(500);
  expect(await owner.ask(ask.append(1, 1))).toMatchObject({ type: "appended" });
  time.now += 1000;
  expect(await appendUntilBusy(await greet("near"), 1, 4 * KIB, 200_000)).toBe(50);
});

test("one log takes so much from all its writers together, and its commits all the same", async () => {
  const { greet, time } = await serviceFixture({ limits: { appendBytesPerSecondPerLog: 20 * KIB } });
  const [one, two] = [await greet("a"), await greet("b")];
  await one.ask(ask.create(1));
  await one.ask(ask.create(2));
  expect(await appendUntilBusy(one, 1, 4 * KIB)).toBe(50);
  expect(await appendUntilBusy(two, 1, 4 * KIB, 1000)).toBe(0);
  expect(await two.ask(ask.append(2, 1))).toMatchObject({ type: "appended" });
  expect(await two.ask(ask.commit(1, 99))).toMatchObject({ type: "appended", seq: 50 });
  time.now += HELD_MS;
  expect(await two.ask(ask.append(1, 7, 1))).toMatchObject({ type: "appended", seq: 51 });
});

test("who does not hold a log's token cannot use up what its writers may append", async () => {
  const { greet } = await serviceFixture({ limits: { appendBytesPerSecondPerLog: 20 * KIB } });
  const [member, stranger] = [await greet(), await greet()];
  await member.ask(ask.create(1));
  for (let n = 0; n < 200; n += 1) {
    const request = { ...ask.append(1, n, 0, 4 * KIB), appendToken: token("made up") } as Request;
    expect(await stranger.ask(request)).toMatchObject({ code: "unknown" });
  }
  expect(await appendUntilBusy(member, 1, 4 * KIB)).toBe(50);
});

test("who does not hold a log's token is not told that the log is there by how much its writers append", async () => {
  const { greet } = await serviceFixture({ limits: { appendBytesPerSecondPerLog: 20 * KIB } });
  const [member, stranger] = [await greet(), await greet()];
  await member.ask(ask.create(1));
  expect(await appendUntilBusy(member, 1, 4 * KIB)).toBe(50);
  for (const log of [1, 2]) {
    const request = { ...ask.append(log, 5, 0, 4 * KIB), appendToken: token("made up") } as Request;
    expect(await stranger.ask(request)).toEqual({ type: "error", code: "unknown", seq: 0 });
  }
});

test("three times what may be appended, for five minutes, is refused down to what may be, and then all is as before", async () => {
  const { greet, time } = await serviceFixture({ limits: { appendBytesPerSecond: 5 * KIB } });
  const client = await greet();
  await client.ask(ask.create(1));
  let written = 0;
  let waiting: Request[] = [];
  /** So many more are written; as many as the load is are sent, those refused before first. */
  const second = async (count: number): Promise<number> => {
    time.now += 1000;
    for (let n = 0; n < count; n += 1) {
      const id = new Uint8Array(16);
      new DataView(id.buffer).setUint32(0, (written += 1));
      waiting.push({ ...ask.append(1, 1), entryId: id } as Request);
    }
    const sent = waiting.slice(0, LOAD);
    const replies = await Promise.all(sent.map((request) => client.ask(request)));
    const refused = sent.filter((_, n) => replies[n]?.type !== "appended");
    waiting = [...refused, ...waiting.slice(LOAD)];
    return sent.length - refused.length;
  };
  for (let n = 0; n < 300; n += 1) {
    const count = await second(LOAD);
    // The first 1 MiB may come at once.
    if (n > 110) expect(count).toBe(5);
  }
  waiting = []; // given up
  time.now += HELD_MS;
  for (let n = 0; n < 10; n += 1) expect(await second(5)).toBe(5);
});

test("whoever guesses finds the budget of his network as he left it when he connects anew", async () => {
  const { greet, service } = await serviceFixture({
    limits: { unknownBurst: 10, unknownBurstPerPrefix: 25, unknownPerSecondPerPrefix: 1 },
  });
  let guesses = 0;
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const client = await greet("near");
    while (client.closedWith === undefined) {
      void client.ask(ask.read(guesses % 250));
      await settle();
      guesses += 1;
    }
    expect(client.closedWith).toBe(CLOSE_CODES.tooMany);
  }
  // Two full connections, the rest of the network's budget, and one guess for each connection after that.
  expect(guesses).toBe(11 + 11 + 6 + 17);
  const other = await greet("far");
  expect(await other.ask(ask.read(1))).toMatchObject({ code: "unknown" });
  expect(service.connectionCount).toBe(1);
});

test("one network makes so many logs and pools, however often it connects", async () => {
  const { greet, time } = await serviceFixture({ limits: { createBurst: 5, createBurstPerPrefix: 8 } });
  const make = async (n: number): Promise<string> => {
    const client = await greet("near");
    return (await client.ask(n % 2 === 0 ? ask.create(n) : ask.put(n, [1]))).type;
  };
  const made: string[] = [];
  for (let n = 1; n <= 12; n += 1) made.push(await make(n));
  expect(made).toEqual([...new Array<string>(8).fill("done"), ...new Array<string>(4).fill("error")]);
  time.now += HOUR;
  expect(await make(20)).toBe("done");
});

test("one network that drains a pool for an hour leaves most of its budget to the others", async () => {
  const { greet, time } = await serviceFixture();
  const owner = await greet("home");
  for (let n = 0; n < 3; n += 1)
    await owner.ask(
      ask.put(
        1,
        Array.from({ length: 100 }, (_, k) => n * 100 + k),
        9,
      ),
    );
  let taken = 0;
  for (let second = 0; second < 3600; second += 1) {
    time.now += 1000;
    const thief = await greet("near");
    const reply = await thief.ask(ask.take(1));
    if (reply.type === "taken") {
      expect(reply.lastResort).toBe(false);
      taken += 1;
    }
    thief.connection.closed();
  }
  // Twenty at once, then one every two minutes.
  expect(taken).toBeGreaterThanOrEqual(49);
  expect(taken).toBeLessThanOrEqual(50);
  expect(await (await greet("far")).ask(ask.take(1))).toMatchObject({ type: "taken", lastResort: false });
});

test("budgets outlive a clock that leaps an hour or two years, ahead or back, and one set back gives nothing away", async () => {
  const YEARS = 2 * 365 * 24 * HOUR;
  for (const leap of [HOUR, -HOUR, YEARS, -YEARS]) {
    const { greet, time, service } = await serviceFixture({
      limits: { appendBytesPerSecond: 200 * KIB, appendBytesPerSecondPerPrefix: 400 * KIB },
    });
    const client = await greet("net");
    await client.ask(ask.create(1));
    expect(await appendUntilBusy(client, 1, 4 * KIB)).toBe(500);
    time.now += leap;
    service.tick();
    if (leap < 0) expect(await appendUntilBusy(client, 1, 4 * KIB, 1000)).toBe(0);
    time.now += 60_000;
    service.tick();
    expect(client.closedWith).toBeUndefined();
    expect(await client.ask(ask.append(1, 200))).toMatchObject({ type: "appended" });
  }
});

test("a network that is gone is forgotten once its budgets are whole again, and not before", () => {
  const sources = new Sources(defaultLimits);
  const source = sources.enter("near", 0);
  source.unknowns.take(0, 50);
  sources.sweep(0);
  source.connections -= 1;
  sources.sweep(100);
  expect(sources.size).toBe(1);
  expect(sources.enter("near", 100)).toBe(source);
  source.connections -= 1;
  sources.sweep(1000);
  expect(sources.size).toBe(0);
});

test("what was spent in a stretch is forgotten in the next, and in one before it", () => {
  const budget = new WindowBudget(1000);
  budget.spend("a", 5, 5000);
  budget.spend("a", 5, 5999);
  expect([budget.spent("a", 5999), budget.spent("b", 5999)]).toEqual([10, 0]);
  expect(budget.spent("a", 6000)).toBe(0);
  budget.spend("a", 1, 6000);
  expect(budget.spent("a", 4000)).toBe(0);
});
