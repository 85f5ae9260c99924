import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "../load/orders.ts";
import type { Place } from "../load/wire.ts";

const READY_WITHIN_MS = 60_000;
const POLL_MS = 50;

/** A server that people would run instead, from Debian's packages. */
export interface Peer {
  /** What it is and how it keeps messages: the name of its row. */
  readonly name: string;
  /** False: it keeps nothing, so that to be ahead of it is no aim. */
  readonly keeps?: boolean;
  /** Starts it in a fresh folder on a port of its own; undefined where it is not installed. */
  start(): Promise<RunningPeer | undefined>;
}

export interface RunningPeer {
  readonly target: Target;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Where a program is; undefined where it is not installed. Debian keeps servers outside of users' paths. */
export function findProgram(...names: readonly string[]): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/usr/local/sbin"];
  const paths = names.flatMap((name) => (name.startsWith("/") ? [name] : folders.map((folder) => join(folder, name))));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A port of this machine that nobody uses. */
export async function freePlace(): Promise<Place> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  server.close();
  await once(server, "close");
  return { host: "127.0.0.1", port };
}

export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), "stonechat-peer-"));
}

/** Runs a server, and waits until it takes connections at `place`. Its folder is removed when it is stopped. */
export async function runPeer(
  program: readonly string[],
  { place, folder, env = {} }: { place: Place; folder: string; env?: Readonly<Record<string, string>> },
): Promise<{ readonly stop: () => Promise<void> }> {
  const [file = "", ...args] = program;
  const child = spawn(file, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  const orphan = (): void => void child.kill("SIGKILL");
  process.once("exit", orphan); // a bench that fails leaves nothing behind but its folder
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data: Buffer) => {
      said = (said + data.toString()).slice(-2000);
    });
  const stop = async (): Promise<void> => {
    await end(child);
    process.off("exit", orphan);
    rmSync(folder, { recursive: true, force: true });
  };
  const until = performance.now() + READY_WITHIN_MS;
  while (!(await isOpen(place))) {
    if (child.exitCode !== null || performance.now() > until) {
      await stop();
      throw new RangeError(`${file} does not serve: ${said}`);
    }
    await sleep(POLL_MS);
  }
  return { stop };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(timer);
}

async function isOpen({ host, port }: Place): Promise<boolean> {
  const socket = connect(port, host);
  return new Promise((resolve) => {
    socket.once("connect", () => {
      resolve(true);
      socket.destroy();
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
