import { initCrypto, kemKeyPairFromSeed } from "@stonechat/crypto/guard";
import { signKeyPairFromSeed } from "@stonechat/crypto";
import { SEALED_GUARD_REQUEST_BYTES, type GuardOperation } from "@stonechat/protocol";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, describe, expect, test } from "vitest";
import { MemoryGuardStore } from "../store/memory-guard-store.ts";
import { TestDevice } from "../testing/test-device.ts";
import { Admission, type AdmissionLimits } from "./admission.ts";
import { Counters } from "./counters.ts";
import { createGuardService } from "./guard-service.ts";
import { NONCE_LIFETIME_MS } from "./nonces.ts";

beforeAll(initCrypto);

const STALE = { type: "refused", reason: "stale" };
const DENIED = { type: "refused", reason: "denied" };
const FULL = { type: "refused", reason: "full" };

function stage(limits: Partial<AdmissionLimits> = {}) {
  const random = repeatableRandom("service");
  const time = { wall: 1_800_000_000_000, monotonic: 0 };
  const key = kemKeyPairFromSeed(random.bytes(32));
  const store = new MemoryGuardStore();
  const counters = new Counters();
  const all = { maxRecords: 100, registrationsPerDay: 100, registrationsPerDayPerPrefix: 100, ...limits };
  const service = createGuardService({
    ...{ store, key, counters, random },
    admission: new Admission(all),
    clock: { now: () => time.wall, monotonic: () => time.monotonic },
  });
  const device = (from = "") => new TestDevice(random, key.publicKey, (body) => service.serve(body, from));
  return { random, time, store, counters, service, device };
}

describe("a request", () => {
  test("sent again is refused, and the first answer stands", async () => {
    const { device } = stage();
    const one = device();
    await one.register();
    const guess: GuardOperation = { type: "evaluate", generation: 1, blindedElement: one.dealer.element() };
    const sealed = one.seal(guess);
    expect(await one.carry(sealed)).toMatchObject({ type: "evaluated", guessesLeft: 9 });
    expect(await one.carry(sealed)).toEqual(STALE);
    expect(await one.guessesLeft()).toBe(9);
  });

  test("sent again by somebody on the way gives him two replies that tell nothing about each other", async () => {
    const { device, service } = stage();
    const one = device();
    await one.register();
    const { body } = one.seal({ type: "evaluate", generation: 1, blindedElement: one.dealer.element() });
    const [first, second] = [await service.serve(body, ""), await service.serve(body, "")];
    // The end of each reply is the same padding: under one key and nonce it would look the same.
    const padding = (reply: Uint8Array | undefined) => reply?.slice(-16 - 200, -16);
    expect(padding(first)).toHaveLength(200);
    expect(padding(first)).not.toEqual(padding(second));
  });

  test("with a nonce that is too old, made up or of nobody is refused, and the fresh one that comes along works", async () => {
    const { device, time, random } = stage();
    const one = device();
    await one.register();
    time.monotonic += NONCE_LIFETIME_MS;
    expect(await one.ask({ type: "status" })).toEqual(STALE);
    expect(await one.ask({ type: "status" })).toMatchObject({ type: "status" });
    expect(await one.carry(one.seal({ type: "status" }, random.bytes(32)))).toEqual(STALE);
    expect(await one.carry(one.seal({ type: "status" }, new Uint8Array(32)))).toEqual(STALE);
  });

  test("works with a nonce that any number of greetings came after", async () => {
    const { device } = stage();
    const one = device();
    await one.register();
    const flood = device();
    for (let n = 0; n < 2000; n += 1) await flood.ask({ type: "hello" });
    expect(await one.ask({ type: "status" })).toMatchObject({ type: "status" });
  });

  test("of another guard's or with anything changed is not opened", async () => {
    const { device, service, counters } = stage();
    const { body } = device().seal({ type: "hello" });
    for (const place of [0, 1, 2, 5, 1200, body.length - 1]) {
      const flipped = body.map((byte, at) => (at === place ? byte ^ 1 : byte));
      expect(await service.serve(flipped, "")).toBeUndefined();
    }
    expect(await service.serve(body.subarray(1), "")).toBeUndefined();
    expect(await service.serve(new Uint8Array(SEALED_GUARD_REQUEST_BYTES), "")).toBeUndefined();
    expect(counters.get("malformed")).toBe(8);
  });
});

