import { initCrypto } from "@stonechat/crypto";
import { MAX_GUARDS, WireError, type RecordId } from "@stonechat/protocol";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, describe, expect, test } from "vitest";
import {
  decodeDeviceRecord,
  encodeDeviceRecord,
  RECORD_COPY_BYTES,
  type DeviceState,
  type GuardSet,
  type ReadyDevice,
} from "./device-record.ts";
import { DeviceStore } from "./device-store.ts";

beforeAll(initCrypto);

const random = repeatableRandom("record");
const guards: GuardSet = {
  relayUrl: `https://${"r".repeat(247)}`,
  threshold: 3,
  authSeed: random.bytes(32),
  guards: Array.from({ length: MAX_GUARDS }, () => ({
    description: {
      name: "n".repeat(64),
      operator: "o".repeat(128),
      url: `https://${"g".repeat(247)}`,
      publicKey: random.bytes(1216),
    },
    recordId: random.bytes(16) as RecordId,
    sharePublicKey: random.bytes(32),
  })),
};
const ready: ReadyDevice = {
  type: "ready",
  mode: "pin",
  kind: "conceal",
  generation: 7,
  deviceSecret: random.bytes(32),
  cost: { memoryKib: 64 * 1024, passes: 3 },
  openKey: undefined,
  guards,
  guessesLeft: Uint8Array.of(10, 9, 8, 255, 255),
  attempts: 2,
  numbersUsed: 3,
};
const states: readonly DeviceState[] = [
  ready,
  { ...ready, mode: "none", openKey: random.bytes(32), guards: undefined },
  { type: "creating", guards },
  { type: "creating", guards: undefined },
  { type: "wiping", guards },
];

test.each(states)("a record that is $type comes back, in one size, with as many guards as there can be", (state) => {
  const copy = encodeDeviceRecord({ sequence: 5, state });
  expect(copy).toHaveLength(RECORD_COPY_BYTES);
  expect(decodeDeviceRecord(copy)).toEqual({ sequence: 5, state });
});

test("a flipped bit anywhere, a missing end, and more than a record are refused", () => {
  const copy = encodeDeviceRecord({ sequence: 5, state: ready });
  for (let at = 0; at < copy.length; at += 37) {
    const flipped = copy.slice();
    flipped[at] = (flipped[at] ?? 0) ^ 4;
    expect(() => decodeDeviceRecord(flipped)).toThrow(WireError);
  }
  expect(() => decodeDeviceRecord(copy.subarray(1))).toThrow(WireError);
  expect(() => decodeDeviceRecord(new Uint8Array(RECORD_COPY_BYTES + 1))).toThrow(WireError);
});

test.each([
  { memoryKib: 8, passes: 3 },
  { memoryKib: 19 * 1024 - 1, passes: 3 },
  { memoryKib: 64 * 1024, passes: 1 },
  { memoryKib: 0xffff_ffff, passes: 3 },
])("a cost that somebody changed to $memoryKib KiB and $passes passes is refused", (cost) => {
  const copy = encodeDeviceRecord({ sequence: 5, state: { ...ready, cost } });
  expect(() => decodeDeviceRecord(copy)).toThrow(WireError);
});

describe("two copies in turn", () => {
  test("a write that was torn leaves the record before it, or the new one if all of it was there", async () => {
    const seen = new Set<number>();
    for (let seed = 0; seed < 60; seed += 1) {
      const disk = new MemoryBlockFiles(seed);
      const store = new DeviceStore(disk, random);
      await store.write(ready);
      await store.write({ ...ready, generation: 8 });
      disk.decide = () => "power-cut";
      await expect(store.write({ ...ready, generation: 9 })).rejects.toMatchObject({ code: "io" });
      disk.crash("tear");
      const state = await store.read();
      seen.add(state?.type === "ready" ? state.generation : 0);
      await store.write({ ...ready, generation: 10 });
      const next = await store.read();
      expect(next?.type === "ready" ? next.generation : undefined).toBe(10);
    }
    expect([...seen].toSorted()).toEqual([8, 9]);
  });

  test("what is forgotten is on the disk no more", async () => {
    const disk = new MemoryBlockFiles(1);
    const store = new DeviceStore(disk, random);
    await store.write(ready);
    await store.write({ type: "wiping", guards });
    const holds = (): boolean => Buffer.from(disk.contents("device")).includes(Buffer.from(ready.deviceSecret));
    expect(holds()).toBe(true);
    await store.forgetOlder();
    expect(holds()).toBe(false);
    expect((await store.read())?.type).toBe("wiping");
    await store.destroy();
    expect(await disk.list()).toEqual([]);
  });
});
