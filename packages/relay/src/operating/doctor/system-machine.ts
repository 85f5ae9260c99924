import { execFile } from "node:child_process";
import { mkdtemp, open, readdir, readFile, rm, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { FileFacts, FileSystemFacts, ListenTrial, Machine } from "./machine.ts";

const SYNC_BYTES = 4096;
const ASK_TIMEOUT_MS = 5000;
/** The most of a file of the system that is read. */
const MAX_TEXT_BYTES = 1024 * 1024;

/** The machine that this process runs on. */
export const systemMachine: Machine = {
  nodeVersion: process.versions.node,
  platform: process.platform,
  env: process.env,
  memoryBytes: totalmem(),
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms) => {
    await sleep(ms);
  },
  readText,
  facts,
  list: async (path) => await readdir(path).catch(() => []),
  fileSystem,
  timeSyncs,
  tryListen: ({ host, port }) =>
    new Promise<ListenTrial>((resolve) => {
      const server = createServer();
      server.once("error", (error: Error & { readonly code?: string }) => {
        resolve(trialOf(error.code));
      });
      server.listen({ host, port, exclusive: true }, () => {
        server.close(() => {
          resolve("free");
        });
      });
    }),
  ask: (program, args) =>
    new Promise((resolve) => {
      execFile(program, args, { timeout: ASK_TIMEOUT_MS, encoding: "utf8" }, (error, said) => {
        resolve(error === null ? said : undefined);
      });
    }),
};

function trialOf(code: string | undefined): ListenTrial {
  switch (code) {
    case "EADDRINUSE":
      return "taken";
    case "EACCES":
    case "EPERM":
      return "not-permitted";
    default:
      return "not-here";
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path, "utf8");
    return text.length > MAX_TEXT_BYTES ? undefined : text;
  } catch {
    // Absent, closed to us or no text: whoever asks goes on without it.
    return undefined;
  }
}

async function facts(path: string): Promise<FileFacts | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  const user = process.getuid?.();
  return {
    kind: found.isDirectory() ? "folder" : found.isFile() ? "file" : "other",
    mode: found.mode & 0o777,
    ownedByUs: user === undefined || found.uid === user,
    modifiedAt: found.mtimeMs,
    bytes: found.size,
  };
}

async function fileSystem(folder: string): Promise<FileSystemFacts | undefined> {
  try {
    const { type, bavail, bsize, ffree, files } = await statfs(folder);
    // Some file systems have no fixed number of files and say 0.
    const freeFiles = files === 0 ? Number.MAX_SAFE_INTEGER : ffree;
    return { type, freeBytes: bavail * bsize, freeFiles, rotating: await isRotating(folder) };
  } catch {
    return undefined;
  }
}

/** Linux tells of each disk whether it turns; of a partition its disk does. Of a virtual disk nobody knows. */
async function isRotating(folder: string): Promise<boolean | undefined> {
  const { dev } = await stat(folder);
  const number = `${String(Math.floor(dev / 256))}:${String(dev % 256)}`;
  const disk = `/sys/dev/block/${number}`;
  if (/^DEVNAME=(vd|xvd)/m.test((await readText(`${disk}/uevent`)) ?? "")) return undefined;
  const said = (await readText(`${disk}/queue/rotational`)) ?? (await readText(`${disk}/../queue/rotational`));
  return said === undefined ? undefined : said.trim() === "1";
}

async function timeSyncs(folder: string, count: number): Promise<readonly number[]> {
  const place = await mkdtemp(join(folder, ".doctor-"));
  const bytes = new Uint8Array(SYNC_BYTES).fill(1);
  try {
    await using file = await open(join(place, "sync"), "wx", 0o600);
    const times: number[] = [];
    for (let i = 0; i < count; i += 1) {
      const began = performance.now();
      await file.write(bytes, 0, bytes.length, i * SYNC_BYTES);
      await file.datasync();
      times.push(performance.now() - began);
    }
    return times;
  } finally {
    await rm(place, { recursive: true });
  }
}
