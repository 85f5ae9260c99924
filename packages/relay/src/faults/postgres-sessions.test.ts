import { initCrypto } from "@stonechat/crypto/issuer";
import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import postgres from "postgres";
import { describe, expect, onTestFinished, test } from "vitest";
import { PostgresStore } from "../postgres/postgres-store.ts";
import { postgresForAll, postgresMissing } from "../testing/postgres-fixture.ts";
import { StoreUnavailableError } from "../store/store-unavailable.ts";
import { Journal } from "../testing/faults/journal.ts";
import { Ledger } from "../testing/faults/ledger.ts";
import { performOn } from "../testing/faults/perform.ts";
import { Tally } from "../testing/faults/tally.ts";
import { SMALL_WORKLOAD, Workload, WORKLOAD_EPOCH } from "../testing/faults/workload.ts";

await initCrypto();
const LIMITS = { logQuotaBytes: 1e9, commitHeadroomBytes: 1e6 };
const KILLS = 4;
const ROUNDS_UNDER_FIRE = 6;
const PATIENCE_MS = 60_000;

/** Kills one of the server's sessions that belong to the store. The server then ends all others and recovers. */
async function killSession(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    const sessions = await sql<{ pid: number }[]>`
      SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`;
    const pid = sessions[0]?.pid;
    expect(pid, "a session of the store").toBeDefined();
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  } finally {
    await sql.end({ timeout: 1 });
  }
}

describe.skipIf(postgresMissing())("on a real server", () => {
  const server = postgresForAll();

  test("PostgreSQL: a session killed under load, it keeps what was acknowledged", { timeout: 240_000 }, async () => {
    const url = await server().database();
    const options = { limits: LIMITS, clock: { now: () => WORKLOAD_EPOCH }, log: () => undefined };
    const store = await PostgresStore.open({ ...options, urls: [url], patienceMs: PATIENCE_MS });
    onTestFinished(() => store.close());
    const ledger = new Ledger();
    const journal = new Journal((item) => {
      ledger.note(item);
    });
    const perform = journal.over(performOn(store));
    const workload = new Workload(9, { ...SMALL_WORKLOAD, pools: false });
    const round = async (): Promise<void> => {
      await Promise.all(
        workload.next().map(async (operation) => {
          try {
            workload.heard(operation, await perform(operation));
          } catch (error) {
            if (!(error instanceof StoreUnavailableError)) throw error; // in doubt, as it is for a client
          }
        }),
      );
    };
    const random = createSeededFractions(9);
    const tally = new Tally("PostgreSQL/session killed");
    await round();
    for (let kill = 0; kill < KILLS; kill += 1) {
      const load = (async () => {
        for (let n = 0; n < ROUNDS_UNDER_FIRE; n += 1) await round();
      })();
      for (let turns = Math.floor(random() * 100); turns > 0; turns -= 1) await new Promise(setImmediate);
      await killSession(url);
      await load;
      const examination = await ledger.examine(performOn(store), "only-read");
      tally.add(ledger.acknowledged, examination, `kill ${String(kill)}`);
      examination.settle();
    }
    tally.add(ledger.acknowledged, await ledger.examine(performOn(store), "thorough"), "end");
    tally.conclude();
  });
});
