/**
 * `npm start [-- --listen HOST:PORT]`: builds the web app if need be, starts a relay that anyone may join and three
 * guards, and says where to find it. `PORT` chooses the port too. Without either it is 8080, or the next one that is free.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildWeb } from "./build-web.ts";
import { startLocalGuards, type LocalGuards } from "./local-guards.ts";
import { root } from "./workspace.ts";

const HOST = "127.0.0.1";
const FIRST_PORT = 8080;
const PORTS_TRIED = 20;

const DATA = "data";

const args = process.argv.slice(2);
if (existsSync(join(root, "packages/web/index.html")) && !(await buildWeb())) process.exit(1);
// What is made here is for its user alone.
process.umask(0o077);
const guards = args.includes("--guards") || args.includes("--with-guard") ? undefined : await startGuards();
const address = args.includes("--listen") ? [] : ["--listen", await chooseAddress()];
const guardArgs = guards === undefined ? [] : ["--guards", guards.listFile];
runRelay([...address, ...guardArgs, ...args]);

async function startGuards(): Promise<LocalGuards> {
  try {
    return await startLocalGuards(join(root, DATA));
  } catch (error) {
    say(`The guards cannot start: ${error instanceof Error ? error.message : "unknown"}.`);
    process.exit(1);
  }
}

async function chooseAddress(): Promise<string> {
  const wanted = process.env["PORT"];
  if (wanted !== undefined && wanted !== "") return `${HOST}:${wanted}`;
  for (let port = FIRST_PORT; port < FIRST_PORT + PORTS_TRIED; port += 1) {
    if (!(await isFree(port))) continue;
    if (port !== FIRST_PORT) say(`Port ${String(FIRST_PORT)} is taken by another program: using ${String(port)}.`);
    return `${HOST}:${String(port)}`;
  }
  return `${HOST}:${String(FIRST_PORT)}`;
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, HOST, () => probe.close(() => resolve(true)));
  });
}

function runRelay(relayArgs: readonly string[]): void {
  const launcher = join(root, "packages/cli/bin/stonechat.mjs");
  const command = [launcher, "relay", "start", "--json", "--data", DATA, "--admission", "open", ...relayArgs];
  // The channel tells the relay when we are gone, so that it stops even after `kill -9`.
  const relay = spawn(process.execPath, command, { cwd: root, stdio: ["ignore", "pipe", "pipe", "ipc"] });
  if (relay.stdout !== null) createInterface(relay.stdout).on("line", announce);
  if (relay.stderr !== null) createInterface(relay.stderr).on("line", showLog);
  let stopping = false;
  relay.on("exit", (code, signal) => {
    const killed = signal !== null && !stopping;
    if (killed) say(`The relay was ended by ${signal}. Start again: what it acknowledged is on disk.`);
    void (guards?.close() ?? Promise.resolve()).then(() => process.exit(code ?? (killed ? 1 : 0)));
  });
  void guards?.failed.then(() => {
    say("The storage of a guard failed: stopping.");
    stopping = true;
    relay.kill("SIGTERM");
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      stopping = true;
      // Ctrl-C on a terminal reaches the relay by itself.
      if (signal !== "SIGINT" || !process.stdin.isTTY) relay.kill(signal);
    });
  }
}

function announce(line: string): void {
  const url = /"type":"ready".*"url":"([^"]+)"/.exec(line)?.[1];
  if (url === undefined) {
    say(line);
    return;
  }
  say(`Stonechat is running. Open ${url} in a browser. Messages are kept in the folder "data". Ctrl-C stops it.`);
  if (guards !== undefined)
    say("Three guards run beside it for trying out PINs. They protect nothing as long as all are on one computer.");
}

/** What a person at a terminal need not read stays away: the log's ordinary changes of state. */
function showLog(line: string): void {
  if (!line.includes('"level":"info"')) process.stderr.write(`${line}\n`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
