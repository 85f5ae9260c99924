import { homedir, hostname } from "node:os";
import { createInterface } from "node:readline";
import { refuse } from "../failure.ts";
import type { Host, InputStream, OutputStream, VaultFolder, WriteOutcome } from "../host.ts";
import type { Client, OpenVault, VaultDoor } from "@stonechat/core";
import { startBackground } from "./background.ts";
import { loadRandom } from "./system-random.ts";
import { readHiddenLine } from "./terminal-secret.ts";

const GET_TIMEOUT_MS = 5_000;
const IMPATIENCE_MS = 1_000;
const CONTROL_SEQUENCE = "\u001b[";

/** How the core is opened. `report` hears of our own mistakes and of failing storage in the background. */
export interface CoreOpening {
  openVaultFolder(home: string, force: boolean): Promise<VaultFolder>;
  openRehearsalDoor(): Promise<VaultDoor>;
  restoreTravel: Host["restoreTravel"];
  openCore(vault: OpenVault, report: (error: unknown) => void): Promise<Client>;
}

/** The host of a real process. Installs signal handlers: the first signal asks to end, a second one ends at once. */
export function createNodeHost(opening: CoreOpening): Host {
  const interruption = new AbortController();
  let interruptedAt: number | undefined;
  const interrupt = (): void => {
    // `timeout`, a terminal and our launcher may each pass on the same signal: only a later one is impatience.
    if (interruptedAt !== undefined && Date.now() - interruptedAt > IMPATIENCE_MS) process.exit(1);
    interruptedAt ??= Date.now();
    interruption.abort("signal");
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  process.on("SIGHUP", interrupt);
  const closed = (): void => {
    if (!interruption.signal.aborted) interruption.abort("closed");
  };
  return {
    env: process.env,
    cwd: process.cwd(),
    userHome: homedir(),
    hostName: hostname(),
    stdin: createInput(interruption.signal, interrupt),
    stdout: createOutputStream(process.stdout, closed),
    stderr: createOutputStream(process.stderr, () => undefined),
    interrupted: interruption.signal,
    now: () => Date.now(),
    uptime: () => performance.now(),
    delay,
    random: async (length) => (await loadRandom()).bytes(length),
    get: getWithoutBody,
    openVaultFolder: (home, force) => opening.openVaultFolder(home, force),
    restoreTravel: (door, input) => opening.restoreTravel(door, input),
    rehearsalDoor: () => opening.openRehearsalDoor(),
    openCore: (vault) => opening.openCore(vault, report),
    startBackground,
    endProcess,
  };
}

/** Nothing of an error but its name and code is shown: its message may hold a path. `STONECHAT_DEBUG` is for developers. */
function report(error: unknown): void {
  const name = error instanceof Error ? error.name : "Error";
  const code = error instanceof Error && "code" in error ? ` ${String(error.code)}` : "";
  const stack =
    process.env["STONECHAT_DEBUG"] === undefined || !(error instanceof Error) ? "" : `\n${error.stack ?? ""}`;
  process.stderr.write(`stonechat: something failed in the background: ${name}${code}${stack}\n`);
}

function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    // Longer delays than a timer can hold end early, after 24 days; whoever waits so long looks again.
    const timer = setTimeout(end, Math.min(ms, 2 ** 31 - 1));
    signal?.addEventListener("abort", end);
  });
}

function createOutputStream(stream: NodeJS.WriteStream, onClosed: () => void): OutputStream {
  // A stream without a listener for errors would end the process; every write hears of its own error.
  stream.on("error", () => undefined);
  return {
    tty: stream.isTTY,
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
    write: (text) =>
      new Promise<WriteOutcome>((resolve, reject) => {
        stream.write(text, (error) => {
          if (error === null || error === undefined) resolve("written");
          else if (isClosed(error)) {
            onClosed();
            resolve("closed");
          } else reject(error);
        });
      }),
  };
}

function isClosed(error: Error): boolean {
  const code = "code" in error ? error.code : undefined;
  return code === "EPIPE" || code === "ECONNRESET" || code === "ERR_STREAM_DESTROYED" || code === "EBADF";
}

function createInput(interrupted: AbortSignal, interrupt: () => void): InputStream {
  return {
    get tty() {
      return process.stdin.isTTY;
    },
    async readAll(maxBytes) {
      const parts: Uint8Array[] = [];
      let length = 0;
      for await (const part of process.stdin as AsyncIterable<Uint8Array>) {
        length += part.length;
        if (length > maxBytes) throw refuse("There is too much on standard input.");
        parts.push(part);
      }
      return new Uint8Array(Buffer.concat(parts));
    },
    async ask(question, { hidden, fleeting = false }) {
      const ask = (): void => {
        process.stderr.write(question);
      };
      const answer = await (hidden && process.stdin.isTTY ? askHidden : askShown)(ask, interrupted, interrupt);
      if (fleeting) process.stderr.write(erasing(question, answer ?? ""));
      return answer;
    },
  };
}

type Ask = (ask: () => void, interrupted: AbortSignal, interrupt: () => void) => Promise<string | undefined>;

const askHidden: Ask = async (ask, interrupted, interrupt) => {
  const line = await readHiddenLine(process.stdin, interrupted, ask);
  process.stderr.write("\n");
  if (line.type === "interrupted" && !interrupted.aborted) interrupt();
  return line.type === "typed" ? line.text : undefined;
};

/** The question goes to stderr, so that stdout holds results only. */
const askShown: Ask = (ask, interrupted, interrupt) => {
  ask();
  const lines = createInterface({
    input: process.stdin,
    output: process.stderr,
    terminal: process.stdin.isTTY,
    history: [],
    historySize: 0,
  });
  const close = (): void => {
    lines.close();
  };
  return new Promise((resolve) => {
    lines.once("line", (line) => {
      resolve(line);
      close();
    });
    lines.once("close", () => {
      interrupted.removeEventListener("abort", close);
      resolve(undefined);
    });
    lines.once("SIGINT", () => {
      interrupt();
      close();
    });
    interrupted.addEventListener("abort", close);
  });
};

/** Takes the lines of an answered question off the screen, as far as the terminal lets us. */
function erasing(question: string, answer: string): string {
  const columns = process.stderr.columns || 80;
  const rows = question
    .split("\n")
    .map((line, at, all) => Math.ceil(((at === all.length - 1 ? answer.length : 0) + line.length + 1) / columns))
    .reduce((sum, count) => sum + count, 0);
  return `${CONTROL_SEQUENCE}${String(rows)}A\r${CONTROL_SEQUENCE}0J`;
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

async function getWithoutBody(
  url: string,
): Promise<{ readonly status: number; readonly date: string | undefined } | undefined> {
  try {
    const response = await fetch(url, {
      redirect: "manual",
      credentials: "omit",
      signal: AbortSignal.timeout(GET_TIMEOUT_MS),
    });
    await response.body?.cancel();
    return { status: response.status, date: response.headers.get("date") ?? undefined };
  } catch {
    // fetch has one error for every way not to get an answer, and that is all the caller wants to know.
    return undefined;
  }
}
