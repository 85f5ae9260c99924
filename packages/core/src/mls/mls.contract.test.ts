import { initCrypto, mlsPrimitives } from "@stonechat/crypto";
import { describeMls } from "@stonechat/testkit/mls-contract";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { createMls } from "./index.ts";

describeMls("createMls", async () => {
  await initCrypto();
  const random = repeatableRandom("mls contract");
  const clock = { now: 1_790_000_000_000 };
  return { mls: createMls({ primitives: mlsPrimitives(random), now: () => clock.now }), random, clock };
});
