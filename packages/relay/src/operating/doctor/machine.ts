import type { ListenAddress } from "@stonechat/serving";

/** What is told of a file or folder. */
export interface FileFacts {
  readonly kind: "file" | "folder" | "other";
  /** Permission bits, for example 0o700. */
  readonly mode: number;
  readonly ownedByUs: boolean;
  readonly modifiedAt: number;
  /** How long it is. */
  readonly bytes: number;
}

/** What is told of the file system that a folder lies on. Sizes in bytes. */
export interface FileSystemFacts {
  /** The system's magic number for its type; 0 where there is none. */
  readonly type: number;
  readonly freeBytes: number;
  readonly freeFiles: number;
  /** Whether its disk turns; undefined if the system does not tell. */
  readonly rotating: boolean | undefined;
}

/** Whether one can listen at an address. */
export type ListenTrial = "free" | "taken" | "not-permitted" | "not-here";

/** The machine as the doctor sees it. A port: tests describe machines that nobody has. */
export interface Machine {
  readonly nodeVersion: string;
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Bytes of memory in it, whoever may use them. */
  readonly memoryBytes: number;
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds by a clock that cannot be set. */
  monotonic(): number;
  sleep(ms: number): Promise<void>;
  /** A text file, or undefined if it is absent or closed to us. */
  readText(path: string): Promise<string | undefined>;
  facts(path: string): Promise<FileFacts | undefined>;
  /** Names in a folder; empty if it is absent. */
  list(path: string): Promise<readonly string[]>;
  fileSystem(folder: string): Promise<FileSystemFacts | undefined>;
  /** How long writing 4 KiB and syncing them took in this folder, `count` times, in milliseconds. It leaves nothing behind. */
  timeSyncs(folder: string, count: number): Promise<readonly number[]>;
  tryListen(address: ListenAddress): Promise<ListenTrial>;
  /** What a program of the system says, or undefined if it is absent or fails. */
  ask(program: string, args: readonly string[]): Promise<string | undefined>;
}
