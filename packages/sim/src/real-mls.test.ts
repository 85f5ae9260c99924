import { expect, test } from "vitest";
import { runCampaign } from "./campaign.ts";

test("32 faulty networks with real MLS keep every promise, too", async () => {
  const { failed, unreached } = await runCampaign("real MLS", {
    first: 9001,
    count: 32,
    mls: "real",
    mustReach: [
      "commit race lost",
      "message refused by a stale epoch",
      "crashed while writing",
      "frames half delivered",
      "group joined",
    ],
  });
  expect(failed).toEqual([]);
  expect(unreached).toEqual([]);
});

test("four lying relays get nothing past real MLS", async () => {
  const { failed } = await runCampaign("real MLS, hostile relay", {
    first: 9501,
    count: 4,
    mls: "real",
    hostile: true,
    mustReach: [],
  });
  expect(failed).toEqual([]);
});
