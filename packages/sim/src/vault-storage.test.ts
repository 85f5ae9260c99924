import { expect, test } from "vitest";
import { runCampaign } from "./campaign.ts";

test("60 faulty networks of clients whose files lie in a vault keep every promise, too", async () => {
  const { failed, unreached } = await runCampaign("vault", {
    first: 3001,
    count: 60,
    mls: "fake",
    storage: "vault",
    mustReach: ["crashed while writing", "crashed while opening", "crashed while sending", "attachment sent"],
  });
  expect(failed).toEqual([]);
  expect(unreached).toEqual([]);
});
