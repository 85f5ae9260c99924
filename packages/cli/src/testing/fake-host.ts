import { setImmediate } from "node:timers/promises";
import type { Client } from "@stonechat/core";
import type { Host, OutputStream, WriteOutcome } from "../host.ts";

/** What a test may set of a {@link FakeHost}. */
export interface FakeHostSettings {
  readonly client?: Client;
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
  out = "";
  err = "";
  readonly #settings: FakeHostSettings;
  readonly #interruption = new AbortController();
  #timers: { readonly at: number; readonly end: () => void }[] = [];
  #now = Date.UTC(2026, 10, 22, 12);
  #writes = 0;

  constructor(settings: FakeHostSettings) {
    this.#settings = settings;
    this.env = settings.env ?? {};
    this.userHome = settings.home;
    this.interrupted = this.#interruption.signal;
    const answers = [...(settings.answers ?? [])];
    this.stdin = {
      tty: settings.stdinTty ?? false,
      readAll: async () => new TextEncoder().encode(settings.stdin ?? ""),
      ask: async (question) => {
        this.questions.push(question);
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
      return;
    }
    await new Promise<void>((resolve) => {
      this.#timers.push({ at: this.#now + ms, end: resolve });
      signal?.addEventListener("abort", () => {
        resolve();
      });
    });
  }

  /** Lets `ms` pass and ends what was waiting for it. */
  advance(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
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

  async openCore(): Promise<Client> {
    if (this.#settings.client === undefined) throw new Error("this test opens no core");
    return this.#settings.client;
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
