import { fork } from "node:child_process";
import { chmod, cp } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { BLOB_OFFSET_HEADER, BLOB_WRITE_HEADER, type Request } from "@stonechat/protocol";
import { expect, onTestFinished, test } from "vitest";
import { loadConfig } from "../../config.ts";
import { startRelay, type RunningRelay } from "../../start-relay.ts";
import { FrameClient } from "../../testing/frame-client.ts";
import { temporaryFolder } from "../../testing/relay-fixture.ts";
import { ask, bodyOf, entryId, token } from "../../testing/service-fixture.ts";

const FORMAT_1 = fileURLToPath(new URL("../../testing/data-folders/format-1", import.meta.url));
/** When it was written; everything in it lives for ten years more. */
const WRITTEN_AT = 1_795_335_378_697;
/** Of the folder's one admission code. */
const CODE = "5Q91-YTZA-6961-44JW-JA5J-JKAB-5Y";

async function copyOfFormat1(): Promise<string> {
  const data = join(await temporaryFolder(), "data");
  await cp(FORMAT_1, data, { recursive: true });
  await chmod(data, 0o700);
  return data;
}

async function open(data: string, flags: Record<string, string> = {}): Promise<RunningRelay> {
  const config = loadConfig({ flags: { data, listen: "127.0.0.1:0", admission: "code", reserveMib: 1, ...flags } });
  const relay = await startRelay(config, { log: () => undefined, clock: { now: () => WRITTEN_AT + 60_000 } });
  onTestFinished(() => relay.close());
  return relay;
}

/** Everything that a relay of format 1 had acknowledged. */
async function expectAll(url: string): Promise<void> {
  const client = await FrameClient.open(url);
  const page = async (request: Request) => {
    const { entries, endOfEpoch } = await client.expect("entries", request);
    return { entries: entries.map(({ seq, kind, body }) => [seq, kind, body.length]), endOfEpoch };
  };
  expect(await page(ask.read(1, 0))).toEqual({
    entries: [...[0, 1, 2].map((seq) => [seq, "message", 100]), [3, "commit", 8]],
    endOfEpoch: true,
  });
  expect(await page(ask.read(1, 1, 4))).toEqual({
    entries: [...[4, 5].map((seq) => [seq, "message", 300]), [6, "commit", 8]],
    endOfEpoch: true,
  });
  expect(await page(ask.read(1, 2, 7))).toEqual({
    entries: [7, 8, 9].map((seq) => [seq, "message", 2000]),
    endOfEpoch: false,
  });
  const { entries } = await client.expect("entries", ask.read(2));
  expect(entries.map(({ seq, entryId: id, body }) => [seq, id, body])).toEqual([
    [0, entryId(1), bodyOf(1, 50)],
    [2, entryId(3), bodyOf(3, 50)],
  ]);
  expect(await client.ask(ask.read(3))).toMatchObject({ code: "unknown" });
  // The same entry again is the same position, in whatever epoch it was stored.
  expect(await client.ask(ask.append(1, 9, 2, 2000))).toEqual({ type: "appended", seq: 9 });
  expect(await client.ask(ask.append(1, 5, 1, 300))).toEqual({ type: "appended", seq: 5 });
  expect(await client.ask(ask.append(1, 90, 1))).toMatchObject({ code: "stale-epoch" });
  const whole = await fetch(`${url}/v1/blobs/${"B".repeat(42)}A`);
  expect(new Uint8Array(await whole.arrayBuffer())).toEqual(new Uint8Array(3000).fill(5));
  await client.close();
}

test("a folder of format 1, killed as it was, is opened with everything in it", async () => {
  const relay = await open(await copyOfFormat1());
  await expectAll(relay.url);
  const client = await FrameClient.open(relay.url);
  expect(await client.expect("taken", ask.take(1))).toMatchObject({ keyPackage: bodyOf(8), lastResort: false });
  expect(await client.expect("taken", ask.take(1))).toMatchObject({ keyPackage: bodyOf(9), lastResort: true });
  const admission = new TextEncoder().encode(CODE);
  await client.expect("done", { ...ask.create(9), admission } as ReturnType<typeof ask.create>);
  expect(await client.ask(ask.create(10))).toMatchObject({ code: "not-admitted" });
});

test("a file that was begun goes on where it stood", async () => {
  const { url } = await open(await copyOfFormat1());
  const path = `${url}/v1/blobs/${"C".repeat(42)}A`;
  expect((await fetch(path, { method: "HEAD" })).headers.get(BLOB_OFFSET_HEADER)).toBe("1000");
  const headers = {
    [BLOB_WRITE_HEADER]: Buffer.from(token("write")).toString("base64url"),
    [BLOB_OFFSET_HEADER]: "1000",
  };
  expect((await fetch(path, { method: "PATCH", headers, body: new Uint8Array(2000).fill(5) })).status).toBe(204);
  expect(new Uint8Array(await (await fetch(path)).arrayBuffer())).toEqual(new Uint8Array(3000).fill(5));
});

test(
  "killed again and again while it opens the folder, the next start has everything",
  { timeout: 60_000 },
  async () => {
    const data = await copyOfFormat1();
    const script = fileURLToPath(new URL("../../testing/relay-process.ts", import.meta.url));
    for (const afterMs of [100, 200, 300, 400, 500, 700, 900]) {
      const child = fork(script, [data, "{}"], { stdio: "ignore", execArgv: [] });
      const ended = new Promise((resolve) => {
        child.once("exit", resolve);
      });
      // The moment is what varies here; whatever it hits, nothing may be lost.
      setTimeout(() => child.kill("SIGKILL"), afterMs);
      await ended;
    }
    await expectAll((await open(data)).url);
  },
);

test("the folder stays one that the version before can open: nothing of its layout is changed, only added to", async () => {
  const before = layoutOf(join(await copyOfFormat1(), "relay.sqlite"));
  const data = await copyOfFormat1();
  const relay = await open(data);
  await expectAll(relay.url);
  await relay.close();
  const after = layoutOf(join(data, "relay.sqlite"));
  expect(after.version).toBe(1);
  for (const [name, sql] of before.objects) expect(after.objects.get(name), name).toBe(sql);
  // What the version before does not know must hold without it: tables of their own, and nothing that checks or triggers.
  const added = [...after.objects].filter(([name]) => !before.objects.has(name));
  for (const [name, sql] of added) expect(sql, name).toMatch(/^CREATE TABLE /);
});

function layoutOf(path: string): { readonly version: number; readonly objects: ReadonlyMap<string, string> } {
  const db = new DatabaseSync(path);
  const rows = db.prepare("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all();
  const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
  db.close();
  return { version, objects: new Map(rows.map(({ name, sql }) => [String(name), String(sql)])) };
}
