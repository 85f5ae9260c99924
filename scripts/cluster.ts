/**
 * `npm run cluster [-- FOLDER]`: PostgreSQL, NATS and three relays with one set of data, all on this machine, that anyone
 * may join. Needs Debian's packages postgresql and nats-server. A part that ends is started again, so that each may be
 * killed to see what becomes of it. FOLDER (default: cluster) keeps the data. Ctrl-C stops all of it.
 */
import { resolve } from "node:path";
import { whyNoNats } from "../packages/relay/src/nats/testing/nats-server.ts";
import { whyNoPostgres } from "../packages/relay/src/postgres/testing/postgres-server.ts";
import { LocalCluster } from "../packages/relay/src/testing/local-cluster.ts";

const FIRST_PORT = 8081;
const RELAYS = 3;
const PAUSE_MS = 500;

const missing = whyNoPostgres() ?? whyNoNats();
if (missing !== undefined) {
  say(missing);
  process.exit(1);
}

const folder = resolve(process.argv[2] ?? "cluster");
const cluster = await LocalCluster.start({ folder, relays: RELAYS, port: FIRST_PORT });
say(`PostgreSQL: ${cluster.postgresUrl}`);
say(`NATS:       ${cluster.nats.url}`);
cluster.urls.forEach((url, n) => {
  say(`Relay ${String(n + 1)}:    ${url} (process ${String(cluster.relay(n).process.pid)})`);
});
say("Ctrl-C stops all of them.");

const stopping = { begun: false };
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    stopping.begun = true;
    say("Stopping.");
    void cluster.close().then(() => {
      process.exit(0);
    });
  });
}
for (let n = 0; n < RELAYS; n += 1)
  void watch(
    `Relay ${String(n + 1)}`,
    () => cluster.relay(n).ended,
    () => cluster.restart(n),
  );
void watch(
  "NATS",
  () => cluster.nats.ended,
  () => cluster.nats.start(),
);
void watch(
  "PostgreSQL",
  () => cluster.postgres.ended,
  () => cluster.postgres.start(),
);

/** Starts a part again whenever it ends. */
async function watch(name: string, ended: () => Promise<unknown>, start: () => Promise<void>): Promise<void> {
  for (;;) {
    await ended();
    if (stopping.begun) return;
    say(`${name} ended: starting it again.`);
    await new Promise((done) => {
      setTimeout(done, PAUSE_MS);
    });
    await start().then(
      () => {
        say(`${name} is back.`);
      },
      (error: unknown) => {
        say(`${name} did not start: ${error instanceof Error ? error.message : "unknown"}`);
      },
    );
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
