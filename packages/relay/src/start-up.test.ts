import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { loadConfig } from "./config.ts";
import { startRelay } from "./start-relay.ts";
import { startChildRelay } from "./testing/child-relay.ts";
import { FrameClient } from "./testing/frame-client.ts";
import { relayFixture, temporaryFolder } from "./testing/relay-fixture.ts";
import { ask } from "./testing/service-fixture.ts";

const start = (data: string, more: Record<string, string> = {}) =>
  startRelay(loadConfig({ flags: { data, listen: "127.0.0.1:0", admission: "open", ...more } }), {
    log: () => undefined,
  });

test("each mistake with the data folder ends the start with a message that says what to do", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "file");
  await writeFile(file, "");
  const shared = join(folder, "shared");
  await mkdir(shared);
  await writeFile(join(shared, "something"), "");
  await chmod(shared, 0o755);
  await expect(start(join(folder, "a", "b"))).rejects.toMatchObject({ name: "DataFolderError", code: "missing" });
  await expect(start(file)).rejects.toMatchObject({ code: "not-a-folder" });
  await expect(start(shared)).rejects.toMatchObject({
    code: "too-open",
    message: expect.stringContaining("chmod 700"),
  });
});

test("a folder made beforehand is closed to others and used", async () => {
  const folder = join(await temporaryFolder(), "data");
  await mkdir(folder, { mode: 0o755 });
  const relay = await start(folder);
  await relay.close();
});

test.skipIf(process.getuid?.() !== 0)(
  "a folder of another user is refused (only root can make one: skipped for others)",
  async () => {
    const folder = join(await temporaryFolder(), "data");
    await mkdir(folder, { mode: 0o700 });
    const { chown } = await import("node:fs/promises");
    await chown(folder, 12_345, 12_345);
    await expect(start(folder)).rejects.toMatchObject({ code: "wrong-owner" });
  },
);

test("a second relay on one folder is refused, and the first goes on", async () => {
  const { data, url } = await relayFixture();
  await expect(start(data)).rejects.toMatchObject({ name: "DataFolderError", code: "in-use" });
  await expect(startChildRelay(data)).rejects.toThrow(/exit code 1.*another relay/s);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test.for(["segments", "sqlite"])("%s: the lock of a relay that was killed does not stay", async (store) => {
  const data = join(await temporaryFolder(), "data");
  const killed = await startChildRelay(data, { store });
  await killed.kill();
  const next = await startChildRelay(data, { store });
  expect(await next.stop()).toBe(0);
});

test.for(["segments", "sqlite"])("%s: a folder of a newer version is refused and left as it is", async (store) => {
  const data = join(await temporaryFolder(), "data");
  await (await start(data, { store })).close();
  const db = new DatabaseSync(join(data, "relay.sqlite"));
  db.exec("PRAGMA user_version = 99");
  await expect(start(data, { store })).rejects.toMatchObject({
    name: "NewerFormatError",
    message: expect.stringContaining("newer version"),
  });
  expect(db.prepare("PRAGMA user_version").get()).toEqual({ user_version: 99 });
  db.close();
});

test("a database that is none is refused", async () => {
  const data = join(await temporaryFolder(), "data");
  await mkdir(data, { mode: 0o700 });
  await writeFile(join(data, "relay.sqlite"), "this is not a database, and long enough to be looked at".repeat(100));
  await expect(start(data)).rejects.toThrow(/not a database/);
});

test("an address in use ends the start and lets go of the folder", async () => {
  const { url } = await relayFixture();
  const data = join(await temporaryFolder(), "data");
  await expect(start(data, { listen: new URL(url).host })).rejects.toMatchObject({ code: "EADDRINUSE" });
  await (await start(data)).close();
});

test("a web folder without a page is refused", async () => {
  const data = join(await temporaryFolder(), "data");
  await expect(start(data, { webDir: await temporaryFolder() })).rejects.toThrow("webDir has no index.html");
});

test.for(["segments", "sqlite"])(
  "%s: stopping answers what is under way, closes sockets with 4004 and exits with 0",
  async (store) => {
    const data = join(await temporaryFolder(), "data");
    const relay = await startChildRelay(data, { store });
    const client = await FrameClient.open(relay.url);
    await client.ask(ask.create(1));
    const acknowledged: Promise<number | undefined>[] = [];
    for (let n = 0; n < 200; n += 1) {
      const request = { ...ask.append(1, 0), entryId: new Uint8Array(16).fill(n) } as ReturnType<typeof ask.append>;
      acknowledged.push(
        client.ask(request).then(
          (reply) => (reply.type === "appended" ? reply.seq : undefined),
          () => undefined,
        ),
      );
    }
    const [code, closeCode] = await Promise.all([relay.stop(), client.ended]);
    expect([code, closeCode]).toEqual([0, 4004]);
    const kept = (await Promise.all(acknowledged)).filter((seq) => seq !== undefined);
    const again = await startChildRelay(data, { store });
    const reader = await FrameClient.open(again.url);
    const page = await reader.expect("entries", ask.read(1, 0, 0, 500));
    expect(page.entries.map(({ seq }) => seq)).toEqual(expect.arrayContaining(kept));
    await again.stop();
  },
);

test("metrics are sums on a listener of their own, and not on the public one", async () => {
  const { relay, url } = await relayFixture({ metricsListen: "127.0.0.1:0" });
  const client = await FrameClient.open(url);
  await client.ask(ask.create(1));
  await client.ask(ask.append(1, 1));
  const text = await (await fetch(relay.metricsUrl ?? "")).text();
  expect(text).toMatch(/^stonechat_relay_appended_total 1$/m);
  expect(text).toMatch(/^stonechat_relay_connections_total 1$/m);
  expect(text).not.toMatch(/[{}]/);
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
});

test("a folder keeps the store that it was made with, and says how to change it", async () => {
  const data = join(await temporaryFolder(), "data");
  const relay = await startChildRelay(data, { store: "sqlite" });
  const client = await FrameClient.open(relay.url);
  await client.expect("done", ask.create(1));
  await relay.stop();
  const lines: unknown[] = [];
  const config = loadConfig({ flags: { data, listen: "127.0.0.1:0", admission: "open", store: "segments" } });
  const again = await startRelay(config, { log: (line) => void lines.push(line) });
  expect(lines).toContainEqual(expect.objectContaining({ event: "store-kept", store: "sqlite" }));
  const reader = await FrameClient.open(again.url);
  expect((await reader.expect("entries", ask.read(1))).entries).toEqual([]);
  await again.close();
});

test("no signal opens a debugger", async () => {
  const data = join(await temporaryFolder(), "data");
  const relay = await startChildRelay(data);
  relay.process.kill("SIGUSR1");
  expect((await fetch(`${relay.url}/healthz`)).status).toBe(200);
  expect(await relay.stop()).toBe(0);
  expect(relay.words()).not.toContain("Debugger");
});
