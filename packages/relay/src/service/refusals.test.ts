import { requestFrame, type Reply, type Request } from "@stonechat/protocol";
import { expect, test } from "vitest";
import {
  ask,
  bodyOf,
  DirectClient,
  entryId,
  hashOf,
  logId,
  poolId,
  serviceFixture,
  token,
} from "../testing/service-fixture.ts";

const HELLO = { type: "hello", minVersion: 1, maxVersion: 1 } as const;
const UNKNOWN = { type: "error", code: "unknown", seq: 0 };

type Named = Exclude<Request["type"], "hello" | "create" | "unsubscribe" | "pool-put" | "lineage">;
/**
 * Each request that shows a token, with log or pool `n` and a token. A new type of request does not compile until it has
 * its row here, or its reason in {@link Named}: `hello`, `create`, `unsubscribe` and `lineage` show none, and `pool-put` makes what
 * is absent.
 */
const TOKEN_REQUESTS: { readonly [T in Named]: (n: number, name: string) => Request } = {
  append: (n, name) => ({
    type: "append",
    logId: logId(n),
    appendToken: token(name),
    entryId: entryId(1),
    ttlSeconds: 9,
    body: bodyOf(1),
  }),
  commit: (n, name) => ({
    type: "commit",
    logId: logId(n),
    appendToken: token(name),
    entryId: entryId(2),
    body: bodyOf(1),
    nextReadHash: hashOf("x"),
    nextAppendHash: hashOf("y"),
  }),
  read: (n, name) => ({ type: "read", logId: logId(n), readToken: token(name), from: 0, limit: 1 }),
  subscribe: (n, name) => ({ type: "subscribe", items: [{ logId: logId(n), readToken: token(name), from: 0 }] }),
  destroy: (n, name) => ({ type: "destroy", logId: logId(n), ownerToken: token(name) }),
  "pool-take": (n, name) => ({ type: "pool-take", poolId: poolId(n), takeToken: token(name) }),
  "pool-status": (n, name) => ({ type: "pool-status", poolId: poolId(n), ownerToken: token(name) }),
};

const STRANGERS = {
  "a thing that does not exist": [9, "read 0"],
  "a made-up token": [1, "made up"],
  "the token of another log or pool": [1, "read of log 2"],
  "a token for something else": [1, "crossed"],
} as const;

for (const [type, request] of Object.entries(TOKEN_REQUESTS)) {
  for (const [stranger, [n, name]] of Object.entries(STRANGERS)) {
    test(`${type} with ${stranger} gets the one answer`, async () => {
      const { greet } = await serviceFixture();
      const client = await greet();
      await client.ask(ask.create(1, "owner"));
      await client.ask(ask.put(1, [1], 2));
      // For each request a token that is right for another one.
      const crossed = type === "read" || type === "subscribe" ? "append 0" : "read 0";
      const reply = await client.ask(request(n, name === "crossed" ? crossed : name));
      expect(reply).toEqual(type === "subscribe" ? { type: "subscribed", outcomes: [{ type: "unknown" }] } : UNKNOWN);
    });
  }
}

test("a put by who does not own the pool is unknown, and changes nothing", async () => {
  const { greet } = await serviceFixture();
  const client = await greet();
  await client.ask(ask.put(1, [1]));
  const foreign = { ...ask.put(1, [2]), ownerToken: token("thief") } as Request;
  expect(await client.ask(foreign)).toEqual(UNKNOWN);
  expect(await client.ask({ type: "pool-status", poolId: poolId(1), ownerToken: token("owner") })).toMatchObject({
    count: 1,
  });
});

test("a token of an epoch that is over appends nothing and reads no further", async () => {
  const { greet } = await serviceFixture();
  const client = await greet();
  await client.ask(ask.create(1));
  await client.ask(ask.commit(1, 1));
  await client.ask(ask.append(1, 2, 1));
  expect(await client.ask(ask.append(1, 3, 0))).toEqual({ type: "error", code: "stale-epoch", seq: 0 });
  expect(await client.ask(ask.read(1, 0))).toMatchObject({ entries: [{ seq: 0 }], endOfEpoch: true });
});

test("a message over the limit is too large, whatever its token", async () => {
  const { greet } = await serviceFixture();
  const client = await greet();
  expect(await client.ask(ask.append(9, 1, 0, 65_537))).toMatchObject({ code: "too-large" });
});

test("nothing is kept longer than the operator allows, whatever its writer asks for", async () => {
  const { greet, time } = await serviceFixture({ limits: { retentionSeconds: 60, commitRetentionSeconds: 90 } });
  const client = await greet();
  await client.ask(ask.create(1));
  await client.ask({ ...ask.append(1, 1), ttlSeconds: 0xffff_ffff } as Request);
  await client.ask({ ...ask.append(1, 2), ttlSeconds: 5 } as Request);
  await client.ask(ask.commit(1, 3));
  expect(await client.ask(ask.read(1))).toMatchObject({
    entries: [60, 5, 90].map((seconds) => ({ expiresAt: time.now + seconds * 1000 })),
  });
});

