import type { PutPool } from "@stonechat/relay";
import type { Device, SimWorld } from "./device.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Which kinds of faults a run has. */
export interface FaultClasses {
  readonly network: boolean;
  readonly crashes: boolean;
  readonly disk: boolean;
  readonly relay: boolean;
  readonly clocks: boolean;
  readonly weeks: boolean;
}

const FAULTS = {
  cut: 4,
  partition: 2,
  partitionAll: 0.7,
  halfOpen: 2,
  flaky: 2,
  slow: 1,
  crash: 3,
  crashWhileWriting: 4,
  crashTogether: 0.5,
  fullDisk: 2,
  relayCrash: 3,
  relayFull: 1,
  slowSyncs: 1,
  clockJump: 1.5,
  closed: 2,
  drainPool: 0.7,
};
type Fault = keyof typeof FAULTS;

const CLASS_OF: Readonly<Record<Fault, keyof FaultClasses | "always">> = {
  cut: "network",
  partition: "network",
  partitionAll: "network",
  halfOpen: "network",
  flaky: "network",
  slow: "network",
  crash: "crashes",
  crashWhileWriting: "crashes",
  crashTogether: "crashes",
  fullDisk: "disk",
  relayCrash: "relay",
  relayFull: "relay",
  slowSyncs: "relay",
  clockJump: "clocks",
  closed: "always",
  drainPool: "always",
};

/** Lets something break, for a while. */
export function breakSomething(world: SimWorld, devices: readonly Device[], classes: FaultClasses): void {
  const fault = world.lots.weighted(FAULTS);
  const device = world.lots.pick(devices);
  const kind = CLASS_OF[fault];
  if (device === undefined || (kind !== "always" && !classes[kind])) return;
  world.scheduler.note(`fault ${fault} ${device.name}`);
  BREAK[fault](world, device, devices);
}

const BREAK: Readonly<Record<Fault, (world: SimWorld, device: Device, devices: readonly Device[]) => void>> = {
  cut(_world, device) {
    device.cut();
  },
  partition(world, device) {
    partition(world, [device]);
  },
  partitionAll(world, _device, devices) {
    partition(world, devices);
  },
  halfOpen(world, device) {
    device.fallSilent();
    device.conditions.swallows = world.lots.chance(0.5);
    world.scheduler.after(world.lots.between(1_000, 60_000), "heard again", () => {
      device.conditions.swallows = false;
    });
  },
  flaky(world, device) {
    device.conditions.cutChance = 0.05 + world.lots.fraction() * 0.2;
    device.conditions.lossChance = 0.3;
    world.scheduler.after(world.lots.between(1_000, 30_000), "steady", () => {
      Object.assign(device.conditions, { cutChance: 0, lossChance: 0 });
    });
  },
  slow(world, device) {
    Object.assign(device.conditions, {
      lowMs: 100,
      highMs: world.lots.between(500, 5_000),
      bytesPerMs: world.lots.between(2, 20),
    });
    world.scheduler.after(world.lots.between(5_000, 60_000), "fast", () => {
      Object.assign(device.conditions, { lowMs: 5, highMs: 40, bytesPerMs: 1000 });
    });
  },
  crash(_world, device) {
    device.crash();
  },
  crashWhileWriting(world, device) {
    device.crashWhileWriting(world.lots.between(1, 60));
  },
  crashTogether(_world, _device, devices) {
    for (const one of devices) one.crash();
  },
  fullDisk(world, device) {
    device.fullDisk = true;
    device.files.capacity = device.files.size() + world.lots.between(0, 20_000);
    world.scheduler.after(world.lots.between(1_000, 30_000), "space", () => {
      device.files.capacity = Infinity;
    });
  },
  relayCrash(world) {
    world.relay.syncMs = world.lots.between(5, 300);
    world.scheduler.after(world.lots.between(1, 500), "power of the relay fails", () => {
      world.relay.crash(world.lots.between(10, 20_000));
      world.relay.syncMs = 5;
    });
  },
  relayFull(world) {
    world.relay.store.storageLow = true;
    world.scheduler.after(world.lots.between(1_000, 20_000), "relay has space", () => {
      world.relay.store.storageLow = false;
    });
    world.counters.add("relay full, then not");
  },
  slowSyncs(world) {
    world.relay.syncMs = world.lots.between(50, 2_000);
    world.scheduler.after(world.lots.between(1_000, 20_000), "fast syncs", () => {
      world.relay.syncMs = 5;
    });
  },
  clockJump(world, device) {
    device.skew = world.lots.chance(0.5)
      ? world.lots.between(-2 * HOUR_MS, 2 * HOUR_MS)
      : world.lots.between(-20 * HOUR_MS, 20 * HOUR_MS);
    world.counters.add("clock jump");
  },
  closed(world, device) {
    void device.stop().catch((error: unknown) => {
      device.fail(`does not close: ${String(error)}`);
    });
    world.scheduler.after(world.lots.between(1_000, 60_000), `open ${device.name}`, () => {
      device.start();
    });
  },
  drainPool(world) {
    const put = world.lots.pick([...world.relay.puts.values()]);
    if (put === undefined) return;
    void drain(world, put);
  },
};

/** All one-time KeyPackages of a pool are taken, as if by many contacts. */
async function drain(world: SimWorld, { poolId, ownerHash, takeHash }: PutPool): Promise<void> {
  const status = await world.relay.pools.status({ poolId, ownerHash });
  if (status.type !== "status") return;
  for (let i = 0; i < status.count; i += 1) await world.relay.pools.take({ poolId, takeHash });
}

function partition(world: SimWorld, devices: readonly Device[]): void {
  world.counters.add("partition");
  for (const device of devices) {
    device.conditions.blocked = true;
    device.cut();
  }
  world.scheduler.after(world.lots.between(1_000, 90_000), "partition ends", () => {
    for (const device of devices) device.conditions.blocked = false;
  });
}

/** All faults end now; what is broken stays so until it mends itself. */
export function heal(world: SimWorld, devices: readonly Device[]): void {
  world.relay.store.storageLow = false;
  world.relay.syncMs = 5;
  for (const device of devices) {
    Object.assign(device.conditions, {
      blocked: false,
      lowMs: 5,
      highMs: 40,
      bytesPerMs: 1000,
      swallows: false,
      cutChance: 0,
      lossChance: 0,
    });
    device.files.capacity = Infinity;
    device.files.decide = () => undefined;
    device.skew = 0;
    device.calm = true;
    device.start();
  }
}

/** Weeks pass in which nothing happens; what is old expires at the relay. Timers that were due meanwhile fire late. */
export async function passWeeks(world: SimWorld): Promise<void> {
  const days = world.lots.between(3, 62);
  world.counters.add("weeks away");
  world.scheduler.skip(days * DAY_MS);
  await world.scheduler.waitFor(world.relay.expire(), 60_000);
}
