import { initCrypto } from "@stonechat/crypto";
import { testSqlite } from "@stonechat/testkit/test-sqlite";
import { auditGenerations, auditSecrecy } from "./audit.ts";
import { Counters } from "./counters.ts";
import { describe, Device, type SimWorld } from "./device.ts";
import { breakSomething, heal, passWeeks, type FaultClasses } from "./fault-actions.ts";
import { hostileRelay } from "./hostile-relay.ts";
import { judge } from "./judge.ts";
import { Ledger } from "./ledger.ts";
import { Lots } from "./lots.ts";
import { Scheduler } from "./scheduler.ts";
import { SimRelay } from "./sim-relay.ts";
import { RELAY_URL, type Storage } from "./storage.ts";
import { doAction, sendText, USUAL } from "./user-actions.ts";

export interface RunOptions {
  readonly seed: number;
  readonly mls: "fake" | "real";
  readonly hostile?: boolean;
  /** What clients keep their files in; `plain` unless given. */
  readonly storage?: Storage;
  readonly observe?: (line: string) => void;
  /** So many devices; else by lot. */
  readonly devices?: number;
}

export interface RunResult {
  readonly seed: number;
  readonly failures: readonly string[];
  readonly counters: Counters;
  readonly traceHash: string;
  readonly events: number;
  readonly messages: number;
}

const START = 1_800_000_000_000;
const NAMES = ["Ada", "Bea", "Cyd", "Dan", "Eve"];
const MINUTE_MS = 60_000;
/** All must have converged within so many simulated milliseconds after the last fault. */
const SETTLE_MS = 5 * MINUTE_MS;

/** One run and its parts. */
export interface Run {
  readonly world: SimWorld;
  readonly ledger: Ledger;
  readonly devices: readonly Device[];
  readonly classes: FaultClasses;
  readonly hostile: boolean;
}

/** Runs one seed from the first account to the last check. Nothing is shared between runs but code. */
export async function runSeed(options: RunOptions): Promise<RunResult> {
  const run = await createRun(options);
  const { world, ledger } = run;
  try {
    await makeAccounts(run);
    await live(run);
    await settleAll(run);
    if (world.failures.size === 0 && !run.hostile) await lastWords(run);
    await world.scheduler.waitFor(judgeAll(run), MINUTE_MS);
  } catch (error) {
    world.failures.add(describe(error));
  }
  await closeAll(run);
  const { scheduler, counters, failures } = world;
  return {
    seed: options.seed,
    failures: [...failures],
    counters,
    traceHash: scheduler.traceHash(),
    events: scheduler.events,
    messages: ledger.written.size,
  };
}

/** Devices and a relay, nothing done yet. */
export async function createRun({
  seed,
  mls,
  storage = "plain",
  hostile = false,
  observe,
  devices: wanted,
}: RunOptions): Promise<Run> {
  await initCrypto();
  const lots = new Lots(seed);
  const scheduler = new Scheduler(START);
  if (observe !== undefined) scheduler.observe = observe;
  const counters = new Counters();
  const world: SimWorld = {
    seed,
    scheduler,
    lots,
    counters,
    relay: new SimRelay(scheduler, lots, counters),
    sqlite: await testSqlite(),
    mls,
    storage,
    records: { entryKeys: new Map(), exported: new Set(), joins: 0 },
    treePadding: lots.chance(0.15) ? 40_000 : 0,
    failures: new Set(),
    ...(hostile ? { meddle: hostileRelay(lots) } : {}),
  };
  const count = wanted ?? (lots.chance(0.75) ? 3 : lots.between(4, NAMES.length));
  const devices = NAMES.slice(0, count).map((name, i) => new Device(world, name, i));
  const faulty = !lots.chance(0.1);
  const some = (): boolean => faulty && lots.chance(0.6);
  const classes = {
    network: some(),
    crashes: some(),
    disk: some(),
    relay: some(),
    clocks: some(),
    weeks: lots.chance(0.2),
  };
  return { world, ledger: new Ledger(world), devices, classes, hostile };
}