test("a closed epoch's reader is told when its commit has expired", async () => {
  const { greet, service, time } = await serviceFixture();
  const client = await greet();
  await client.ask(ask.create(1));
  await client.ask(ask.commit(1, 1));
  time.now += 91 * 24 * 3600 * 1000;
  await service.expire(10);
  expect(await client.ask(ask.read(1, 0))).toEqual({ type: "error", code: "expired-before", seq: 1 });
});

test("nothing is answered but hello before hello", async () => {
  const { service } = await serviceFixture();
  const client = new DirectClient(service);
  expect(await client.ask(ask.create(1))).toMatchObject({ type: "error", code: "not-greeted" });
  expect(await client.ask(HELLO)).toMatchObject({ type: "welcome", version: 1, admission: "open" });
});

test("versions without overlap close with 4001, overlapping ones do not", async () => {
  const { service } = await serviceFixture();
  const hello = (minVersion: number, maxVersion: number): DirectClient => {
    const client = new DirectClient(service);
    void client.ask({ type: "hello", minVersion, maxVersion });
    return client;
  };
  expect(hello(3, 4).closedWith).toBe(4001);
  expect(hello(0, 0).closedWith).toBe(4001);
  expect(hello(1, 900).closedWith).toBeUndefined();
  expect(hello(2, 1).closedWith).toBe(4002);
});

test("frames that do not decode, request id 0 and a second hello close with 4002", async () => {
  const { service, greet } = await serviceFixture();
  const good = requestFrame.encode({ requestId: 1, request: HELLO });
  const bad = [
    new Uint8Array(0),
    good.subarray(1),
    Uint8Array.of(...good, 0),
    Uint8Array.of(0, 0, 0, 0, ...good.subarray(4)),
    Uint8Array.of(0, 0, 0, 1, 99),
  ];
  for (const frame of bad) {
    const client = new DirectClient(service);
    client.connection.receive(frame);
    expect(client.closedWith).toBe(4002);
  }
  const twice = await greet();
  void twice.ask(HELLO);
  expect(twice.closedWith).toBe(4002);
});

test("who says nothing is closed after ten seconds", async () => {
  const { service, time } = await serviceFixture();
  const client = new DirectClient(service);
  time.now += 10_001;
  service.tick();
  expect(client.closedWith).toBe(4003);
});

test("with admission by code every refusal looks the same, and a refused create leaves nothing", async () => {
  const admission = { kind: "code" as const, admit: () => Promise.resolve(false), refund: () => Promise.resolve() };
  const { greet, store } = await serviceFixture({ admission });
  const client = await greet();
  const refused = { type: "error", code: "not-admitted", seq: 0 };
  expect(await client.ask(ask.create(1))).toEqual(refused);
  expect(await client.ask(ask.put(1, [1]))).toEqual(refused);
  expect(await store.stats()).toMatchObject({ logs: 0 });
});

test("a code's use is given back when nothing was made", async () => {
  let uses = 0;
  const admission = {
    kind: "code" as const,
    admit: () => {
      uses += 1;
      return Promise.resolve(true);
    },
    refund: () => {
      uses -= 1;
      return Promise.resolve();
    },
  };
  const { greet } = await serviceFixture({ admission });
  const client = await greet();
  await client.ask(ask.create(1));
  expect(await client.ask(ask.create(1))).toMatchObject({ code: "exists" });
  expect(uses).toBe(1);
});

test("a full disk refuses what adds and still serves what reads", async () => {
  const { greet, store } = await serviceFixture();
  const client = await greet();
  await client.ask(ask.create(1));
  await client.ask(ask.append(1, 1));
  store.storageLow = true;
  expect(await client.ask(ask.append(1, 2))).toMatchObject({ code: "storage-full" });
  expect(await client.ask(ask.read(1))).toMatchObject({ entries: [{ seq: 0 }] });
  store.storageLow = false;
  expect(await client.ask(ask.append(1, 2))).toMatchObject({ seq: 1 });
});

test("a connection that asks more than it may have under way is not read from until answers have gone", async () => {
  const { greet } = await serviceFixture({ limits: { maxInFlight: 3 } });
  const client = await greet();
  const replies: Promise<Reply>[] = [1, 2, 3].map((n) => client.ask(ask.create(n)));
  expect(client.paused).toBe(true);
  await Promise.all(replies);
  await Promise.resolve();
  await Promise.resolve();
  expect(client.paused).toBe(false);
});

test("who keeps guessing is closed with 4005", async () => {
  const { greet } = await serviceFixture({ limits: { unknownBurst: 3, unknownPerSecond: 1 } });
  const client = await greet();
  for (let n = 0; n < 4; n += 1) void client.ask(ask.read(n));
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  expect(client.closedWith).toBe(4005);
});

test("a handler that fails answers internal, logs no more than the kind of error, and the next request works", async () => {
  const { greet, store, lines } = await serviceFixture();
  const client = await greet();
  const read = store.read.bind(store);
  store.read = () => Promise.reject(new TypeError("secret detail"));
  expect(await client.ask(ask.read(1))).toMatchObject({ code: "internal" });
  expect(lines).toEqual([{ level: "error", event: "request-failed", request: "read", error: "TypeError", code: "" }]);
  store.read = read;
  expect(await client.ask(ask.read(1))).toEqual(UNKNOWN);
});
