import { connect } from "@nats-io/transport-node";
import type { EntryId, LogId } from "@stonechat/protocol";
import { describeStructure } from "@stonechat/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { StoredEntry, WakeUpListener } from "../service/wake-ups.ts";
import { bodyOf, entryId, logId } from "../testing/service-fixture.ts";
import { NatsWakeUps } from "./nats-wake-ups.ts";
import { parseNatsUrl } from "./nats-url.ts";
import { startNats, whyNoNats, type NatsServer } from "./testing/nats-server.ts";
import { wakeUpBatch } from "./wake-up-batch.ts";

const ids = fc.uint8Array({ minLength: 32, maxLength: 32 }) as unknown as fc.Arbitrary<LogId>;
const entryIds = fc.uint8Array({ minLength: 16, maxLength: 16 }) as unknown as fc.Arbitrary<EntryId>;
const numbers = fc.maxSafeNat();
const entries = fc.record({
  seq: numbers,
  kind: fc.constantFrom("message" as const, "commit" as const),
  entryId: entryIds,
  expiresAt: numbers,
  body: fc.uint8Array({ maxLength: 300 }),
});
const wakeUps = fc.oneof(
  fc.record({ type: fc.constant("stored" as const), logId: ids, epoch: numbers, entry: entries }),
  fc.record({ type: fc.constant("reached" as const), logId: ids, next: numbers }),
  fc.record({ type: fc.constant("changed" as const), logId: ids }),
  fc.record({ type: fc.constant("missed" as const) }),
);
const batches = fc.record({
  version: fc.integer({ min: 0, max: 0xffff }),
  wakeUps: fc.array(wakeUps, { maxLength: 4 }),
});
describeStructure("WakeUps", wakeUpBatch, batches);

test("an address is read with names and secrets, and anything else is refused", () => {
  expect(parseNatsUrl("nats://a%40b:c%3Ad@one:4222,two")).toEqual({
    servers: ["one:4222", "two"],
    user: "a@b",
    pass: "c:d",
  });
  expect(parseNatsUrl("tls://one")).toEqual({ servers: ["one"], tls: {} });
  for (const wrong of ["one:4222", "http://one", "nats://", "nats://a b", "nats://one/x", "nats://one:99999"])
    expect(parseNatsUrl(wrong), wrong).toBeUndefined();
});

const missing = whyNoNats();
if (missing !== undefined) process.stderr.write(`skipped: ${missing}\n`);

describe.skipIf(missing !== undefined)("on a real server", () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNats();
  });
  afterAll(() => server.close());

  /** A relay's end that notes what it hears. */
  async function join(subject: string) {
    const heard: StoredEntry[] = [];
    const counts = { changed: 0, reached: 0, missed: 0 };
    let look: () => void = () => undefined;
    const listener: WakeUpListener = {
      stored: (stored) => {
        heard.push(stored);
        look();
      },
      changed: () => {
        counts.changed += 1;
        look();
      },
      reached: () => {
        counts.reached += 1;
        look();
      },
      missed: () => {
        counts.missed += 1;
        look();
      },
    };
    const until = (enough: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        look = () => {
          if (enough()) resolve();
        };
        look();
      });
    const end = new NatsWakeUps({
      address: parseNatsUrl(server.url) ?? { servers: [] },
      subject,
      log: () => undefined,
    });
    end.listen(listener);
    onTestFinished(() => end.close());
    await until(() => counts.missed > 0); // it is connected
    return { end, heard, counts, until };
  }

  const stored = (seq: number, length = 8): StoredEntry => ({
    logId: logId(1),
    epoch: 0,
    entry: { seq, kind: "message", entryId: entryId(seq), expiresAt: 9, body: bodyOf(seq, length) },
  });

  test("the others hear what was stored, in order, and the teller does not", async () => {
    const [a, b] = [await join("order"), await join("order")];
    for (let seq = 0; seq < 100; seq += 1) a.end.announce(stored(seq, 50_000));
    await b.until(() => b.heard.length === 100);
    expect(b.heard).toEqual(Array.from({ length: 100 }, (_, seq) => stored(seq, 50_000)));
    a.end.announceChange(logId(1));
    a.end.announce(stored(100, 200_000));
    await b.until(() => b.counts.changed === 1 && b.counts.reached === 1);
    expect(a.heard).toEqual([]);
  });

  test("relays of another subject hear nothing", async () => {
    const [a, b, other] = [await join("mine"), await join("mine"), await join("another")];
    a.end.announce(stored(1));
    await b.until(() => b.heard.length === 1);
    expect(other.heard).toEqual([]);
  });

  test("what does not decode, or is of a later version, is a reason to look and no more", async () => {
    const relay = await join("noise");
    const before = relay.counts.missed;
    const stranger = await connect({ ...parseNatsUrl(server.url) });
    stranger.publish("noise", new Uint8Array([0xff, 1, 2, 3]));
    stranger.publish("noise", wakeUpBatch.encode({ version: 2, wakeUps: [{ type: "stored", ...stored(1) }] }));
    await relay.until(() => relay.counts.missed === before + 2);
    await stranger.close();
    expect(relay.heard).toEqual([]);
  });

  test("while the server is away nothing fails, and when it is back everybody is told to look", async () => {
    const [a, b] = [await join("away"), await join("away")];
    const before = [a.counts.missed, b.counts.missed] as const;
    await server.kill();
    a.end.announce(stored(1));
    await server.start();
    await Promise.all([a.until(() => a.counts.missed > before[0]), b.until(() => b.counts.missed > before[1])]);
    // What is told while either is still on its way back is not heard: then the next look at the store finds it.
    for (let seq = 2; b.heard.every(({ entry }) => entry.seq === 1); seq += 1) {
      a.end.announce(stored(seq));
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  });
});
