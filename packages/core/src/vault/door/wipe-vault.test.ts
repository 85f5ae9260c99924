import { initCrypto } from "@stonechat/crypto";
import { toHex, WireError } from "@stonechat/protocol";
import type { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect, test } from "vitest";
import { cheapStretch, imageOf, makeRealAndDecoy, SIZES, vaultWorld } from "../../testing/vault-world.ts";
import { parseLockArea } from "../lock/lock-area.ts";
import { decodeDeviceRecord, RECORD_COPY_BYTES, type DeviceState } from "./device-record.ts";
import { createVaultDoor } from "./vault-door.ts";

beforeAll(initCrypto);

/** Both records that the file has room for, where they can be read. */
function recordsIn(disk: MemoryBlockFiles): readonly DeviceState[] {
  const bytes = disk.contents("device");
  return [0, RECORD_COPY_BYTES].flatMap((at) => {
    try {
      return [decodeDeviceRecord(bytes.subarray(at, at + RECORD_COPY_BYTES)).state];
    } catch (error) {
      if (error instanceof WireError) return [];
      throw error;
    }
  });
}

function locksIn(disk: MemoryBlockFiles): readonly string[] {
  const bytes = disk.contents("vault.bin");
  return [0, 1].flatMap((copy) => {
    const { lines, heads } = parseLockArea(bytes.subarray(copy * SIZES.headerBytes));
    return [...lines, ...heads].map(toHex);
  });
}

test("before guards are asked to destroy, the device holds neither its secret nor any lock of before", async () => {
  const world = vaultWorld();
  await makeRealAndDecoy(world);
  const secrets = recordsIn(world.disk).flatMap((state) => (state.type === "ready" ? [toHex(state.deviceSecret)] : []));
  expect(new Set(secrets).size).toBe(1);
  const locks = locksIn(world.disk);
  let seen: MemoryBlockFiles | undefined;
  const door = createVaultDoor({
    files: world.disk,
    clock: world.clock,
    random: repeatableRandom("wiping"),
    stretch: cheapStretch,
    sizes: SIZES,
    guardTransport: {
      list: (url) => world.guards.transport.list(url),
      async send(guard, body) {
        seen ??= await imageOf(world.disk);
        return world.guards.transport.send(guard, body);
      },
    },
  });
  expect(await door.wipe()).toEqual({ guardsReached: 3, guards: 3 });
  if (seen === undefined) throw new Error("no guard was asked");
  expect(recordsIn(seen).map(({ type }) => type)).toEqual(["wiping"]);
  expect(toHex(seen.contents("device"))).not.toContain(secrets[0]);
  expect(locksIn(seen).filter((lock) => locks.includes(lock))).toEqual([]);
  expect(await world.disk.list()).toEqual([]);
});
