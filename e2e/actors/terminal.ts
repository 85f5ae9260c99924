import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { startStonechat } from "./processes.ts";
import { until } from "./until.ts";

/** One object of `--json`. */
export type JsonLine = Readonly<Record<string, unknown>> & { readonly type: string };

/** How a command ended. */
export interface Ending {
  readonly code: number | null;
  readonly lines: readonly JsonLine[];
  readonly stdout: string;
  readonly stderr: string;
}

/** A person at a terminal with a profile of their own. */
export class Terminal {
  readonly home: string;
  readonly name: string;
  readonly relayUrl: string;

  private constructor(folder: string, name: string, relayUrl: string) {
    this.home = join(folder, `home-${name}`);
    this.name = name;
    this.relayUrl = relayUrl;
    mkdirSync(this.home, { mode: 0o700 });
  }

  /** A terminal whose profile has no account yet. */
  static fresh(folder: string, name: string, relayUrl: string): Terminal {
    return new Terminal(folder, name, relayUrl);
  }

  /** A terminal with an account called `name`. */
  static async create(folder: string, name: string, relayUrl: string): Promise<Terminal> {
    const terminal = new Terminal(folder, name, relayUrl);
    await terminal.done("init", "--relay", relayUrl, "--name", name);
    return terminal;
  }

  /** Runs a command with `--json` to its end. Every line it prints must be JSON. */
  async run(...args: readonly string[]): Promise<Ending> {
    const child = startStonechat([...this.#words(args)], this.home);
    child.stdin?.end();
    const ended = once(child, "exit");
    const [stdout, stderr] = await Promise.all([
      child.stdout === null ? "" : text(child.stdout),
      child.stderr === null ? "" : text(child.stderr),
    ]);
    const [code] = (await ended) as [number | null];
    return {
      code,
      stdout,
      stderr,
      lines: stdout
        .split("\n")
        .filter((line) => line !== "")
        .map(parseLine),
    };
  }

  /** Runs a command that must succeed; gives what it printed. */
  async done(...args: readonly string[]): Promise<readonly JsonLine[]> {
    const { code, lines, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`stonechat ${args.join(" ")} ended with ${String(code)}: ${stderr}`);
    return lines;
  }

  /** Makes a one-time link. */
  async invite(): Promise<string> {
    const [made] = await this.done("invite");
    return String(made?.["link"]);
  }

  /** The texts of a conversation as this terminal has them. */
  async texts(conversation: string): Promise<readonly string[]> {
    return (await this.done("read", conversation, "--peek")).map((line) => String(line["text"]));
  }

  /** Waits until a message with that text has come, and gives it. */
  async message(conversation: string, wanted: string): Promise<JsonLine> {
    return await until(`${this.name} reads "${wanted}"`, async () => {
      const { lines } = await this.run("read", conversation, "--peek");
      return lines.find((line) => line["text"] === wanted);
    });
  }

  /** Begins `listen --json`, which goes on until {@link Listening.stop}. */
  listen(...args: readonly string[]): Listening {
    return new Listening(startStonechat([...this.#words(["listen", ...args])], this.home), this.name);
  }

  #words(args: readonly string[]): readonly string[] {
    const dashes = args.indexOf("--");
    const own = ["--json", "--home", this.home];
    return dashes < 0 ? [...args, ...own] : [...args.slice(0, dashes), ...own, ...args.slice(dashes)];
  }
}

/** A running `stonechat listen --json`. */
export class Listening {
  readonly lines: JsonLine[] = [];
  readonly #child: ReturnType<typeof startStonechat>;
  readonly #name: string;
  readonly #broken: string[] = [];
  #stderr = "";

  constructor(child: ReturnType<typeof startStonechat>, name: string) {
    this.#child = child;
    this.#name = name;
    child.stderr?.setEncoding("utf8").on("data", (part: string) => (this.#stderr += part));
    if (child.stdout === null) return;
    createInterface(child.stdout).on("line", (line) => {
      try {
        this.lines.push(parseLine(line));
      } catch {
        this.#broken.push(line);
      }
    });
  }

  /** Lines that were no JSON objects with a type. */
  get broken(): readonly string[] {
    return this.#broken;
  }

  /** Waits for a line that has these fields. */
  async hear(fields: Readonly<Record<string, unknown>>, timeoutMs?: number): Promise<JsonLine> {
    const what = `${this.#name} hears ${JSON.stringify(fields)}`;
    const look = (): JsonLine | undefined => {
      if (this.#child.exitCode !== null && this.#child.exitCode !== 0) throw new Error(`listen ended: ${this.#stderr}`);
      return this.lines.find((line) => Object.entries(fields).every(([name, value]) => line[name] === value));
    };
    return await until(what, look, timeoutMs).catch((error: unknown) => {
      throw new Error(`${what}, but only: ${this.lines.map((line) => JSON.stringify(line)).join("\n")}`, {
        cause: error,
      });
    });
  }

  /** Stops it in order; gives its exit code. */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const [code] = (await ended) as [number | null];
    return code;
  }
}

function parseLine(line: string): JsonLine {
  const value: unknown = JSON.parse(line);
  if (typeof value !== "object" || value === null || !("type" in value) || typeof value.type !== "string")
    throw new TypeError("a line of --json without a type");
  return value as JsonLine; // checked above
}
