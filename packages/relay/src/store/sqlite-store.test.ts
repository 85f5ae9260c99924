import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONTRACT_LIMITS, describeLogStore } from "@stonechat/testkit";
import { SqliteStore } from "./sqlite-store.ts";

describeLogStore("SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stonechat-relay-"));
  const store = await SqliteStore.open({
    path: join(folder, "relay.sqlite"),
    limits: CONTRACT_LIMITS,
    reserveBytes: 0,
  });
  return {
    store,
    close: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});
