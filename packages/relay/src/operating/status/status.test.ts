import { expect, test } from "vitest";
import { FrameClient } from "../../testing/frame-client.ts";
import { relayFixture, type RelayFixture } from "../../testing/relay-fixture.ts";
import { ask } from "../../testing/service-fixture.ts";
import { askRelay } from "../control/ask-relay.ts";
import { CROWD, crowd, type RelayStatus } from "./relay-status.ts";
import { problemsOf, statusPage } from "./status-page.ts";

async function statusOf({ data }: RelayFixture): Promise<RelayStatus> {
  const answer = await askRelay(data, { ask: "status" });
  if (answer?.type !== "status") throw new Error("no status");
  return answer.status;
}

const pageOf = async (fixture: RelayFixture, path = "") =>
  await fetch((fixture.relay.metricsUrl ?? "").replace("/metrics", `/${path}`));

test.each([
  ["sqlite", 1],
  ["segments", 2],
])("%s: the status counts what is there, and says that something was synced", async (store, format) => {
  const fixture = await relayFixture({ retentionDays: 5, store });
  const client = await FrameClient.open(fixture.url);
  await client.expect("done", ask.create(1));
  for (let n = 0; n < 3; n += 1) await client.expect("appended", ask.append(1, n));
  const status = await statusOf(fixture);
  expect(status).toMatchObject({
    ...{ state: "serving", store, logs: 1, entries: 3, storageLow: false },
    versions: { relay: expect.stringMatching(/^\d+\.\d+\.\d+$/), node: process.versions.node, format },
    limits: { retentionDays: 5, admission: "open" },
  });
  expect(status.health?.syncs.count).toBeGreaterThan(3);
  expect(status.health?.syncs.p99Ms).toBeLessThanOrEqual(status.health?.syncs.maxMs ?? 0);
  expect(status.disk.freeBytes).toBeGreaterThan(0);
});

test("a few people are not counted out", async () => {
  expect([0, 1, CROWD - 1, CROWD].map(crowd)).toEqual(["few", "few", "few", CROWD]);
  const fixture = await relayFixture();
  await FrameClient.open(fixture.url);
  expect((await statusOf(fixture)).connections).toBe("few");
});

test("nothing in it tells one log, entry or address from another", async () => {
  const fixture = await relayFixture();
  const client = await FrameClient.open(fixture.url);
  await client.expect("done", ask.create(0xab));
  await client.expect("appended", ask.append(0xab, 0xcd));
  const text = JSON.stringify(await statusOf(fixture));
  for (const trace of ["abab", "cdcd", "q6ur", "127.0.0.1", "::1", fixture.data]) expect(text).not.toContain(trace);
});

test("the page is whole without scripts, and its numbers are those of the status", async () => {
  const fixture = await relayFixture({ metricsListen: "127.0.0.1:0" });
  const client = await FrameClient.open(fixture.url);
  await client.expect("done", ask.create(1));
  const response = await pageOf(fixture);
  const page = await response.text();
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
  expect(page).not.toMatch(/<script|style=|https?:/i);
  expect(page).toContain('<th scope="row">Logs</th><td>1</td>');
  expect(page).toContain("<td>fewer than 20</td>");
  const style = await pageOf(fixture, "status.css");
  expect(style.headers.get("content-type")).toBe("text/css; charset=utf-8");
  expect(await style.text()).toContain("prefers-color-scheme: dark");
});

test("the listener changes nothing, has nothing else, and answers to this machine's own names only", async () => {
  const fixture = await relayFixture({ metricsListen: "127.0.0.1:0" });
  for (const path of ["status", "reload", "backup", "metrics?x=1", "..%2f", "debug"])
    expect((await pageOf(fixture, path)).status, path).toBe(path.includes("%") ? 400 : 404);
  const url = fixture.relay.metricsUrl ?? "";
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) expect((await fetch(url, { method })).status).toBe(404);
  const { request } = await import("node:http");
  const foreign = await new Promise<number | undefined>((resolve) => {
    request(url, { headers: { host: "evil.example" } }, ({ statusCode }) => {
      resolve(statusCode);
    }).end();
  });
  expect(foreign).toBe(421);
});

test("what is wrong is said first, in sentences, and nothing that is told can break out of the page", async () => {
  const status = await statusOf(await relayFixture());
  const health = {
    syncs: { count: 1, meanMs: 1, p99Ms: 2000, maxMs: 3000 },
    expiryBacklog: 7,
    checkpointLagBytes: 8,
    damagedEntries: 2,
  };
  const sick: RelayStatus = { ...status, storageLow: true, health, limits: { "<b>": "</td><script>" } };
  // As on a disk with room and without haste, which the one below may not be.
  const calm = { ...health, syncs: { ...health.syncs, p99Ms: 2, maxMs: 3 }, damagedEntries: 0 };
  expect(problemsOf({ ...status, health: calm, disk: { freeBytes: 5, totalBytes: 10 } })).toEqual([]);
  expect(problemsOf(sick)).toHaveLength(3);
  const crowded: RelayStatus = { ...status, memoryAllowedBytes: 2 ** 30, indexBytes: 2 ** 29 + 1 };
  expect(problemsOf(crowded).join(" ")).toContain("more than half of the memory");
  const page = statusPage(sick, status.startedAt + 3 * 24 * 3_600_000);
  expect(page.indexOf("nearly full")).toBeLessThan(page.indexOf("<table>"));
  expect(page).toContain("3 days ago");
  expect(page).not.toMatch(/<script>|<b>/);
});

test("a series of metrics counts people from twenty on", async () => {
  const fixture = await relayFixture({ metricsListen: "127.0.0.1:0" });
  const metrics = async (): Promise<string> => await (await fetch(fixture.relay.metricsUrl ?? "")).text();
  for (let n = 1; n < CROWD; n += 1) await FrameClient.open(fixture.url);
  expect(await metrics()).not.toContain("open_connections");
  await FrameClient.open(fixture.url);
  expect(await metrics()).toMatch(/^stonechat_relay_open_connections 20$/m);
});

test("the metrics have what the status has in numbers", async () => {
  const fixture = await relayFixture({ metricsListen: "127.0.0.1:0" });
  const client = await FrameClient.open(fixture.url);
  await client.expect("done", ask.create(1));
  const text = await (await fetch(fixture.relay.metricsUrl ?? "")).text();
  for (const name of [
    "sync_p99_seconds",
    "expiry_backlog",
    "checkpoint_lag_bytes",
    "damaged_entries",
    "disk_free_bytes",
  ])
    expect(text).toMatch(new RegExp(`^stonechat_relay_${name} [0-9.e+-]+$`, "m"));
});
