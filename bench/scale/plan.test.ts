import { describe, expect, test } from "vitest";
import { breakingPoint, busyMinutes, comeBack, keepsUp, tightest } from "./breaking.ts";
import { demandOf } from "./demand.ts";
import { fixedLimits } from "./fixed-limits.ts";
import { needsOfCluster, needsOfOne, needsOfServices } from "./needs.ts";
import { PROFILE, SMALL_MACHINE, type Profile } from "./profile.ts";
import { cluster, clusterWork, oneProcess, THREAD } from "./systems.ts";
import { GROUND } from "./testing-ground.ts";
import { closedLoopRate, pairsProfile } from "./validate.ts";

const THREE = { relays: 3, databases: 1, natsServers: 1, telling: "everything" } as const;

describe("demand", () => {
  test("of pairs with one device each is one entry and one delivery a message", () => {
    const demand = demandOf(1000, pairsProfile(PROFILE));
    expect(demand.entriesPerDay).toBe(40_000);
    expect(demand.deliveriesPerDay).toBe(40_000);
    expect(demand.pushesPerSecond).toBeCloseTo(demand.entriesPerSecond, 9);
    expect(demand.entriesPerSecond).toBeCloseTo((40_000 * 0.1) / 3600, 9);
  });

  test("counts a receipt for each device of each other member, and none in large groups", () => {
    const profile: Profile = {
      ...pairsProfile(PROFILE),
      ...{ devicesPerPerson: 2, maxMembersForReceipts: 20, receiptsPerDeliveryToDevice: 1.5 },
      conversations: [
        { name: "small", shareOfMessages: 0.5, members: 5 },
        { name: "large", shareOfMessages: 0.5, members: 21 },
      ],
    };
    // 20 messages in groups of 5, each with 4 × 2 × 1.5 receipts.
    expect(demandOf(1, profile).receiptsPerDay).toBe(20 * 12);
    expect(demandOf(1, profile).deliveriesPerDay).toBe((20 + 240) * 9 + 20 * 41);
  });

  test("grows with the people in everything", () => {
    const [one, ten] = [demandOf(1000, PROFILE), demandOf(10_000, PROFILE)];
    expect(ten.meanEntryBytes).toBeCloseTo(one.meanEntryBytes, 9);
    for (const name of ["connections", "subscriptions", "entriesPerDay", "bodyBytesKept", "blobBytesKept"] as const)
      expect(ten[name] / one[name]).toBeCloseTo(10, 9);
  });

  test("keeps what a day brings for as many days as the profile says", () => {
    const demand = demandOf(1000, { ...PROFILE, commitsPerDeviceDay: 0 });
    expect(demand.bodyBytesKept).toBeCloseTo(demand.bodyBytesPerDay * PROFILE.retentionDays, 0);
    expect(demand.entriesKept).toBeCloseTo(demand.entriesPerDay * PROFILE.retentionDays, 0);
  });
});

describe("what is told", () => {
  test("grows with the relays where everything is told, and not where only what is followed is", () => {
    const demand = demandOf(60_000, PROFILE);
    const told = (relays: number, telling: "everything" | "what-is-followed"): number =>
      clusterWork(demand, { ...THREE, relays, telling }, GROUND).told;
    expect(told(100, "everything")).toBe(99);
    const pushes = demand.pushesPerSecond / demand.entriesPerSecond;
    expect(told(1000, "what-is-followed")).toBeLessThan(pushes);
    expect(told(1000, "what-is-followed")).toBeGreaterThan(0.99 * pushes);
    expect(told(2, "what-is-followed")).toBeLessThan(1);
  });
});

describe("needs", () => {
  test("of one process are its costs times the demand of an event", () => {
    const { demand, relayCores } = needsOfOne(1000, { ...GROUND, profile: pairsProfile(PROFILE) });
    const entries = demand.entriesPerSecond * PROFILE.newsEvent;
    expect(relayCores).toBeCloseTo((entries * (30 + 5) + demand.connections) / THREAD / 0.6, 9);
  });

  test("of relays that are told everything end somewhere", () => {
    expect(needsOfCluster(1e8, "everything", GROUND)).toBeUndefined();
    expect(needsOfCluster(1e8, "what-is-followed", GROUND)).toBeDefined();
  });

  test("of many services are never less than of their people in one", () => {
    const one = needsOfCluster(5e6, "what-is-followed", GROUND);
    const many = needsOfServices(5e6, "what-is-followed", GROUND);
    expect(many?.demand.connections).toBe(3 * (one?.demand.connections ?? NaN));
    expect(many?.diskBytes).toBeCloseTo(one?.diskBytes ?? NaN, -6);
    expect(many?.shape?.databases).toBeGreaterThanOrEqual(one?.shape?.databases ?? NaN);
  });

  test("suffice in the simulation", () => {
    for (const people of [60_000, 600_000]) {
      const shape = needsOfCluster(people, "everything", GROUND)?.shape;
      if (shape === undefined) throw new RangeError("no plan");
      expect(keepsUp(busyMinutes(people, cluster(people, shape, GROUND), PROFILE))).toBe(true);
    }
  });
});

test("what is used up without a queue comes in order, and memory goes by the machine", () => {
  const limits = fixedLimits(GROUND);
  expect(limits.map(({ people }) => people)).toEqual(limits.map(({ people }) => people).toSorted((a, b) => a - b));
  const one = limits.find(({ what }) => what.startsWith("one relay, a small"));
  const { memoryBytes } = needsOfOne(one?.people ?? NaN, GROUND);
  // All but what a process has before anybody comes grows with the people.
  expect(memoryBytes / SMALL_MACHINE.memoryBytes).toBeCloseTo(1, 1);
});

describe("the simulation", () => {
  test("agrees with the calculation on what one process bears", () => {
    const { people, part } = breakingPoint((count) => oneProcess(count, GROUND), PROFILE);
    // Planned is so that 60 % are used in an event; all of it is used at 1/0.6 times as many people, who come unevenly.
    const cores = needsOfOne(people, GROUND).relayCores * 0.6;
    expect(cores).toBeGreaterThan(0.7);
    expect(cores).toBeLessThan(1.05);
    expect(part).toBe("the process's thread");
  });

  test("names the part that was made small", () => {
    const slow = { ...GROUND, machine: { ...GROUND.machine, networkBytesPerSecond: 3e6 } };
    const outcome = busyMinutes(60_000, cluster(60_000, THREE, slow), PROFILE);
    expect(keepsUp(outcome)).toBe(false);
    expect(["NATS's network", "relays' network"]).toContain(tightest(outcome));
  });

  test("passes as much in a closed loop as its tightest part can", () => {
    const ground = { ...GROUND, profile: pairsProfile(PROFILE) };
    expect(closedLoopRate(oneProcess(2, ground), 2048) / (THREAD / 35)).toBeCloseTo(1, 1);
  });

  test("brings everybody back as fast as the process can greet them", () => {
    const people = 60_000;
    const { connections } = demandOf(people, PROFILE);
    const back = comeBack(people, connections, oneProcess(people, GROUND), PROFILE);
    const greeting = (connections * (100 + 30 * 10)) / THREAD;
    expect(back).toBeGreaterThan(greeting);
    expect(back).toBeLessThan(1.3 * greeting + PROFILE.comeBackSeconds);
  });
});
