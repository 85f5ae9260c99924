import { expect, test } from "vitest";
import { FrameClient } from "../testing/frame-client.ts";
import { RawSocket } from "../testing/raw-socket.ts";
import { relayFixture } from "../testing/relay-fixture.ts";
import { SPARE_PER_PREFIX } from "./connection-gate.ts";

/** Connections that begin a request and never end it. */
async function holders(url: string, count: number): Promise<readonly RawSocket[]> {
  const all = Array.from({ length: count }, () => new RawSocket(url));
  for (const { socket } of all) socket.write("GET /healthz HTTP/1.1\r\nHost: a\r\n");
  for (const { socket } of all)
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        resolve();
      };
      if (socket.connecting) socket.once("connect", settle).once("close", settle);
      else resolve();
    });
  return all;
}

test("one network cannot hold more connections open with requests that never end than it may have, and room comes back", async () => {
  const { url } = await relayFixture({ maxConnectionsPerPrefix: 5 });
  const client = await FrameClient.open(url);
  const all = await holders(url, SPARE_PER_PREFIX + 4);
  const refused = new RawSocket(url);
  expect(await refused.talk("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).toBe("");
  expect(all.filter(({ socket }) => socket.closed)).toEqual([]);
  expect((await client.ask({ type: "unsubscribe", logIds: [] })).type).toBe("done");
  for (const { socket, ended } of all) {
    socket.destroy();
    await ended;
  }
  await client.ask({ type: "unsubscribe", logIds: [] });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test("behind a proxy, from which all connections come, they are not counted", async () => {
  const { url } = await relayFixture({ maxConnectionsPerPrefix: 5, trustedProxy: "true" });
  const all = await holders(url, SPARE_PER_PREFIX + 20);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  for (const { socket } of all) socket.destroy();
});
