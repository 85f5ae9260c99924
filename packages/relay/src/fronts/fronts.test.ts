import { expect, test } from "vitest";
import { FrameClient } from "../testing/frame-client.ts";
import { relayFixture, temporaryFolder } from "../testing/relay-fixture.ts";
import { ask } from "../testing/service-fixture.ts";
import { startChildRelay } from "../testing/child-relay.ts";
import { join } from "node:path";

const CLIENTS = 12;

test("clients of different fronts hear of each other's entries, once and in order", { timeout: 60_000 }, async () => {
  const { url } = await relayFixture({ fronts: 3 });
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => FrameClient.open(url)));
  await clients[0]?.expect("done", ask.create(1));
  for (const client of clients) await client.expect("subscribed", ask.subscribe(1));
  await Promise.all(clients.map((client, n) => client.expect("appended", ask.append(1, n))));
  for (const client of clients) {
    const pushed = await client.pushedUntil((all) => all.flatMap(({ entries }) => entries).length >= CLIENTS);
    const seqs = pushed.flatMap(({ entries }) => entries.map(({ seq }) => seq));
    expect(seqs).toEqual(Array.from({ length: CLIENTS }, (_, n) => n));
  }
});

test("pages and files are served through every front, with the relay's headers", async () => {
  const { url } = await relayFixture({ fronts: 2 });
  for (let n = 0; n < 8; n += 1) {
    const answer = await fetch(`${url}/healthz`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await answer.text()).not.toBe("");
  }
  expect((await fetch(`${url}/v1/nothing`)).status).toBe(404);
});

test("the relay stops in order: what was asked is answered, and every front is gone", { timeout: 60_000 }, async () => {
  const { url, relay } = await relayFixture({ fronts: 2 });
  const clients = await Promise.all(Array.from({ length: 6 }, () => FrameClient.open(url)));
  await clients[0]?.expect("done", ask.create(1));
  const answers = clients.map((client, n) =>
    client.ask(ask.append(1, n)).then(
      ({ type }) => type,
      () => "closed",
    ),
  );
  await relay.close();
  const types = await Promise.all(answers);
  for (const type of types) expect(["appended", "closed"]).toContain(type);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});

test(
  "when the hub is killed its fronts end, and a new one finds what was acknowledged",
  { timeout: 60_000 },
  async () => {
    const data = join(await temporaryFolder(), "data");
    const first = await startChildRelay(data, { fronts: "2" });
    const client = await FrameClient.open(first.url);
    await client.expect("done", ask.create(1));
    await client.expect("appended", ask.append(1, 7));
    await first.kill();
    await client.ended;
    const second = await startChildRelay(data, { fronts: "2" });
    const again = await FrameClient.open(second.url);
    const page = await again.expect("entries", ask.read(1));
    expect(page.entries.map(({ seq }) => seq)).toEqual([0]);
    expect(await second.stop()).toBe(0);
  },
);
