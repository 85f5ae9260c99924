import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import { expect, onTestFinished, test } from "vitest";
import { openNodeBlockFiles } from "./node-block-files.ts";

const WRITER = fileURLToPath(new URL("./database-writer.fixture.ts", import.meta.url));
const KILLS = 25;

async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "node-database-"));
  onTestFinished(async () => rm(path, { recursive: true }));
  return path;
}

/** Starts a writer, kills it once it has reported `reports` ids, and returns the first and last id it reported. */
async function writeAndKill(path: string, reports: number): Promise<{ found: number; durable: number }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", WRITER, path]);
  const found = { first: -1, last: -1 };
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  let rest = "";
  let seen = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [word, id] = line.split(" ");
      if (word === "found") found.first = Number(id);
      found.last = Number(id);
      seen += 1;
    }
    if (seen >= reports) child.kill("SIGKILL");
  });
  const { signal } = await ended(child);
  expect(errors).toBe("");
  expect(signal).toBe("SIGKILL");
  return { found: found.first, durable: found.last };
}

async function ended(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      resolve({ code, signal });
    });
  });
}

test(`no durable transaction is lost and none is halved by ${String(KILLS)} kills under load`, async () => {
  const path = await temporaryFolder();
  const random = createSeededFractions(25);
  let durable = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const life = await writeAndKill(path, 1 + Math.floor(random() * 40));
    expect(life.found).toBeGreaterThanOrEqual(durable);
    durable = life.durable;
  }
  expect(durable).toBeGreaterThan(KILLS);
}, 240_000);

test("two processes cannot open one profile", async () => {
  const path = await temporaryFolder();
  const files = await openNodeBlockFiles(path);
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", WRITER, path]);
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const { code } = await ended(child);
  expect(code).not.toBe(0);
  expect(errors).toContain("busy");
  files.close();
});
