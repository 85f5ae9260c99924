import { initCrypto, sha256, signKeyPair, splitScalar, voprfBlind, type Random } from "@stonechat/crypto";
import {
  SEALED_GUARD_REPLY_BYTES,
  SEALED_GUARD_REQUEST_BYTES,
  type DeviceKey,
  type GuardOperation,
  type RecordId,
} from "@stonechat/protocol";
import { MemoryGuards } from "@stonechat/testkit/memory-guards";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect, test } from "vitest";
import { createGuardChannel, type GuardChannel } from "./guard-channel.ts";

beforeAll(initCrypto);

interface Stage {
  readonly guards: MemoryGuards;
  readonly random: Random;
  readonly register: GuardOperation;
  readonly sizes: (readonly [number, number | undefined])[];
  channel(authKey?: Uint8Array): GuardChannel;
}

function stage(): Stage {
  const random = repeatableRandom("channel");
  const guards = new MemoryGuards();
  const device = signKeyPair(random);
  const recordId = random.bytes(16) as RecordId;
  const { url, publicKey } = guards.guard(0).description;
  const sizes: (readonly [number, number | undefined])[] = [];
  const transport = {
    list: guards.transport.list,
    send: async (to: { readonly id: string }, body: Uint8Array) => {
      const reply = await guards.transport.send(to, body);
      sizes.push([body.length, reply?.length]);
      return reply;
    },
  };
  const [share] = splitScalar(undefined, 1, 1, random).shares;
  const entries = Array.from({ length: 4 }, () => ({
    tagHash: random.bytes(32),
    material: random.bytes(32),
    pad: random.bytes(32),
  }));
  return {
    guards,
    random,
    sizes,
    register: {
      type: "register",
      authKey: device.publicKey as DeviceKey,
      share: share?.value ?? random.bytes(32),
      entries,
      revokeHash: sha256(random.bytes(32)),
    },
    channel: (authKey = device.privateKey) =>
      createGuardChannel({ transport, guard: { relayUrl: "", url, publicKey }, recordId, authKey, random }),
  };
}

test("asks with one nonce after another, and says hello once only", async () => {
  const { guards, channel, register } = stage();
  const asks = channel();
  expect(await asks.ask(register)).toEqual({ type: "done" });
  expect(await asks.ask({ type: "status" })).toEqual({
    type: "status",
    generation: 1,
    prepared: undefined,
    guessesLeft: 10,
  });
  expect(guards.guard(0).exchanges.map(({ operation }) => operation.type)).toEqual(["hello", "register", "status"]);
});

test("every request and every reply has one size, refusals too", async () => {
  const { channel, register, random, sizes } = stage();
  const asks = channel();
  await asks.ask({ type: "status" });
  await asks.ask(register);
  const { blindedElement } = voprfBlind(random.bytes(32), random);
  await asks.ask({ type: "evaluate", generation: 1, blindedElement });
  await asks.ask({ type: "evaluate", generation: 7, blindedElement });
  await asks.ask({ type: "revoke", secret: random.bytes(32) });
  await asks.ask({ type: "wipe" });
  await asks.ask({ type: "wipe" });
  expect(sizes.length).toBe(8);
  for (const size of sizes) expect(size).toEqual([SEALED_GUARD_REQUEST_BYTES, SEALED_GUARD_REPLY_BYTES]);
});

test("a nonce that grew too old costs one more question, not an answer", async () => {
  const random = repeatableRandom("old nonce");
  const clock = { time: 0, now: () => clock.time };
  const guards = new MemoryGuards({ clock });
  const { url, publicKey } = guards.guard(0).description;
  const { privateKey } = signKeyPair(random);
  const recordId = random.bytes(16) as RecordId;
  const guard = { relayUrl: "", url, publicKey };
  const asks = createGuardChannel({ transport: guards.transport, guard, recordId, authKey: privateKey, random });
  await asks.ask({ type: "hello" });
  clock.time = 3_600_000;
  expect(await asks.ask({ type: "status" })).toEqual({ type: "refused", reason: "denied" });
  expect(guards.guard(0).calls).toBe(3);
});

test("a lost reply and a guard that is down give no answer, and the next question finds its way", async () => {
  const { guards, channel, register } = stage();
  const asks = channel();
  await asks.ask(register);
  guards.guard(0).loseReply();
  expect(await asks.ask({ type: "status" })).toBeUndefined();
  guards.guard(0).down = true;
  expect(await asks.ask({ type: "status" })).toBeUndefined();
  guards.guard(0).down = false;
  expect((await asks.ask({ type: "status" }))?.type).toBe("status");
});

test("a reply that the guard did not seal to this very question gives no answer", async () => {
  const { guards, channel, register } = stage();
  const asks = channel();
  await asks.ask(register);
  guards.guard(0).lie = "garbage";
  expect(await asks.ask({ type: "status" })).toBeUndefined();
});

test("a wrong key is answered like an unknown record", async () => {
  const { channel, register, random } = stage();
  const unknown = await channel().ask({ type: "status" });
  await channel().ask(register);
  const wrong = await channel(signKeyPair(random).privateKey).ask({ type: "status" });
  expect(unknown).toEqual({ type: "refused", reason: "denied" });
  expect(wrong).toEqual(unknown);
});
