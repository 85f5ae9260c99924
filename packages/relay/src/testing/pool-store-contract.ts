import { initCrypto } from "@stonechat/crypto/issuer";
import { describe, expect, test } from "vitest";
import { MAX_POOL_SIZE, type PoolStore, type PutPool } from "../pools/pool-store.ts";
import { bodyOf, hashOf, poolId } from "./service-fixture.ts";

await initCrypto();

const put = (keyPackages: readonly Uint8Array[], more: Partial<PutPool> = {}): PutPool => ({
  ...{ poolId: poolId(1), ownerHash: hashOf("owner"), takeHash: hashOf("take") },
  ...{ keyPackages, lastResort: undefined, create: true, ...more },
});
const take = { poolId: poolId(1), takeHash: hashOf("take") };
const status = { poolId: poolId(1), ownerHash: hashOf("owner") };
const many = (count: number): Uint8Array[] => Array.from({ length: count }, (_, n) => Uint8Array.of(n >> 8, n & 0xff));

/** What every {@link PoolStore} must do. `open` gives an empty one, which ends with the test. */
export function describePoolStore(name: string, open: () => Promise<PoolStore>): void {
  describe(`${name}: pool store`, () => {
    describePools(open);
  });
}

function describePools(open: () => Promise<PoolStore>): void {
  test("of 200 takes at once from 100 KeyPackages each gets another one or none", async () => {
    const pools = await open();
    expect(await pools.put(put(many(100)))).toEqual({ type: "put", created: true });
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => pools.take(take)));
    const taken = outcomes.flatMap((o) => (o.type === "taken" ? [o.keyPackage.join()] : []));
    expect(new Set(taken).size).toBe(100);
    expect(taken).toHaveLength(100);
    expect(outcomes.filter(({ type }) => type === "empty")).toHaveLength(100);
  });

  test("the last resort comes last, stays, and is told apart", async () => {
    const pools = await open();
    await pools.put(put([bodyOf(1)], { lastResort: bodyOf(9) }));
    expect(await pools.take(take)).toEqual({ type: "taken", keyPackage: bodyOf(1), lastResort: false });
    expect(await pools.status(status)).toEqual({
      type: "status",
      count: 0,
      hasLastResort: true,
      lastResortUsed: false,
    });
    for (let n = 0; n < 2; n += 1) {
      expect(await pools.take(take)).toEqual({ type: "taken", keyPackage: bodyOf(9), lastResort: true });
    }
    expect(await pools.status(status)).toMatchObject({ lastResortUsed: true });
    await pools.put(put([], { lastResort: bodyOf(8) }));
    expect(await pools.status(status)).toMatchObject({ lastResortUsed: false });
  });

  test("an absent pool and a wrong token get the same answer", async () => {
    const pools = await open();
    const absent = [await pools.take(take), await pools.status(status), await pools.put(put([], { create: false }))];
    await pools.put(put([bodyOf(1)]));
    expect([
      await pools.take({ ...take, takeHash: hashOf("owner") }),
      await pools.status({ ...status, ownerHash: hashOf("take") }),
      await pools.put(put([bodyOf(2)], { ownerHash: hashOf("thief") })),
    ]).toEqual(absent);
    expect(absent).toEqual([{ type: "unknown" }, { type: "unknown" }, { type: "unknown" }]);
    expect(await pools.status(status)).toMatchObject({ count: 1 });
  });

  test("a pool takes no more than it may hold, and nothing of what would be too much", async () => {
    const pools = await open();
    for (let n = 0; n < MAX_POOL_SIZE / 100; n += 1) await pools.put(put(many(100)));
    expect(await pools.put(put([bodyOf(1)]))).toEqual({ type: "full" });
    expect(await pools.status(status)).toMatchObject({ count: MAX_POOL_SIZE });
  });

  test("a put with a new take token ends the old one", async () => {
    const pools = await open();
    await pools.put(put([bodyOf(1)]));
    await pools.put(put([], { takeHash: hashOf("new") }));
    expect(await pools.take(take)).toEqual({ type: "unknown" });
    expect(await pools.take({ ...take, takeHash: hashOf("new") })).toMatchObject({ type: "taken" });
  });
}
