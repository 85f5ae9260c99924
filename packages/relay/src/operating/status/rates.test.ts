import { expect, test } from "vitest";
import { Counters } from "../../service/counters.ts";
import { Rates, SAMPLE_MS } from "./rates.ts";

test("rates are those of the last minute, whatever was before", () => {
  const counters = new Counters();
  const rates = new Rates(counters, 0);
  for (let now = SAMPLE_MS; now <= 600_000; now += SAMPLE_MS) {
    counters.add("appended", now <= 300_000 ? 5000 : 50);
    counters.add("pushed", 5);
    rates.sample(now);
  }
  const { appended, pushed, requests } = rates.perSecond(600_000);
  expect(appended).toBeCloseTo(10);
  expect(pushed).toBeCloseTo(1);
  expect(requests).toBe(0);
});

test("right after the start nothing is divided by nothing", () => {
  const counters = new Counters();
  const rates = new Rates(counters, 1000);
  counters.add("appended", 7);
  expect(rates.perSecond(1000).appended).toBe(0);
  expect(rates.perSecond(2000).appended).toBe(7);
});

test("counters that fell, as those of a process that was started anew, give no negative rate", () => {
  let value = 100;
  const rates = new Rates({ get: () => value }, 0);
  value = 10;
  expect(rates.perSecond(1000).appended).toBe(0);
});
