import { randomInt } from "node:crypto";
import { join } from "node:path";
import { initCrypto } from "@stonechat/crypto/issuer";
import { expect, test } from "vitest";
import { startChildRelay, type ChildRelay } from "../testing/child-relay.ts";
import { Journal } from "../testing/faults/journal.ts";
import { Ledger } from "../testing/faults/ledger.ts";
import type { Outcome } from "../store/operations.ts";
import type { StoreOperation } from "../testing/faults/perform.ts";
import { performRemotely } from "../testing/faults/remote-store.ts";
import { Tally } from "../testing/faults/tally.ts";
import { TokenBook } from "../testing/faults/token-book.ts";
import { Workload, type WorkloadSize } from "../testing/faults/workload.ts";
import { ClosedError, FrameClient } from "../testing/frame-client.ts";
import { temporaryFolder } from "../testing/relay-fixture.ts";

await initCrypto();
/** How often each store is killed; the one that relays use by default more often. */
const ROUNDS = [
  { store: "segments", rounds: Number(process.env["STONECHAT_KILL_ROUNDS"] ?? 50) },
  { store: "sqlite", rounds: Number(process.env["STONECHAT_KILL_ROUNDS"] ?? 15) },
] as const;
/** Clients may be as quick as they can. */
const UNLIMITED = "1000000000";
const BUDGETS = {
  appendKibPerSecond: UNLIMITED,
  appendKibPerSecondPerLog: UNLIMITED,
  appendKibPerSecondPerPrefix: UNLIMITED,
};
const CLIENTS = 4;
const MOST_ADOPTED = 3;
const SIZE: WorkloadSize = { logs: 1, perLog: 6, largeBody: 4000, expiring: false, pools: true };
const MAX_RESTART_MS = 5000;

/** Writes until the relay dies. */
async function write(relay: ChildRelay, workload: Workload, journal: Journal, tokens: TokenBook): Promise<void> {
  try {
    const client = await FrameClient.open(relay.url);
    await workload.run(journal.over(performRemotely(client, tokens)), Infinity);
  } catch (error) {
    if (!(error instanceof ClosedError) && !(error instanceof Error && "code" in error)) throw error;
  }
}

/** So many logs that are gone may be asked for on one connection, by far. */
const READS_A_CONNECTION = 2000;

/** Reads everything, with a new connection now and then: a relay takes many questions for what is not there amiss. */
class ManyReads {
  readonly #url: string;
  readonly #clients: Promise<FrameClient>[] = [];
  #reads = 0;

  constructor(url: string) {
    this.#url = url;
  }

  async perform(operation: StoreOperation, tokens: TokenBook): Promise<Outcome> {
    if (this.#reads % READS_A_CONNECTION === 0) this.#clients.push(FrameClient.open(this.#url));
    this.#reads += 1;
    const client = await this.#clients.at(-1);
    if (client === undefined) throw new RangeError("not connected");
    return await performRemotely(client, tokens)(operation);
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await (await client).close();
  }
}

/** Some of the logs that are there, other ones for each client. */
function shares(ledger: Ledger): readonly (readonly ReturnType<Ledger["openLogs"]>[number][])[] {
  const logs = ledger.openLogs().toSorted(() => randomInt(3) - 1);
  return Array.from({ length: CLIENTS }, (_, client) => logs.slice(client * MOST_ADOPTED, (client + 1) * MOST_ADOPTED));
}

for (const { store, rounds } of ROUNDS) {
  test(
    `${store}: a relay killed at ${String(rounds)} random moments under load loses and doubles nothing`,
    { timeout: 30_000 + rounds * 5000 },
    async () => {
      const flags = { store, ...BUDGETS };
      const data = join(await temporaryFolder(), "data");
      const tally = new Tally(`${store}/kill -9 under load`);
      const ledger = new Ledger(false);
      const journal = new Journal((item) => {
        ledger.note(item);
      });
      const tokens = new TokenBook();
      const restarts: number[] = [];
      let relay = await startChildRelay(data, flags);
      for (let round = 0; round < rounds; round += 1) {
        const writers = shares(ledger).map((logs, client) => {
          const workload = new Workload(round * CLIENTS + client + 1, SIZE, tokens);
          workload.adopt(logs);
          return write(relay, workload, journal, tokens);
        });
        // Now and then before anything was acknowledged, mostly after.
        const enough = round % 4 === 3 ? 0 : ledger.acknowledged + 1;
        do {
          await new Promise((resolve) => {
            setTimeout(resolve, randomInt(20, 250));
          });
        } while (ledger.acknowledged < enough);
        await relay.kill();
        await Promise.all(writers);
        const began = performance.now();
        relay = await startChildRelay(data, flags);
        restarts.push(performance.now() - began);
        const reader = new ManyReads(relay.url);
        const examination = await ledger.examine((operation) => reader.perform(operation, tokens), "only-read");
        tally.add(ledger.acknowledged, examination, `round ${String(round)}`);
        examination.settle();
        await reader.close();
      }
      expect(await relay.stop()).toBe(0);
      restarts.sort((a, b) => a - b);
      tally.conclude(`slowest restart ${String(Math.round(restarts.at(-1) ?? 0))} ms`);
      // On a quiet machine every one is far below; on a busy one the median still must be.
      expect(restarts[Math.floor(restarts.length / 2)]).toBeLessThan(MAX_RESTART_MS);
    },
  );
}
