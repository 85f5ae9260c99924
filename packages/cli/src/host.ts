import type { Client } from "@stonechat/core";

/** `closed`: whoever read our output went away (EPIPE); there is nobody left to write to. */
export type WriteOutcome = "written" | "closed";

/** One of the two output streams. */
export interface OutputStream {
  readonly tty: boolean;
  /** Terminal width, or undefined where there is none. */
  readonly columns: number | undefined;
  /** Resolves when the text has left this process. @throws the system's error when it cannot be written, e.g. ENOSPC. */
  write(text: string): Promise<WriteOutcome>;
}

/** Standard input. */
export interface InputStream {
  readonly tty: boolean;
  /** Everything until the end. @throws {@link CliFailure} above `maxBytes`. */
  readAll(maxBytes: number): Promise<Uint8Array>;
  /** Asks on the terminal; undefined when the terminal closes. `hidden` does not show what is typed. */
  ask(question: string, options: { readonly hidden: boolean }): Promise<string | undefined>;
}

/** Everything a command may touch outside its own memory. Tests give another one. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly userHome: string;
  readonly hostName: string;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Aborted by SIGINT, SIGTERM, or when our output is closed. */
  readonly interrupted: AbortSignal;
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  delay(ms: number, signal?: AbortSignal): Promise<void>;
  random(length: number): Promise<Uint8Array>;
  /** `GET` without a body, redirects or credentials; undefined if there is no answer within a few seconds. */
  get(url: string): Promise<{ readonly status: number; readonly date: string | undefined } | undefined>;
  /** Opens the core on an existing profile folder. The caller holds the profile's lock. */
  openCore(home: string): Promise<Client>;
}
