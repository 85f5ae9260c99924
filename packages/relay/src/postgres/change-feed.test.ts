import { expect, test } from "vitest";
import { ChangeFeed } from "./change-feed.ts";
import type { PostgresLink } from "./postgres-link.ts";
import type { Ask } from "./postgres-session.ts";

/** A database without changes whose clock shows these times, one after the other. */
function feedAt(...times: readonly number[]): ChangeFeed {
  const left = [...times];
  const ask: Ask = (text) => Promise.resolve(text.includes("FROM change") ? [] : [{ now: left.shift() }]);
  const link: Pick<PostgresLink, "repeat"> = { repeat: (work) => work({ ask, transaction: (inside) => inside(ask) }) };
  return new ChangeFeed(link as PostgresLink); // it asks for nothing else
}

test("a look after a short while misses nothing, one after a long while may", async () => {
  const feed = feedAt(1e12, 1e12 + 1000, 1e12 + 3_600_000);
  await feed.since();
  expect((await feed.since()).incomplete).toBe(false);
  expect((await feed.since()).incomplete).toBe(true);
});

test("when the database's clock went back, as that of a standby may, anything may have been missed", async () => {
  const feed = feedAt(1e12, 1e12 - 60_000, 1e12 - 59_000);
  await feed.since();
  expect((await feed.since()).incomplete).toBe(true);
  expect((await feed.since()).incomplete).toBe(false);
});
