import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { createAdmissionCode } from "../../admission/admission-codes.ts";
import { loadConfig, type RelayConfig } from "../../config.ts";
import { FrameClient } from "../../testing/frame-client.ts";
import { relayFixture, type RelayFixture } from "../../testing/relay-fixture.ts";
import { ask } from "../../testing/service-fixture.ts";
import { askRelay } from "../control/ask-relay.ts";
import { compareSettings, LIVE_SETTINGS } from "./live-settings.ts";
import type { SettingsReport } from "./settings-report.ts";

const DAY = 24 * 3600;

/** A relay whose settings file a test can rewrite. */
async function changeable(first: Record<string, string | number> = {}) {
  let file: Record<string, unknown> = {};
  let data = "";
  const read = (): RelayConfig => {
    const flags = { data, listen: "127.0.0.1:0", admission: "open", reserveMib: 1, ...first };
    return loadConfig({
      file: JSON.stringify(file),
      flags: Object.fromEntries(Object.entries(flags).filter(([name]) => !(name in file))),
    });
  };
  const fixture = await relayFixture(first, { readSettings: async () => read() });
  ({ data } = fixture);
  return {
    ...fixture,
    change: async (settings: Record<string, unknown>): Promise<SettingsReport> => {
      file = settings;
      const answer = await askRelay(data, { ask: "reload" });
      if (answer?.type === "settings") return answer.settings;
      throw new Error(answer?.type === "refused" ? answer.reason : "no answer");
    },
  };
}

const welcome = async ({ url }: Pick<RelayFixture, "url">) => {
  const client = await FrameClient.connect(url);
  const reply = await client.expect("welcome", { type: "hello", minVersion: 1, maxVersion: 1 });
  await client.close();
  return reply;
};

test("what clients are told follows the settings, for whoever comes next", async () => {
  const relay = await changeable();
  expect((await welcome(relay)).retentionSeconds).toBe(30 * DAY);
  const report = await relay.change({ retentionDays: 7, commitRetentionDays: 100, blobMaxMib: 200, admission: "code" });
  expect(report.changed).toEqual(["admission", "retentionDays", "commitRetentionDays", "blobMaxMib"]);
  expect(await welcome(relay)).toMatchObject({
    ...{
      retentionSeconds: 7 * DAY,
      commitRetentionSeconds: 100 * DAY,
      maxBlobBytes: 200 * 1024 ** 2,
      admission: "code",
    },
  });
});

test("a shorter retention holds for what comes; what is stored keeps the time it was promised", async () => {
  const relay = await changeable();
  const client = await FrameClient.open(relay.url);
  await client.expect("done", ask.create(1));
  const long = { ...ask.append(1, 1), ttlSeconds: 20 * DAY } as ReturnType<typeof ask.append>;
  await client.expect("appended", long);
  await relay.change({ retentionDays: 2 });
  await client.expect("appended", { ...long, entryId: new Uint8Array(16).fill(2) } as ReturnType<typeof ask.append>);
  const { entries } = await client.expect("entries", ask.read(1));
  const days = entries.map(({ expiresAt }) => Math.round((expiresAt - Date.now()) / 1000 / DAY));
  expect(days).toEqual([20, 2]);
});

test("quotas, limits of files and connections, and admission take effect at once", async () => {
  const relay = await changeable();
  const client = await FrameClient.open(relay.url);
  await client.expect("done", ask.create(1));
  await relay.change({ logQuotaMib: 1, maxConnections: 1, admission: "code" });
  for (let n = 0; n < 16; n += 1) await client.expect("appended", ask.append(1, n, 0, 65_000));
  expect(await client.ask(ask.append(1, 99, 0, 65_000))).toMatchObject({ type: "error", code: "full" });
  await expect(FrameClient.connect(relay.url)).rejects.toThrow("429");
  expect(await client.ask(ask.create(2))).toMatchObject({ type: "error", code: "not-admitted" });
  const code = new TextEncoder().encode(await createAdmissionCode(relay.data, { uses: 1, days: 1 }));
  await client.expect("done", { ...ask.create(2), admission: code } as ReturnType<typeof ask.create>);
  await relay.change({ logQuotaMib: 2, maxConnections: 10, admission: "open" });
  await client.expect("appended", ask.append(1, 99, 0, 65_000));
  await client.expect("done", ask.create(3));
  await FrameClient.open(relay.url);
});

test("one bad value is refused with its field's name, and none of the others takes effect", async () => {
  const relay = await changeable();
  await expect(relay.change({ retentionDays: 3, logQuotaMib: "hunter2" })).rejects.toThrow(
    /^relay\.json: logQuotaMib: this text is not allowed here; allowed: a whole number .* The old settings stay in force\.$/,
  );
  await expect(relay.change({ retentoinDays: 3 })).rejects.toThrow("retentoinDays");
  expect((await welcome(relay)).retentionSeconds).toBe(30 * DAY);
});

test("what needs a restart is named and left alone", async () => {
  const relay = await changeable({ trustedProxy: "false" });
  const report = await relay.change({ trustedProxy: true, publicUrl: "https://chat.example.org", retentionDays: 9 });
  expect(report).toMatchObject({ changed: ["retentionDays"], atNextStart: ["publicUrl", "trustedProxy"] });
  const row = report.settings.find(({ name }) => name === "trustedProxy");
  expect(row).toEqual({ name: "trustedProxy", value: false, live: false });
});

test("no text that may be a secret is told, and every live setting is marked so", async () => {
  const { data } = await relayFixture({ publicUrl: "https://hunter2.example" });
  const answer = await askRelay(data, { ask: "settings" });
  expect(JSON.stringify(answer)).not.toMatch(/hunter2/);
  const live = answer?.type === "settings" ? answer.settings.settings.filter((row) => row.live) : [];
  expect(live.map(({ name }) => name).sort()).toEqual([...LIVE_SETTINGS].sort());
});

test("without a settings file there is nothing to read again", async () => {
  const { data } = await relayFixture();
  expect(await askRelay(data, { ask: "reload" })).toMatchObject({
    type: "refused",
    reason: expect.stringContaining("--config"),
  });
});

test("OPERATING.md names exactly the settings that take effect while the relay runs", async () => {
  const manual = await readFile(new URL("../../../../../docs/OPERATING.md", import.meta.url), "utf8");
  const [, list = ""] = /These take effect at once, for everybody: ([^.]*)\./.exec(manual) ?? [];
  expect([...list.matchAll(/`([A-Za-z]+)`/g)].map(([, name]) => name)).toEqual(LIVE_SETTINGS);
});

test("a setting that did not change is neither changed nor waiting", () => {
  const config = loadConfig({ flags: { data: "d", origins: "https://a.example,https://b.example" } });
  expect(compareSettings(config, structuredClone(config))).toEqual({ config, changed: [], atNextStart: [] });
});

test("fronts follow the settings, too", { timeout: 60_000 }, async () => {
  const relay = await changeable({ fronts: 2 });
  await relay.change({ retentionDays: 4, admission: "code" });
  const told = async () => {
    const { retentionSeconds, admission } = await welcome(relay);
    return { retentionSeconds, admission };
  };
  // The hub tells its fronts and does not wait for them.
  await expect.poll(told, { timeout: 20_000 }).toEqual({ retentionSeconds: 4 * DAY, admission: "code" });
});
