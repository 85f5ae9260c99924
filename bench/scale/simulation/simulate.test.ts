import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import { describe, expect, test } from "vitest";
import { poisson, secondsMood } from "./arrivals.ts";
import { simulate, type Outcome } from "./simulate.ts";
import type { System } from "./system.ts";

const TICK = 0.001;

/** One server that needs `serviceSeconds` for each, and arrivals as they please. */
function oneServer(load: number, serviceSeconds: number, seed: number): Outcome {
  const random = createSeededFractions(seed);
  const system: System = {
    parts: [{ name: "server", kind: "work", perSecond: 1 }],
    order: ["server"],
    routes: [{ name: "customers", steps: [{ part: "server", each: serviceSeconds }] }],
  };
  const arrive = (): number => poisson((load / serviceSeconds) * TICK, random);
  return simulate(system, { tickSeconds: TICK, ticks: 400_000, countFrom: 1000, arrive });
}

describe("a server with steady service times", () => {
  test.each([0.5, 0.7, 0.8])("makes customers wait as Pollaczek and Khinchine say at a load of %d", (load) => {
    const service = 0.05;
    const { mean, items } = oneServer(load, service, 1).ended.get("customers") ?? { mean: NaN, items: 0 };
    const wait = (load * service) / (2 * (1 - load));
    // Served work leaves bit by bit, so that an item's mean is the middle of its service.
    const expected = wait + service / 2;
    expect(items).toBeGreaterThan(1000);
    expect(mean / expected).toBeGreaterThan(0.9);
    expect(mean / expected).toBeLessThan(1.1);
  });

  test("is as busy as its load, and drains", () => {
    const [server] = oneServer(0.6, 0.01, 2).parts;
    expect(server?.use).toBeCloseTo(0.6, 1);
    expect(server?.backlogSeconds).toBeLessThan(0.5);
  });

  test("never drains above its capacity", () => {
    const [server] = oneServer(1.2, 0.01, 3).parts;
    expect(server?.use).toBeCloseTo(1, 2);
    expect(server?.backlogSeconds).toBeGreaterThan(60);
  });
});

describe("batches", () => {
  const system = (most: number): System => ({
    parts: [
      { name: "lane", kind: "batches", places: 2, most },
      { name: "database", kind: "work", perSecond: 1 },
      { name: "sync", kind: "delay", seconds: 0.005 },
    ],
    order: ["lane", "database", "sync"],
    routes: [
      {
        name: "rows",
        steps: [
          { part: "lane" },
          { part: "database", each: 1e-6, eachBatch: 1e-3 },
          { part: "sync", frees: "lane", acknowledges: true },
        ],
      },
    ],
  });
  const run = (most: number, perTick: number): Outcome =>
    simulate(system(most), { tickSeconds: TICK, ticks: 20_000, countFrom: 1000, arrive: () => perTick });

  test("grow with what waits, so that what each costs is shared", () => {
    const { parts, ended } = run(1000, 100);
    expect(ended.get("rows")?.p99).toBeLessThan(0.02);
    // 100,000 rows/s by themselves cost 0.1 s/s; two places and 6 ms a round are 333 batches/s and 0.33 s/s more.
    expect(parts.find(({ name }) => name === "database")?.use).toBeCloseTo(0.1 + 2 / 6, 1);
  });

  test("hold a flood back where they are limited", () => {
    const { parts } = run(100, 100);
    expect(parts.find(({ name }) => name === "lane")?.backlogSeconds).toBeGreaterThan(100_000);
  });

  test("lose and double nothing", () => {
    const { acknowledged, ended, parts } = run(1000, 7);
    const waiting = parts.find(({ name }) => name === "lane")?.mostItems ?? 0;
    const items = acknowledged.get("rows")?.items ?? 0;
    expect(ended.get("rows")?.items).toBeCloseTo(items, 6);
    expect(items).toBeGreaterThan(7 * 19_000 - 2 * waiting - 200);
    expect(items).toBeLessThanOrEqual(7 * 19_000 + 1e-6);
  });
});

test("the same seed gives the same run, another seed another", () => {
  expect(oneServer(0.8, 0.02, 7)).toEqual(oneServer(0.8, 0.02, 7));
  expect(oneServer(0.8, 0.02, 7)).not.toEqual(oneServer(0.8, 0.02, 8));
});

describe("arrivals", () => {
  test.each([0.1, 3, 40, 2000])("have the mean and the spread of a Poisson count at %d", (mean) => {
    const random = createSeededFractions(11);
    const counts = Array.from({ length: 20_000 }, () => poisson(mean, random));
    const average = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    const variance = counts.reduce((sum, count) => sum + (count - average) ** 2, 0) / counts.length;
    expect(average / mean).toBeCloseTo(1, 1);
    expect(variance / mean).toBeCloseTo(1, 1);
  });

  test("of an hour's seconds have one about as busy as the profile says, and their mean", () => {
    const random = createSeededFractions(5);
    const moods = Array.from({ length: 3600 }, () => secondsMood(2, random));
    expect(Math.max(...moods)).toBeGreaterThan(1.6);
    expect(Math.max(...moods)).toBeLessThan(2.6);
    expect(moods.reduce((sum, mood) => sum + mood, 0) / moods.length).toBeCloseTo(1, 1);
  });
});
