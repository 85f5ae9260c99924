import { fork } from "node:child_process";
import { chmod, cp, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import type { Request } from "@stonechat/protocol";
import { expect, onTestFinished, test } from "vitest";
import { loadConfig } from "../../config.ts";
import { startRelay, type RunningRelay } from "../../start-relay.ts";
import type { EmbeddedKind } from "../../store/open-embedded-store.ts";
import { FrameClient } from "../../testing/frame-client.ts";
import { relayFixture, temporaryFolder } from "../../testing/relay-fixture.ts";
import { ask, bodyOf } from "../../testing/service-fixture.ts";
import { convertStore } from "./convert-store.ts";

const FORMAT_1 = fileURLToPath(new URL("../../testing/data-folders/format-1", import.meta.url));
const SCRIPT = fileURLToPath(new URL("../../testing/convert-process.ts", import.meta.url));
/** When the folder was written, with ten years to live. */
const WRITTEN_AT = 1_795_335_378_697;
/** Logs and entries of the folder, the destroyed log not counted. */
const KEPT = { logs: 2, entries: 12 };

async function copyOf(folder: string): Promise<string> {
  const data = join(await temporaryFolder(), "data");
  await cp(folder, data, { recursive: true });
  await chmod(data, 0o700);
  return data;
}

async function open(data: string): Promise<RunningRelay> {
  const config = loadConfig({ flags: { data, listen: "127.0.0.1:0", admission: "open", reserveMib: 1 } });
  const relay = await startRelay(config, { log: () => undefined, clock: { now: () => WRITTEN_AT + 60_000 } });
  onTestFinished(() => relay.close());
  return relay;
}

/** Everything that can be read or retried, as a client sees it. Looking changes nothing. */
async function viewOf({ url }: RunningRelay): Promise<unknown> {
  const client = await FrameClient.open(url);
  const requests: readonly Request[] = [
    ...[ask.read(1, 0), ask.read(1, 1, 4), ask.read(1, 2, 7), ask.read(1, 3), ask.read(2), ask.read(3), ask.read(9)],
    ...[ask.append(1, 0, 0, 100), ask.append(1, 5, 1, 300), ask.append(1, 9, 2, 2000)],
    ...[ask.append(1, 90, 1), ask.append(1, 91, 7), ask.commit(1, 6, 1), ask.append(3, 1)],
  ];
  const answers = [];
  for (const request of requests) answers.push(await client.ask(request));
  await client.close();
  return answers;
}

const kindOf = (data: string): EmbeddedKind => {
  const db = new DatabaseSync(join(data, "relay.sqlite"));
  const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
  db.close();
  return version === 2 ? "segments" : "sqlite";
};

/** Converts in a process of its own that dies after so many steps. @returns whether it came to its end. */
async function convertAndDie(data: string, to: EmbeddedKind, steps: number): Promise<boolean> {
  const child = fork(SCRIPT, [data, to, String(steps)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    execArgv: [],
  });
  return await new Promise((resolve) => {
    child.once("exit", (code) => {
      resolve(code === 0);
    });
  });
}

test("there and back again a relay answers the same, entry by entry, retry by retry", { timeout: 60_000 }, async () => {
  const data = await copyOf(FORMAT_1);
  const relay = await open(data);
  const before = await viewOf(relay);
  await relay.close();
  expect(await convertStore(data, "segments")).toMatchObject({ ...KEPT, damaged: 0, already: false });
  expect(kindOf(data)).toBe("segments");
  const between = await open(data);
  expect(await viewOf(between)).toEqual(before);
  const client = await FrameClient.open(between.url);
  expect(await client.expect("taken", ask.take(1))).toMatchObject({ keyPackage: bodyOf(8) });
  await client.expect("appended", ask.append(1, 50, 2, 700));
  await client.expect("appended", ask.commit(1, 51, 2));
  await client.expect("done", ask.create(20, "owner"));
  await client.expect("appended", ask.append(20, 1));
  await client.close();
  await between.close();
  expect(await convertStore(data, "sqlite")).toMatchObject({ logs: 3, entries: 15, damaged: 0 });
  expect(kindOf(data)).toBe("sqlite");
  expect((await readdir(data)).filter((name) => name.startsWith("segments"))).toEqual([]);
  const after = await open(data);
  const reader = await FrameClient.open(after.url);
  expect((await reader.expect("entries", ask.read(1, 2, 7))).entries.map(({ seq }) => seq)).toEqual([7, 8, 9, 10, 11]);
  expect((await reader.expect("entries", ask.read(20))).entries).toHaveLength(1);
  expect(await reader.expect("taken", ask.take(1))).toMatchObject({ lastResort: true });
  expect(await reader.ask(ask.append(1, 50, 2, 700))).toEqual({ type: "appended", seq: 10 });
});

test("killed after any step and run again it finishes, and nothing is lost", { timeout: 240_000 }, async () => {
  const reference = await open(await copyOf(FORMAT_1));
  const before = await viewOf(reference);
  let kills = 0;
  for (const to of ["segments", "sqlite"] as const) {
    const from = await copyOf(FORMAT_1);
    if (to === "sqlite") await convertStore(from, "segments");
    for (let steps = 1; ; steps += 1) {
      const data = await copyOf(from);
      const done = await convertAndDie(data, to, steps);
      if (!done) {
        kills += 1;
        await expect(open(data)).rejects.toThrow("a conversion of the data folder was not finished: run it again");
        await convertStore(data, to);
      }
      expect(kindOf(data)).toBe(to);
      // The relay that answers is looked at only now and then: starting one takes long.
      if (steps % 9 === 0 || done) expect(await viewOf(await open(data)), `${to} ${String(steps)}`).toEqual(before);
      if (done) break;
    }
  }
  console.log(`conversion: killed ${String(kills)} times, 0 entries lost`);
  expect(kills).toBeGreaterThan(30);
});

test("a relay that runs, a folder without messages, and one that is of the kind already are left alone", async () => {
  const running = await relayFixture({ store: "sqlite" });
  await expect(convertStore(running.data, "segments")).rejects.toMatchObject({ code: "in-use" });
  const empty = await relayFixture({ store: "sqlite" });
  await empty.relay.close();
  await expect(convertStore(empty.data, "segments")).rejects.toThrow("No relay has kept any messages");
  const data = await copyOf(FORMAT_1);
  expect(await convertStore(data, "sqlite")).toMatchObject({ already: true });
  expect(await readdir(data)).not.toContain("unfinished");
});

test("a body that is damaged is counted and left behind, and what cannot be read at all keeps the old store", async () => {
  const data = await copyOf(FORMAT_1);
  await convertStore(data, "segments");
  // Only what stands before the newest batch can be damaged by itself; damage in that one stops everything.
  const relay = await open(data);
  const client = await FrameClient.open(relay.url);
  await client.expect("appended", ask.append(1, 60, 2, 10));
  await client.close();
  await relay.close();
  const path = join(data, "segments", "0000000001.seg");
  const bytes = await readFile(path);
  const body = bytes.indexOf(Buffer.from(bodyOf(5, 300)));
  expect(body).toBeGreaterThan(0);
  const harmed = await copyOf(data);
  await writeFile(join(harmed, "segments", "0000000001.seg"), bytes.with(body + 7, 0xff));
  expect(await convertStore(harmed, "sqlite")).toMatchObject({ entries: KEPT.entries, damaged: 1 });

  const broken = await copyOf(data);
  await writeFile(join(broken, "segments", "0000000001.seg"), bytes.with(3, 0xff));
  await expect(convertStore(broken, "sqlite")).rejects.toThrow();
  expect(kindOf(broken)).toBe("segments");
  expect((await stat(join(broken, "segments", "0000000001.seg"))).size).toBe(bytes.length);
  expect(await readdir(broken)).not.toContain("unfinished");
});
