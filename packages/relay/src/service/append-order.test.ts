import { fc, test as propertyTest } from "@fast-check/vitest";
import type { RequestOf } from "@stonechat/protocol";
import { expect, test } from "vitest";
import { ask, DirectClient, entryId, serviceFixture } from "../testing/service-fixture.ts";
import { AppendOrder } from "./append-order.ts";

const append = (n: number, entry: number) => ask.append(n, entry) as RequestOf<"append">;
const BUSY = { type: "error", code: "busy", seq: 0 } as const;
const DONE = { type: "appended", seq: 0 } as const;

test("what followed a refused append is refused too, and all of it arrives in order when it is sent again", async () => {
  const { service, store } = await serviceFixture();
  const [client, other] = [new DirectClient(service), new DirectClient(service)];
  for (const one of [client, other]) await one.ask({ type: "hello", minVersion: 1, maxVersion: 1 });
  for (const n of [1, 2]) await client.ask(ask.create(n));
  store.storageLow = true;
  expect(await client.ask(ask.append(1, 1))).toMatchObject({ code: "storage-full" });
  store.storageLow = false;
  expect(await client.ask(ask.append(1, 2))).toMatchObject({ code: "busy" });
  expect(await client.ask(ask.append(1, 3))).toMatchObject({ code: "busy" });
  // Other logs and other people do not wait.
  expect(await client.ask(ask.append(2, 9))).toMatchObject({ type: "appended" });
  expect(await other.ask(ask.append(1, 8))).toMatchObject({ type: "appended", seq: 0 });
  for (const [i, entry] of [1, 2, 3, 4].entries())
    expect(await client.ask(ask.append(1, entry))).toMatchObject({ type: "appended", seq: i + 1 });
});

test("an entry that its client has given up holds up the others for half a minute", async () => {
  const { service, store, time } = await serviceFixture();
  const client = new DirectClient(service);
  await client.ask({ type: "hello", minVersion: 1, maxVersion: 1 });
  await client.ask(ask.create(1));
  store.storageLow = true;
  await client.ask(ask.append(1, 1));
  store.storageLow = false;
  expect(await client.ask(ask.append(1, 2))).toMatchObject({ code: "busy" });
  time.now += 30_000;
  expect(await client.ask(ask.append(1, 2))).toMatchObject({ type: "appended" });
});

test("whoever has more refused than any client sends is noticed", () => {
  const order = new AppendOrder();
  for (let n = 0; n < 1000; n += 1) {
    const request = { ...append(1, 1), entryId: Uint8Array.from(entryId(0), (_, i) => (i < 2 ? n >> (8 * i) : 0)) };
    order.answered(request as RequestOf<"append">, BUSY, n, 0);
  }
  expect(order.overflown).toBe(false);
  order.answered(append(2, 255), BUSY, 1000, 0);
  expect(order.overflown).toBe(true);
});

/** Each round: how many are on their way at most, and which of them the store refuses when it comes to them. */
const rounds = fc.array(
  fc.record({ window: fc.integer({ min: 1, max: 6 }), refuses: fc.array(fc.boolean(), { maxLength: 6 }) }),
  {
    maxLength: 30,
  },
);

propertyTest.prop([rounds])("a client that sends again in order is never overtaken by itself", (history) => {
  const order = new AppendOrder();
  const stored: number[] = [];
  const waiting = Array.from({ length: 12 }, (_, n) => n);
  for (const { window, refuses } of history) {
    const sent = waiting.slice(0, window);
    const tried: { readonly n: number; readonly place: number; readonly refused: boolean }[] = [];
    for (const n of sent) {
      const place = order.begin(append(1, n), 0);
      // A budget refuses at once, before those before it have come back from the store.
      if (place === undefined) continue;
      const refused = refuses[tried.length] ?? false;
      if (refused && tried.length % 2 === 1) order.answered(append(1, n), BUSY, place, 0);
      else tried.push({ n, place, refused });
      if (refused) break;
    }
    for (const { n, place, refused } of tried) {
      order.answered(append(1, n), refused ? BUSY : DONE, place, 0);
      if (refused) continue;
      stored.push(n);
      waiting.splice(waiting.indexOf(n), 1);
    }
  }
  expect(stored).toEqual(stored.toSorted((a, b) => a - b));
});
