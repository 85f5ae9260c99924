import {
  createVaultDoor,
  initCrypto,
  systemRandom,
  type NewVault,
  type OpenVault,
  type Stretch,
  type VaultDoor,
} from "@stonechat/core";
import { deriveKey } from "@stonechat/crypto";
import { ManualClock } from "@stonechat/testkit/manual-clock";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { MemoryGuards } from "@stonechat/testkit/memory-guards";
import { median } from "./percentiles.ts";
import type { Row } from "./row.ts";

/** Of both kinds together; they take turns. */
const UNLOCKS = 400;
const WARM_UP = 100;
const SLOW_UNLOCKS = 30;
const RELAY = "https://relay.example";
const PINS = ["482913", "604718"] as const;
const SIZES = { headerBytes: 32 * 1024, chunkBytes: 1024 * 1024 };

/** Takes no time: what is left is everything but Argon2id, where a difference would show most. */
const noStretch: Stretch = (password, salt) => {
  const padded = new Uint8Array(48);
  padded.set(password);
  padded.set(salt, 32);
  return deriveKey(padded, "vault salt", salt, 32);
};

/** Whether the time to unlock tells which vault it was: real or decoy, outer or hidden; guards in memory. */
export async function benchUnlock(): Promise<Row[]> {
  await initCrypto();
  const destroy = await makeWorld("destroy", noStretch);
  const conceal = await makeWorld("conceal", noStretch);
  const slow = await makeWorld("destroy", undefined);
  return [
    ...toRows("real and decoy, without Argon2id", await compare(destroy, UNLOCKS)),
    ...toRows("outer and hidden, without Argon2id", await compare(conceal, UNLOCKS)),
    ...absoluteRows("real and decoy, Argon2id 64 MiB", await compare(slow, SLOW_UNLOCKS, 0)),
  ];
}

interface BenchWorld {
  readonly guards: MemoryGuards;
  readonly kept: ReturnType<MemoryGuards["guards"][number]["snapshot"]>[];
  readonly image: ReadonlyMap<string, Uint8Array>;
  doorOf(disk: MemoryBlockFiles): VaultDoor;
}

/** A vault and beside it a decoy or a hidden one, each with one small file. */
async function makeWorld(kind: "destroy" | "conceal", stretch: Stretch | undefined): Promise<BenchWorld> {
  const clock = new ManualClock();
  const guards = new MemoryGuards({ clock });
  const disk = new MemoryBlockFiles(1);
  const doorOf = (files: MemoryBlockFiles): VaultDoor =>
    createVaultDoor({
      files,
      clock,
      guardTransport: guards.transport,
      random: systemRandom(),
      sizes: SIZES,
      ...(stretch === undefined ? {} : { stretch }),
    });
  const input: NewVault = { mode: "pin", relayUrl: RELAY, pin: PINS[0], kind };
  const first = await doorOf(disk).create(input);
  await fill(first);
  if (kind === "destroy") {
    await first.setDuressPin(PINS[1]);
    const decoy = await first.visitDecoy();
    await fill(decoy);
    await decoy.close();
  } else {
    await first.addHidden(PINS[1]);
    await first.close();
    const { vault } = await doorOf(disk).unlock(PINS[1]);
    if (vault === undefined) throw new RangeError("the hidden vault does not open");
    await fill(vault);
    await vault.close();
  }
  const names = await disk.list();
  const image = new Map(names.map((name) => [name, disk.contents(name)]));
  return { guards, kept: guards.guards.map((guard) => guard.snapshot()), image, doorOf };
}

async function fill(vault: OpenVault): Promise<void> {
  const file = await vault.files.open("note");
  file.write(new Uint8Array(4096).fill(1), 0);
  file.flush();
  file.close();
}

/** Milliseconds of each unlock with the first and with the second PIN, from the PIN to the open slot. */
async function compare(world: BenchWorld, count: number, warmUp = WARM_UP): Promise<readonly [number[], number[]]> {
  const times: [number[], number[]] = [[], []];
  for (let turn = 0; turn < count + warmUp; turn += 1) {
    // First, second, second, first: so that neither always follows the other.
    const which = [0, 1, 1, 0][turn % 4] === 0 ? 0 : 1;
    const taken = await unlockOnce(world, PINS[which]);
    if (turn >= warmUp) times[which].push(taken);
  }
  return times;
}

async function unlockOnce({ guards, kept, image, doorOf }: BenchWorld, pin: string): Promise<number> {
  guards.guards.forEach((guard, at) => {
    const snapshot = kept[at];
    if (snapshot !== undefined) guard.restore(snapshot);
    guard.exchanges.length = 0;
  });
  const disk = new MemoryBlockFiles(2);
  for (const [name, bytes] of image) {
    const file = await disk.open(name);
    file.write(bytes, 0);
    file.flush();
    file.close();
  }
  const door = doorOf(disk);
  globalThis.gc?.();
  const startedAt = performance.now();
  const { vault } = await door.unlock(pin);
  const taken = performance.now() - startedAt;
  if (vault === undefined) throw new RangeError("it does not open");
  await vault.settled();
  await vault.close();
  return taken;
}

function toRows(what: string, [first, second]: readonly [number[], number[]]): Row[] {
  return [
    {
      what: `${what}: median`,
      measured: median(second),
      unit: "ms",
      baseline: { what: "the first of them", value: median(first) },
      target: { of: "ratio", atLeast: 0.97, atMost: 1.03 },
    },
    {
      what: `${what}: Welch's t over ${String(first.length + second.length)} unlocks`,
      measured: Math.abs(welch(first, second)),
      unit: "",
      target: { of: "measured", atMost: 4.5 },
    },
  ];
}

function absoluteRows(what: string, [first, second]: readonly [number[], number[]]): Row[] {
  return [
    {
      what: `${what}: median`,
      measured: median(second),
      unit: "ms",
      baseline: { what: "the first of them", value: median(first) },
    },
  ];
}

/** Welch's t of two samples. */
function welch(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = (values: readonly number[]): number => {
    const middle = mean(values);
    return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
  };
  return (mean(a) - mean(b)) / Math.sqrt(variance(a) / a.length + variance(b) / b.length);
}
