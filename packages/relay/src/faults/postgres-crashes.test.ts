import { initCrypto } from "@stonechat/crypto/issuer";
import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import { describe, expect, onTestFinished, test } from "vitest";
import { PostgresStore } from "../postgres/postgres-store.ts";
import { startCuttingProxy } from "../postgres/testing/cutting-proxy.ts";
import { postgresForAll, postgresMissing } from "../testing/postgres-fixture.ts";
import { StoreUnavailableError } from "../store/store-unavailable.ts";
import { Journal } from "../testing/faults/journal.ts";
import { Ledger } from "../testing/faults/ledger.ts";
import { performOn, type Perform } from "../testing/faults/perform.ts";
import { Tally } from "../testing/faults/tally.ts";
import { Workload, WORKLOAD_EPOCH } from "../testing/faults/workload.ts";

await initCrypto();
const LIMITS = { logQuotaBytes: 40_000, commitHeadroomBytes: 10_000 };
const CUTS = 80;
const KILLS = 10;
const PATIENCE_MS = 60_000;

/** Clients of a store with their ledger. What fails as unavailable is left in doubt, as it is for a client. */
function clientsOf(store: PostgresStore, seed: number, spoil = (perform: Perform): Perform => perform) {
  const ledger = new Ledger();
  const journal = new Journal((item) => {
    ledger.note(item);
  });
  const perform: Perform = performOn(store);
  const workload = new Workload(seed);
  const noted = journal.over(spoil(perform));
  /** One round; all that was asked is answered or in doubt when it settles. */
  const round = async (): Promise<void> => {
    await Promise.all(
      workload.next().map(async (operation) => {
        try {
          workload.heard(operation, await noted(operation));
        } catch (error) {
          if (!(error instanceof StoreUnavailableError)) throw error;
        }
      }),
    );
  };
  const examine = async (tally: Tally, where: string, manner: "only-read" | "thorough"): Promise<void> => {
    const examination = await ledger.examine(perform, manner);
    tally.add(ledger.acknowledged, examination, where);
    examination.settle();
  };
  return { round, examine };
}

describe.skipIf(postgresMissing())("on a real server", () => {
  const server = postgresForAll();

  async function storeOn(url: string): Promise<PostgresStore> {
    const options = { limits: LIMITS, clock: { now: () => WORKLOAD_EPOCH }, log: () => undefined };
    const store = await PostgresStore.open({ ...options, urls: [url], patienceMs: PATIENCE_MS });
    onTestFinished(() => store.close());
    return store;
  }

  test("PostgreSQL: the line cut at one answer after the other, it keeps what was acknowledged and nothing twice", async () => {
    const proxy = await startCuttingProxy(await server().database());
    onTestFinished(() => proxy.close());
    const { round, examine } = clientsOf(await storeOn(proxy.url), 3);
    const tally = new Tally("PostgreSQL/line cut at an answer");
    while (proxy.cuts < CUTS) {
      const before = proxy.cuts;
      proxy.cutAfter((before % 11) + 1);
      // A round may be over before so many answers: then the next one is cut.
      while (proxy.cuts === before) await round();
      await examine(tally, `cut ${String(proxy.cuts)}`, "only-read");
    }
    await examine(tally, "end", "thorough");
    tally.conclude();
  }, 300_000);

  test("PostgreSQL: killed under load, it keeps what was acknowledged and nothing twice", async () => {
    const random = createSeededFractions(7);
    const { round, examine } = clientsOf(await storeOn(await server().database()), 4);
    const tally = new Tally("PostgreSQL/killed");
    for (let kill = 0; kill < KILLS; kill += 1) {
      const load = (async () => {
        for (let n = 0; n < 6; n += 1) await round();
      })();
      for (let turns = Math.floor(random() * 200); turns > 0; turns -= 1) await new Promise(setImmediate);
      await server().kill();
      await server().start();
      await load;
      await examine(tally, `kill ${String(kill)}`, "only-read");
    }
    await examine(tally, "end", "thorough");
    tally.conclude();
  }, 300_000);

  test("PostgreSQL: an acknowledgement that nothing stands behind is noticed", async () => {
    const store = await storeOn(await server().database());
    const { round, examine } = clientsOf(store, 5, (perform) => (operation) => {
      if (operation.type !== "append") return perform(operation);
      return Promise.resolve({ type: "appended", seq: 0, epoch: 0, duplicate: false });
    });
    for (let n = 0; n < 5; n += 1) await round();
    const tally = new Tally("PostgreSQL, answering early");
    await examine(tally, "end", "only-read");
    expect(tally.lost + tally.complaints.length).toBeGreaterThan(0);
  });
});
