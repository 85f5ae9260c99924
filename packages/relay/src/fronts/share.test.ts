import { expect, test } from "vitest";
import { loadConfig } from "../config.ts";
import { defaultLimits } from "../service/limits.ts";
import { shareOf, shareOfLimits } from "./share.ts";

test("all fronts together are given what the settings say, and hardly more", () => {
  const config = loadConfig({ flags: { data: "/data", maxConnections: 1001, fronts: 4 } });
  const share = shareOf(config, 4);
  expect(share.maxConnections * 4).toBe(1004);
  expect(share.maxFollowedLogs * 4).toBe(config.maxFollowedLogs);
  expect(share.logQuotaMib).toBe(config.logQuotaMib);
});

test("in the long run no more KeyPackages, logs and guesses pass through several fronts than through one process", () => {
  const share = shareOfLimits({ poolTakeSeconds: 10 }, 3);
  expect(share.poolTakeSeconds).toBe(30);
  expect(share.poolTakeSecondsPerPrefix).toBe(defaultLimits.poolTakeSecondsPerPrefix * 3);
  expect((share.createsPerSecondPerPrefix ?? 0) * 3).toBeCloseTo(defaultLimits.createsPerSecondPerPrefix);
  expect((share.unknownPerSecondPerPrefix ?? 0) * 3).toBeCloseTo(defaultLimits.unknownPerSecondPerPrefix);
});
