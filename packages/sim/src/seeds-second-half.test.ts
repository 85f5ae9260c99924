import { expect, test } from "vitest";
import { runCampaign } from "./campaign.ts";
import { SOMETIMES } from "./counters.ts";

test("270 faulty networks of three and more clients lose nothing, show nothing twice, and agree in the end", async () => {
  const { failed, unreached } = await runCampaign("fake MLS", {
    first: 1001,
    count: 270,
    mls: "fake",
    mustReach: SOMETIMES,
  });
  expect(failed).toEqual([]);
  expect(unreached).toEqual([]);
});
