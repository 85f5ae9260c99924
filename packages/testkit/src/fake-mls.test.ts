import { initCrypto } from "@stonechat/crypto";
import { createFakeMls } from "./fake-mls.ts";
import { describeMls } from "./mls-contract.ts";
import { repeatableRandom } from "./repeatable-random.ts";

describeMls("createFakeMls", async () => {
  await initCrypto();
  const random = repeatableRandom("fake mls");
  const clock = { now: 1_790_000_000_000 };
  return { mls: createFakeMls({ random, now: () => clock.now }), random, clock };
});
