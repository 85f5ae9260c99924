import { join } from "node:path";
import { CONTRACT_LIMITS } from "@stonechat/testkit";
import { onTestFinished } from "vitest";
import { SqliteStore } from "../store/sqlite-store.ts";
import { describePoolStore } from "../testing/pool-store-contract.ts";
import { temporaryFolder } from "../testing/relay-fixture.ts";
import { MemoryPoolStore } from "./memory-pool-store.ts";

describePoolStore("memory", () => Promise.resolve(new MemoryPoolStore()));

describePoolStore("SQLite", async () => {
  const path = join(await temporaryFolder(), "relay.sqlite");
  const store = await SqliteStore.open({ path, limits: CONTRACT_LIMITS, reserveBytes: 0 });
  onTestFinished(() => store.close());
  return store.pools;
});
