import { initCrypto } from "@stonechat/crypto/issuer";
import { CONTRACT_LIMITS, describeLogStore } from "@stonechat/testkit";
import { describe } from "vitest";
import { PostgresStore } from "./postgres-store.ts";
import { postgresForAll, postgresMissing } from "../testing/postgres-fixture.ts";

await initCrypto();

describe.skipIf(postgresMissing())("on a real server", () => {
  const server = postgresForAll();

  describeLogStore("PostgreSQL", async () => {
    const store = await PostgresStore.open({
      urls: [await server().database()],
      limits: CONTRACT_LIMITS,
      clock: { now: () => 1_800_000_000_000 },
      log: () => undefined,
    });
    return { store, close: () => store.close() };
  });
});
