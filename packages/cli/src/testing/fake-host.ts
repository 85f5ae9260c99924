import { setImmediate } from "node:timers/promises";
import type { Client, VaultDoor } from "@stonechat/core";
import type { BackgroundStart, Host, OutputStream, VaultFolder, WriteOutcome } from "../host.ts";
import { FakeDoor } from "./fake-door.ts";

/** What a test may set of a {@link FakeHost}. */
export interface FakeHostSettings {
  readonly client?: Client;
  /** What stands before the vault; without it, one that opens by itself. */
  readonly door?: FakeDoor;
  /** What this program says and does when it is started once more. */
  readonly background?: BackgroundStart;
  readonly home: string;
  readonly stdin?: string;
  readonly stdinTty?: boolean;
  readonly stdoutTty?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Answers to questions on the terminal, in order. */
  readonly answers?: readonly string[];
  readonly health?: { readonly status: number; readonly date: string | undefined };
  /** Delays end only by {@link FakeHost.advance}; otherwise each ends at once and moves the clock. */
  readonly manualTime?: boolean;
  /** Fails or closes stdout at its n-th write. */
  readonly stdoutEnds?: { readonly at: number; readonly how: "closed" | Error };
}

/** A host in memory: captured output, time by hand, signals on demand. */
export class FakeHost implements Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd = process.cwd();
  readonly userHome: string;
  readonly hostName = "test-machine";
  readonly stdin: Host["stdin"];
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly interrupted: AbortSignal;
  readonly questions: string[] = [];
  readonly hiddenQuestions: string[] = [];
  readonly fleetingQuestions: string[] = [];
  /** What was started in the background, and what it was given on standard input. */
  readonly started: { readonly argv: readonly string[]; readonly stdin: string }[] = [];
  readonly ended: number[] = [];
  readonly door: FakeDoor;
  /** The door of rehearsals. */
  readonly rehearsal = FakeDoor.absent();
  out = "";
  err = "";
  readonly #settings: FakeHostSettings;
  readonly #interruption = new AbortController();
  #timers: { readonly at: number; readonly end: () => void }[] = [];
  #now = Date.UTC(2026, 10, 22, 12);
  #uptime = 0;
  #writes = 0;

  constructor(settings: FakeHostSettings) {
    this.#settings = settings;
    this.env = settings.env ?? {};
    this.door = settings.door ?? new FakeDoor();
    this.userHome = settings.home;
    this.interrupted = this.#interruption.signal;
    const answers = [...(settings.answers ?? [])];
    this.stdin = {
      tty: settings.stdinTty ?? false,
      readAll: async () => new TextEncoder().encode(settings.stdin ?? ""),
      ask: async (question, { hidden, fleeting }) => {
        this.questions.push(question);
        if (hidden) this.hiddenQuestions.push(question);
        if (fleeting === true) this.fleetingQuestions.push(question);
        return answers.shift();
      },
    };
    const columns = settings.columns ?? (settings.stdoutTty === true ? 80 : undefined);
    const tty = settings.stdoutTty ?? false;
    this.stdout = { tty, columns, write: (text) => this.#write(text) };
    this.stderr = {
      tty,
      columns,
      write: async (text) => {
        this.err += text;
        return "written";
      },
    };
  }

  now(): number {
    return this.#now;
  }

  async delay(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return;
    if (this.#settings.manualTime !== true) {
      await setImmediate();
      this.#now += ms;
      this.#uptime += ms;
      return;
    }
    await new Promise<void>((resolve) => {
      this.#timers.push({ at: this.#uptime + ms, end: resolve });
      signal?.addEventListener("abort", () => {
        resolve();
      });
    });
  }

  /** Lets `ms` pass and ends what was waiting for it. */
  advance(ms: number): void {
    this.#now += ms;
    this.#uptime += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#uptime);
    this.#timers = this.#timers.filter(({ at }) => at > this.#uptime);
    for (const { end } of due) end();
  }

  interrupt(reason: "signal" | "closed" = "signal"): void {
    this.#interruption.abort(reason);
  }

  async random(length: number): Promise<Uint8Array> {
    return new Uint8Array(length).fill(0xab);
  }

  async get(): Promise<{ readonly status: number; readonly date: string | undefined } | undefined> {
    return this.#settings.health;
  }

  uptime(): number {
    return this.#uptime;
  }

  /** Lets the machine sleep for so long: the clock goes on, timers do not. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  /** Sets the machine's clock, which timers do not follow. */
  setClock(now: number): void {
    this.#now = now;
  }

  async openVaultFolder(): Promise<VaultFolder> {
    return { door: this.door, close: () => undefined };
  }

  async rehearsalDoor(): Promise<VaultDoor> {
    return this.rehearsal;
  }

  async restoreTravel(door: VaultDoor, input: { readonly code: string }): Promise<void> {
    await door.importFrom({ size: input.code.length, read: async () => 0 });
  }

  async openCore(): Promise<Client> {
    if (this.#settings.client === undefined) throw new Error("this test opens no core");
    return this.#settings.client;
  }

  async startBackground(
    argv: readonly string[],
    stdin: Uint8Array,
    isReady: (line: string) => boolean,
  ): Promise<BackgroundStart> {
    this.started.push({ argv, stdin: new TextDecoder().decode(stdin) });
    const start = this.#settings.background ?? { type: "ended", exitCode: 1, lines: [] };
    if (start.type === "ready" && !start.lines.some(isReady)) throw new Error("no line says that it is ready");
    return start;
  }

  endProcess(pid: number): void {
    this.ended.push(pid);
  }

  /** The JSON Lines on stdout. Every line must be one. */
  lines(): Record<string, unknown>[] {
    const lines = this.out.split("\n");
    if (lines.pop() !== "") throw new Error("stdout does not end with a line feed");
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async #write(text: string): Promise<WriteOutcome> {
    this.#writes += 1;
    const ends = this.#settings.stdoutEnds;
    if (ends !== undefined && this.#writes >= ends.at) {
      if (ends.how !== "closed") throw ends.how;
      this.interrupt("closed");
      return "closed";
    }
    this.out += text;
    return "written";
  }
}
