import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cli, endProcessesAfterwards, startCli, type Running } from "../testing/processes.ts";
import { runCli } from "../testing/run-cli.ts";

const SLOW = 60_000;

endProcessesAfterwards();

let folder = "";
let relay: Running;
const at = (name: string): string => join(folder, name);
/** Runs `stonechat relay … --json` about the relay of this file. */
const relayCli = async (...argv: readonly string[]) => await cli(["relay", ...argv, "--data", at("data"), "--json"]);
const settings = (more: Record<string, unknown>): Promise<void> =>
  writeFile(at("relay.json"), JSON.stringify({ data: at("data"), listen: "127.0.0.1:0", reserveMib: 1, ...more }), {
    mode: 0o600,
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stonechat-relay-cli-"));
  await settings({});
  relay = startCli(["relay", "start", "--json", "--config", at("relay.json")]);
  await relay.line(({ type }) => type === "ready");
}, SLOW);

afterAll(async () => {
  relay.process.kill("SIGTERM");
  expect((await relay.ended).exitCode).toBe(0);
  await rm(folder, { recursive: true, force: true });
}, SLOW);

test("a running relay tells how it fares", { timeout: SLOW }, async () => {
  const { lines, exitCode } = await relayCli("status");
  expect(lines).toMatchObject([
    { type: "relay-status", state: "serving", connections: "few", store: expect.any(String) },
  ]);
  expect(exitCode).toBe((lines[0]?.["problems"] as readonly string[]).length === 0 ? 0 : 1);
  const plain = await cli(["relay", "status", "--data", at("data")]);
  expect(plain.out).toMatch(/^connections +fewer than 20/m);
});

test("changed settings take effect, wrong ones are named and change nothing", { timeout: SLOW }, async () => {
  await settings({ retentionDays: 9, publicUrl: "https://chat.example.org" });
  const { lines } = await relayCli("settings", "--reload");
  expect(lines).toMatchObject([{ type: "relay-settings", changed: ["retentionDays"], atNextStart: ["publicUrl"] }]);
  await settings({ retentionDays: 10, logQuotaMib: "hunter2" });
  const refused = await relayCli("settings", "--reload");
  expect(refused).toMatchObject({ exitCode: 1, out: "" });
  expect(refused.err).toContain("logQuotaMib");
  expect(refused.err).not.toContain("hunter2");
  const [now] = (await relayCli("settings")).lines;
  expect(now?.["settings"]).toContainEqual({ name: "retentionDays", value: 9, live: true });
});

test("a backup is taken while the relay runs, and restored elsewhere", { timeout: SLOW }, async () => {
  const taken = await relayCli("backup", at("backups"));
  expect(taken.lines).toMatchObject([{ type: "relay-backup", linkedBytes: 0, removed: 0 }]);
  const restored = await cli(["relay", "restore", at("backups"), "--data", at("elsewhere"), "--json"]);
  expect(restored.lines).toMatchObject([{ type: "relay-restored", takenAt: taken.lines[0]?.["takenAt"] }]);
  const again = await cli(["relay", "restore", at("backups"), "--data", at("elsewhere")]);
  expect(again.exitCode).toBe(1);
  expect(again.err).toContain("new or empty");
  const stopped = await cli(["relay", "backup", at("others"), "--data", at("elsewhere"), "--json"]);
  expect(stopped.lines).toMatchObject([{ type: "relay-backup" }]);
});

test("the doctor looks at this machine and at the relay's own limits", { timeout: SLOW }, async () => {
  await settings({});
  const { lines, exitCode } = await cli(["relay", "doctor", "--config", at("relay.json"), "--json"]);
  const failed = lines.filter(({ state }) => state === "failed");
  expect(exitCode).toBe(failed.length > 0 ? 1 : 0);
  expect(lines.find(({ name }) => name === "settings-file")).toMatchObject({ state: "ok" });
  expect(lines.find(({ name }) => name === "node")).toMatchObject({ type: "check", state: "ok" });
  expect(lines.map(({ name }) => name)).not.toContain("ports"); // the relay that runs has them
});

test("where no relay runs, and where there is no folder, that is said", async () => {
  const home = at("home");
  await mkdir(at("empty"), { recursive: true });
  const empty = await runCli(["relay", "status", "--data", at("empty")], { home });
  expect([empty.exitCode, empty.err]).toEqual([4, expect.stringContaining("No relay runs on this data folder")]);
  expect((await runCli(["relay", "settings", "--data", at("nowhere")], { home })).exitCode).toBe(1);
  expect((await runCli(["relay", "settings"], { home })).exitCode).toBe(2);
  expect((await runCli(["relay", "status", "https://x", "--data", at("empty")], { home })).exitCode).toBe(2);
  expect((await runCli(["relay", "backup", at("b"), "--data", at("empty")], { home })).exitCode).toBe(1);
  expect((await runCli(["relay", "restore", at("empty"), "--data", at("new")], { home })).err).toContain("no backup");
});

test("a stopped relay's messages are moved, and a running one's are not", async () => {
  const home = at("home");
  const refused = await runCli(["relay", "convert", "sqlite", "--data", at("data")], { home });
  expect([refused.exitCode, refused.err]).toEqual([1, expect.stringContaining("another relay uses this data folder")]);
  const already = await runCli(["relay", "convert", "segments", "--data", at("elsewhere")], { home });
  expect([already.exitCode, already.err]).toEqual([0, ""]);
  await mkdir(at("nothing"), { mode: 0o700 });
  const none = await runCli(["relay", "convert", "segments", "--data", at("nothing")], { home });
  expect([none.exitCode, none.err]).toEqual([1, expect.stringContaining("kept any messages")]);
  expect((await runCli(["relay", "convert", "papyrus", "--data", at("elsewhere")], { home })).exitCode).toBe(2);
});
