import { expect, test } from "vitest";
import { runCampaign } from "./campaign.ts";

test("60 relays that drop, repeat, swap, change and invent entries show nobody anything that no member wrote", async () => {
  const { failed } = await runCampaign("hostile relay", {
    first: 5001,
    count: 60,
    mls: "fake",
    hostile: true,
    mustReach: [],
  });
  expect(failed).toEqual([]);
});
