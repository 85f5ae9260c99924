import type { Client, OpenVault, VaultDoor } from "@stonechat/core";

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
  /**
   * Asks on the terminal; undefined when the terminal closes or Ctrl-C is typed. `hidden` does not show what is typed;
   * `fleeting` takes the question off the screen when it is answered.
   */
  ask(
    question: string,
    options: { readonly hidden: boolean; readonly fleeting?: boolean },
  ): Promise<string | undefined>;
}

/** The files of a profile, held by this process alone. Give them back with {@link VaultFolder.close}, after the open vault. */
export interface VaultFolder {
  readonly door: VaultDoor;
  close(): void;
}

/** What became of this program started once more. `ready`: it serves; else it has ended. */
export type BackgroundStart =
  | { readonly type: "ready"; readonly lines: readonly string[] }
  | { readonly type: "ended"; readonly exitCode: number; readonly lines: readonly string[] };

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
  /** Milliseconds that the machine was awake since some moment. Never goes back; stands still while the machine sleeps. */
  uptime(): number;
  /**
   * Takes the files of a profile folder. The caller holds the profile's lock.
   *
   * @param force - Also when another process has them and will not let go. Only for destroying them.
   * @throws StorageError `busy`, `io`.
   */
  openVaultFolder(home: string, force: boolean): Promise<VaultFolder>;
  /**
   * A door to an empty profile in memory, with real guards: for rehearsals, and for what may be asked of any door while
   * another process has the profile.
   */
  rehearsalDoor(): Promise<VaultDoor>;
  /** Brings a vault back from its journey. Refuses as the core's `restoreTravel` does. */
  restoreTravel(door: VaultDoor, input: { readonly code: string; readonly relayUrl?: string }): Promise<void>;
  /** The core on an open vault, which the caller closes after the core. */
  openCore(vault: OpenVault): Promise<Client>;
  /**
   * Runs this program once more, without a terminal and beyond our own end. What it says on stderr until it is ready goes
   * to ours.
   *
   * @param stdin - Given to it and overwritten.
   * @param isReady - Whether a line of its stdout says that it serves.
   */
  startBackground(
    argv: readonly string[],
    stdin: Uint8Array,
    isReady: (line: string) => boolean,
  ): Promise<BackgroundStart>;
  /** Ends another process of ours at once. One that is gone already is no error. */
  endProcess(pid: number): void;
}
