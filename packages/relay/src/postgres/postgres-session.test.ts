import { describe, expect, onTestFinished, test } from "vitest";
import { postgresForAll, postgresMissing } from "../testing/postgres-fixture.ts";
import { kindOfFailure } from "./postgres-errors.ts";
import { PostgresSession } from "./postgres-session.ts";
import { startCuttingProxy } from "./testing/cutting-proxy.ts";

describe.skipIf(postgresMissing())("on a real server", () => {
  const server = postgresForAll();

  async function sessionThroughProxy() {
    const proxy = await startCuttingProxy(await server().database());
    const session = new PostgresSession(proxy.url);
    onTestFinished(async () => {
      session.abandon();
      await proxy.close();
    });
    return { proxy, session };
  }

  test("a transaction whose line is cut fails, writes nothing more, and leaves the session able to go on", async () => {
    const { proxy, session } = await sessionThroughProxy();
    for (let round = 0; round < 20; round += 1) {
      const failure = await session
        .transaction(async (ask) => {
          await ask("SELECT 1");
          proxy.cutAfter(1);
          await ask("SELECT 2");
        })
        .catch((error: unknown) => error);
      expect(kindOfFailure(failure)).toBe("lost");
      // What would be written to a line that is gone would be written in one of these turns, and end the process.
      for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
      expect(await session.ask("SELECT 3 AS three")).toEqual([{ three: 3 }]);
    }
    expect(proxy.cuts).toBe(20);
  });

  test("a transaction that fails for another reason is rolled back, and its connection is used again", async () => {
    const { session } = await sessionThroughProxy();
    await session.ask("CREATE TABLE kept (n integer PRIMARY KEY)");
    for (let round = 0; round < 20; round += 1) {
      const work = session.transaction(async (ask) => {
        await ask("INSERT INTO kept VALUES (1)");
        await ask("INSERT INTO kept VALUES (1)");
      });
      await expect(work).rejects.toMatchObject({ code: "23505" });
    }
    expect(await session.ask("SELECT n FROM kept")).toEqual([]);
  });
});
