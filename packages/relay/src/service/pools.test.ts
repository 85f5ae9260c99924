import { expect, test } from "vitest";
import type { Request } from "@stonechat/protocol";
import { ask, bodyOf, hashOf, poolId, serviceFixture, token } from "../testing/service-fixture.ts";

test("each KeyPackage is given once, the last-resort one when no other is left and said to be it", async () => {
  const { greet } = await serviceFixture();
  const client = await greet();
  await client.ask(ask.put(1, [1, 2], 9));
  const takes = await Promise.all([1, 2, 3, 4].map(() => client.ask(ask.take(1))));
  expect(takes).toEqual(
    [1, 2]
      .map((n) => ({ type: "taken", keyPackage: bodyOf(n), lastResort: false }))
      .concat([9, 9].map((n) => ({ type: "taken", keyPackage: bodyOf(n), lastResort: true }))),
  );
  const status = { type: "pool-status", poolId: poolId(1), ownerToken: token("owner") } as const;
  expect(await client.ask(status)).toEqual({
    type: "pool-status",
    count: 0,
    hasLastResort: true,
    lastResortUsed: true,
  });
  await client.ask(ask.put(1, [3], 8));
  expect(await client.ask(status)).toEqual({
    type: "pool-status",
    count: 1,
    hasLastResort: true,
    lastResortUsed: false,
  });
});

test("an empty pool without a last resort says to come again", async () => {
  const { greet } = await serviceFixture();
  const client = await greet();
  await client.ask(ask.put(1, [1]));
  await client.ask(ask.take(1));
  expect(await client.ask(ask.take(1))).toMatchObject({ code: "busy" });
});

test("draining a pool for an hour gives out no more than its budget, and an outsider cannot spend it", async () => {
  const { greet, time } = await serviceFixture({ limits: { poolTakeBurst: 5, poolTakeSeconds: 600 } });
  const client = await greet();
  await client.ask(
    ask.put(
      1,
      Array.from({ length: 100 }, (_, n) => n),
    ),
  );
  let taken = 0;
  for (let second = 0; second < 3600; second += 1) {
    time.now += 1000;
    await client.ask(ask.take(1, "not the token"));
    if ((await client.ask(ask.take(1))).type === "taken") taken += 1;
  }
  // Five at once, then one every ten minutes.
  expect(taken).toBeGreaterThanOrEqual(10);
  expect(taken).toBeLessThanOrEqual(11);
});

test("a new take token locks out the old one", async () => {
  const { greet } = await serviceFixture();
  const client = await greet();
  await client.ask(ask.put(1, [1, 2]));
  await client.ask({ ...ask.put(1, []), takeHash: hashOf("new take") } as Request);
  expect(await client.ask(ask.take(1))).toMatchObject({ code: "unknown" });
  expect(await client.ask(ask.take(1, "new take"))).toMatchObject({ type: "taken" });
});
