import { basename, dirname } from "node:path";
import type { DiskChange, DiskEvent, FileNumber } from "./disk-model.ts";
import { decodeJournal } from "./journal-codec.ts";

/** Options of strace that {@link parseRecording} reads. */
export const RECORDING = [
  ...["--seccomp-bpf", "-y", "-xx", "-s", "16777216", "-e", "signal=none"],
  ...["-e", "trace=openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,rename"],
];

/** SQLite makes its shared memory anew after a crash. */
const VOLATILE_FILE = /-shm$/;

/**
 * Turns what strace saw of one thread into a recording of `folder`: its files, its names, and what the program wrote to
 * its journal.
 */
export function parseRecording(trace: string, folder: string, journal: string): readonly DiskEvent[] {
  const recording = new Recording(folder, journal);
  for (const line of trace.split("\n")) {
    const call = /^\d+ +(\w+)\((.*)\) += (-?\d+)/.exec(line);
    if (call?.[1] !== undefined && call[2] !== undefined && Number(call[3]) >= 0) recording.call(call[1], call[2]);
  }
  return recording.events;
}

class Recording {
  readonly events: DiskEvent[] = [];
  readonly #folder: string;
  readonly #journal: string;
  readonly #numbers = new Map<string, FileNumber>();
  #last = 0;

  constructor(folder: string, journal: string) {
    this.#folder = folder;
    this.#journal = journal;
  }

  call(name: string, args: string): void {
    switch (name) {
      case "openat":
        this.#open(text(args, 0));
        if (args.includes("O_TRUNC")) this.#onFile(text(args, 0), (file) => ({ kind: "truncate", file, size: 0 }));
        break;
      case "pwrite64": {
        const at = Number(/, (\d+)$/.exec(args)?.[1]);
        this.#onFile(path(args), (file) => ({ kind: "write", file, at, bytes: data(args) }));
        break;
      }
      case "write":
        if (path(args) === this.#journal) {
          for (const item of decodeJournal(data(args))) this.events.push({ type: "journal", item });
        }
        break;
      case "ftruncate": {
        const size = Number(/, (\d+)$/.exec(args)?.[1]);
        this.#onFile(path(args), (file) => ({ kind: "truncate", file, size }));
        break;
      }
      case "fsync":
      case "fdatasync":
        this.#sync(path(args));
        break;
      case "unlink":
        this.#remove(text(args, 0));
        break;
      case "rename":
        this.#rename(text(args, 0), text(args, 1));
        break;
    }
  }

  #ours(file: string): boolean {
    return dirname(file) === this.#folder && !VOLATILE_FILE.test(file);
  }

  #open(file: string): void {
    if (!this.#ours(file) || this.#numbers.has(file)) return;
    this.#last += 1;
    this.#numbers.set(file, this.#last);
    this.#change({ kind: "link", file: this.#last, name: basename(file) });
  }

  #remove(file: string): void {
    if (!this.#numbers.delete(file)) return;
    this.#change({ kind: "remove", name: basename(file) });
  }

  #rename(from: string, to: string): void {
    const number = this.#numbers.get(from);
    if (number === undefined) return;
    this.#numbers.delete(from);
    this.#numbers.set(to, number);
    this.#change({ kind: "rename", from: basename(from), to: basename(to) });
  }

  #onFile(file: string, change: (number: FileNumber) => DiskChange): void {
    const number = this.#numbers.get(file);
    if (number !== undefined) this.#change(change(number));
  }

  #sync(file: string): void {
    const of = file === this.#folder ? "folder" : this.#numbers.get(file);
    if (of === undefined) return;
    this.#last += 1;
    this.events.push({ type: "sync", id: this.#last, of }, { type: "synced", id: this.#last });
  }

  #change(change: DiskChange): void {
    this.#last += 1;
    this.events.push({ type: "change", id: this.#last, change }, { type: "done", id: this.#last });
  }
}

/** The path that strace wrote beside the first file descriptor. */
function path(args: string): string {
  return unescape(/^\d+<([^>]*)>/.exec(args)?.[1] ?? "").toString("utf8");
}

/** The `index`-th string among the arguments. */
function text(args: string, index: number): string {
  return unescape([...args.matchAll(/"([^"]*)"/g)][index]?.[1] ?? "").toString("utf8");
}

function data(args: string): Uint8Array {
  return new Uint8Array(unescape(/"([^"]*)"/.exec(args)?.[1] ?? ""));
}

function unescape(escaped: string): Buffer {
  return Buffer.from(escaped.replaceAll("\\x", ""), "hex");
}
