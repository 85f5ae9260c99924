import { initCrypto } from "@stonechat/crypto/issuer";
import { describe, expect, onTestFinished, test } from "vitest";
import { whyNoNats } from "../nats/testing/nats-server.ts";
import { FrameClient } from "../testing/frame-client.ts";
import { LocalCluster } from "../testing/local-cluster.ts";
import { caughtUp, compareLedgers, RoamingClient, type SharedLog } from "../testing/roaming-client.ts";
import { ask, logId, token } from "../testing/service-fixture.ts";
import { whyNoPostgres } from "./testing/postgres-server.ts";

await initCrypto();

const LOGS = 3;
const CLIENTS = 6;
const ROUND = 20;

const missing = whyNoPostgres() ?? whyNoNats();
if (missing !== undefined) process.stderr.write(`skipped: ${missing}\n`);

/** Some clients over a cluster, each of which writes and follows until the test ends. */
async function gather(cluster: LocalCluster) {
  const maker = await FrameClient.open(cluster.urls[0] ?? "");
  for (let n = 0; n < LOGS; n += 1) await maker.expect("done", ask.create(n));
  await maker.close();
  const logs = Array.from({ length: LOGS }, (_, n): SharedLog => {
    return { logId: logId(n), readToken: token("read 0"), appendToken: token("append 0") };
  });
  let look: () => void = () => undefined;
  const clients = Array.from({ length: CLIENTS }, (_, n) => {
    const place = { own: n % LOGS, at: n, bodyBytes: 1024 };
    return new RoamingClient({
      urls: () => cluster.urls,
      logs,
      ...place,
      onNews: () => {
        look();
      },
    });
  });
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.close()));
  });
  const until = (enough: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      look = () => {
        if (enough()) resolve();
      };
      look();
    });
  /** Settles when every client has written and received so much more. */
  const goneOn = async (): Promise<void> => {
    const before = clients.map(({ acknowledged, received }) => [acknowledged.length, received.flat().length] as const);
    await until(() =>
      clients.every(({ acknowledged, received }, n) => {
        const [written = 0, read = 0] = before[n] ?? [];
        return acknowledged.length >= written + ROUND && received.flat().length >= read + ROUND;
      }),
    );
  };
  return { clients, until, goneOn };
}

describe.skipIf(missing !== undefined)("three relays over one database", () => {
  test("each part killed in turn under load: nothing acknowledged is lost, nothing is there twice", async () => {
    const cluster = await LocalCluster.start();
    onTestFinished(() => cluster.close());
    const { clients, until, goneOn } = await gather(cluster);
    await goneOn();
    for (const n of [0, 1, 2]) {
      await cluster.relay(n).kill();
      await goneOn();
      await cluster.restart(n);
    }
    await cluster.nats.kill();
    await goneOn();
    await cluster.nats.start();
    await goneOn();
    await cluster.postgres.kill();
    await cluster.postgres.start();
    await goneOn();
    await Promise.all(clients.map((client) => client.finishWriting()));
    await until(() => caughtUp(clients));
    const report = compareLedgers(clients);
    expect(report).toMatchObject({ lost: 0, doubled: 0, faults: [] });
    expect(report.acknowledged).toBeGreaterThanOrEqual(7 * CLIENTS * ROUND);
  }, 180_000);
});