/** Accounts for all; mostly also contacts and a group, so that much can happen. */
async function makeAccounts(run: Run): Promise<void> {
  const { lots } = run.world;
  if (lots.chance(0.12)) await openAccounts(run);
  else await makeContacts(run, !lots.chance(0.3));
}

async function openAccounts({ world, ledger, devices, classes }: Run): Promise<void> {
  const { scheduler } = world;
  for (const device of devices) {
    // Some make their database at the second try.
    if (classes.crashes && world.lots.chance(0.2)) device.crashWhileWriting(world.lots.between(0, 12));
    device.start();
  }
  // A device may meet its fate several times in a row.
  await scheduler.runUntil(scheduler.now + 10 * MINUTE_MS, () => devices.every(({ running }) => running));
  for (const device of devices) device.files.decide = () => undefined;
  await scheduler.runUntil(scheduler.now + 1_000);
  for (const device of devices) {
    const input = { name: ledger.newName(device.name), relayUrl: RELAY_URL, deviceName: ledger.newName("device") };
    const account = await scheduler.waitFor(need(device).createAccount(input), MINUTE_MS);
    device.id = account.id;
  }
}

/** Makes accounts, all of them contacts of each other. @returns The id of their common group, if there is to be one. */
export async function makeContacts(run: Run, withGroup: boolean): Promise<string | undefined> {
  const { world, ledger, devices } = run;
  const { scheduler } = world;
  await openAccounts(run);
  for (const [i, inviter] of devices.entries()) {
    for (const invitee of devices.slice(i + 1)) {
      const { link } = await scheduler.waitFor(
        need(inviter).createInvite({ reusable: false, expiresInMs: 3_600_000 }),
        MINUTE_MS,
      );
      await scheduler.waitFor(need(invitee).acceptInvite(link), MINUTE_MS);
      await scheduler.runUntil(scheduler.now + 1_000);
      for (const { id } of await need(inviter).requests()) {
        await scheduler.waitFor(
          inviter.act("accept", (client) => client.acceptRequest(id)),
          MINUTE_MS,
        );
      }
      await scheduler.runUntil(scheduler.now + 3_000);
    }
  }
  const [first] = devices;
  if (first === undefined || !withGroup) return undefined;
  const contacts = await need(first).contacts();
  const { id } = await need(first).createGroup({
    name: ledger.newName("group"),
    contactIds: contacts.map((contact) => contact.id),
  });
  await scheduler.runUntil(scheduler.now + 3_000);
  for (const device of devices.slice(1))
    await scheduler.waitFor(doAction({ world, ledger }, device, "answer"), MINUTE_MS);
  await scheduler.runUntil(scheduler.now + 1_000);
  return id;
}

/** @throws Error if the device is down. */
export function need(device: Device): NonNullable<Device["client"]> {
  if (device.client === undefined) throw new Error("a client does not run");
  return device.client;
}

/** Users act and things break, at moments chosen by lot; two things often fall on one instant. */
async function live(run: Run): Promise<void> {
  const { world, ledger, devices, classes } = run;
  const { lots, scheduler } = world;
  const steps = lots.between(40, 80);
  const weeksAt = classes.weeks ? lots.between(10, steps - 10) : -1;
  for (let step = 0; step < steps; step += 1) {
    if (step === weeksAt) await awayForWeeks(run);
    if (lots.chance(0.2)) breakSomething(world, devices, classes);
    if (lots.chance(0.1)) commitTogether(run);
    const device = lots.pick(devices);
    if (device !== undefined) void doAction({ world, ledger }, device, lots.weighted(USUAL));
    const pause = lots.chance(0.25) ? 0 : lots.between(1, lots.chance(0.2) ? 8_000 : 800);
    if (pause > 0) await scheduler.runUntil(scheduler.now + pause);
  }
}