describe("who has not the device's key", () => {
  const forgeries: readonly GuardOperation[] = [
    { type: "status" },
    { type: "evaluate", generation: 1, blindedElement: new Uint8Array(32).fill(1) },
    { type: "finalize", generation: 1 },
    { type: "wipe" },
    { type: "revoke", secret: new Uint8Array(32) },
  ];

  test("burns no guess, wipes nothing, and is answered like for an unknown record", async () => {
    const { device, random, store } = stage();
    const one = device();
    await one.register();
    const before = store.snapshot();
    const evil = device();
    const wrongKey = signKeyPairFromSeed(random.bytes(32)).privateKey;
    await evil.ask({ type: "hello" });
    for (let round = 0; round < 6; round += 1) {
      for (const operation of forgeries) {
        const known = await evil.carry(evil.seal(operation, evil.nonce, wrongKey, one.recordId));
        const unknown = await evil.carry(evil.seal(operation, evil.nonce, wrongKey, evil.recordId));
        expect(known).toEqual(DENIED);
        expect(unknown).toEqual(DENIED);
      }
    }
    expect(store.snapshot()).toEqual(before);
    expect(await one.guessesLeft()).toBe(10);
  });

  test("cannot send on what the device signed for another nonce, record or guard", async () => {
    const { device } = stage();
    const one = device();
    await one.register();
    const other = device();
    await other.register();
    const signed = one.seal({ type: "wipe" }, one.nonce, one.keys.privateKey, other.recordId);
    expect(await one.carry(signed)).toEqual(DENIED);
    expect(await other.guessesLeft()).toBe(10);
  });

  test("cannot use up nonces", async () => {
    const { device, random } = stage();
    const one = device();
    await one.register();
    const wrongKey = signKeyPairFromSeed(random.bytes(32)).privateKey;
    const { nonce } = one;
    expect(await one.carry(one.seal({ type: "status" }, nonce, wrongKey))).toEqual(DENIED);
    expect(await one.carry(one.seal({ type: "status" }, nonce))).toMatchObject({ type: "status" });
    expect(await one.carry(one.seal({ type: "status" }, nonce))).toEqual(STALE);
  });
});

describe("registrations", () => {
  test("are limited in all, by sender and by day", async () => {
    const { device, time } = stage({ maxRecords: 5, registrationsPerDay: 3, registrationsPerDayPerPrefix: 2 });
    expect(await device("a").register()).toEqual({ type: "done" });
    expect(await device("a").register()).toEqual({ type: "done" });
    expect(await device("a").register()).toEqual(FULL);
    expect(await device("b").register()).toEqual({ type: "done" });
    expect(await device("b").register()).toEqual(FULL);
    time.monotonic += 24 * 3600 * 1000;
    expect(await device("b").register()).toEqual({ type: "done" });
    expect(await device("c").register()).toEqual({ type: "done" });
    expect(await device("d").register()).toEqual(FULL);
  });

  test("sent again after a lost reply count once", async () => {
    const { device } = stage({ registrationsPerDay: 1 });
    const one = device();
    await one.ask({ type: "hello" });
    const operation = { ...one.dealer.register(one.dealer.entries()), authKey: one.keys.publicKey } as GuardOperation;
    expect(await one.ask(operation)).toEqual({ type: "done" });
    expect(await one.ask(operation)).toEqual({ type: "done" });
    expect(await device().register()).toEqual(FULL);
  });
});

test("counters are sums and name nobody", async () => {
  const { device, counters } = stage();
  const one = device();
  await one.register();
  await one.ask({ type: "evaluate", generation: 1, blindedElement: one.dealer.element() });
  await one.ask({ type: "wipe" });
  const values = (["requests", "registered", "evaluated", "destroyed", "denied"] as const).map((name) =>
    counters.get(name),
  );
  expect(values).toEqual([4, 1, 1, 1, 0]);
});