/** Several members wish for a change of one group at one instant. */
function commitTogether({ world, ledger, devices }: Run): void {
  world.counters.add("two commits at one instant");
  for (const device of devices) void doAction({ world, ledger }, device, world.lots.chance(0.8) ? "rename" : "promote");
}

async function awayForWeeks(run: Run): Promise<void> {
  const { world, ledger, devices } = run;
  const { lots, scheduler } = world;
  heal(world, devices);
  await scheduler.runUntil(scheduler.now + MINUTE_MS);
  const away = devices.filter(() => lots.chance(0.6));
  await scheduler.waitFor(Promise.all(away.map((device) => device.stop())), MINUTE_MS);
  for (let i = 0; i < 12; i += 1) {
    const device = lots.pick(devices.filter((one) => !away.includes(one)));
    if (device !== undefined) void doAction({ world, ledger }, device, lots.weighted(USUAL));
    await scheduler.runUntil(scheduler.now + 500);
  }
  await passWeeks(world);
  for (const device of devices) {
    device.calm = false;
    device.start();
  }
}

/** Faults end; then everything must come to rest, and be in order. */
export async function settleAll(run: Run): Promise<void> {
  const { world, devices, hostile } = run;
  const { scheduler } = world;
  heal(world, devices);
  const end = scheduler.now + SETTLE_MS;
  await scheduler.runUntil(scheduler.now + MINUTE_MS / 2);
  for (const device of devices) device.start();
  await scheduler.runUntil(scheduler.now + MINUTE_MS / 2);
  for (let calm = 0; calm < 2 && scheduler.now < end;) {
    const settled = await Promise.all(
      devices.map((device) => scheduler.waitFor(need(device).settle(20_000), MINUTE_MS)),
    );
    calm = settled.every((one) => one) ? calm + 1 : 0;
    await scheduler.runUntil(scheduler.now + 5_000);
  }
  if (hostile) return;
  for (const device of devices) {
    if (!(await scheduler.waitFor(need(device).settle(5_000), MINUTE_MS))) device.fail("does not come to rest");
  }
}

/** Everybody says something once more, everywhere; it must reach all. Nothing proves better that all agree on the epoch. */
async function lastWords({ world, ledger, devices }: Run): Promise<void> {
  const { scheduler } = world;
  for (const device of devices) {
    for (const { id, state, kind } of await need(device).conversations()) {
      if (state === "active" && kind !== "own")
        await device.act("last words", (client) => sendText({ world, ledger }, client, device, id));
    }
  }
  await scheduler.runUntil(scheduler.now + 10_000);
  for (const device of devices) {
    if (!(await scheduler.waitFor(need(device).settle(30_000), MINUTE_MS)))
      device.fail("does not come to rest after the last words");
  }
}

/** Compares what all devices show, and looks through what the relay was given. */
export async function judgeAll({ world, ledger, devices, classes, hostile }: Run): Promise<void> {
  await judge({ world, ledger, devices, expiring: classes.weeks, hostile });
  auditSecrecy(world, ledger, devices);
  if (world.mls === "fake") auditGenerations(world);
  if (world.relay.internalErrors > 0) world.failures.add("the relay failed inside");
  if (world.treePadding > 0 && world.records.joins > 0) world.counters.add("welcome by blob");
  if (hostile) return;
  for (const device of devices) if (device.alarms.length > 0) device.fail(`raised alarms: ${device.alarms.join()}`);
}

async function closeAll({ world, devices }: Run): Promise<void> {
  for (const device of devices) {
    await world.scheduler.waitFor(device.stop(), MINUTE_MS).catch((error: unknown) => {
      device.fail(`does not close: ${describe(error)}`);
    });
  }
  // What a timer does after the end is a failure, too.
  await world.scheduler.runUntil(world.scheduler.now + 10 * MINUTE_MS);
}
