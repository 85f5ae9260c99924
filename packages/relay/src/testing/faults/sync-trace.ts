/** One call that strace saw: the lines of the trace on which it begins and ends, and what it was about. */
interface TracedCall {
  readonly name: string;
  readonly path: string;
  readonly args: string;
  readonly begins: number;
  ends: number;
  failed: boolean;
}

/** What a relay asked of its disk and its sockets, in order, over all threads. */
export class SyncTrace {
  /** Options of strace. A page of SQLite fits into what is kept of a write. */
  static readonly options: readonly string[] = [
    ...["-f", "-qq", "-y", "-xx", "-s", "70000", "-e", "signal=none"],
    ...["-e", "trace=pwrite64,pwritev,write,writev,sendto,sendmsg,fsync,fdatasync"],
  ];
  readonly #calls: readonly TracedCall[];
  readonly #folder: string;

  constructor(trace: string, folder: string) {
    this.#folder = folder;
    this.#calls = parse(trace);
  }

  /** Syncs of the relay's own files. */
  get syncs(): number {
    return this.#calls.filter((call) => isSync(call) && this.#ours(call)).length;
  }

  /** Whether these bytes were written to a file and that file was synced before the frame went to a socket. */
  coveredBeforeSent(bytes: Uint8Array, frame: Uint8Array): boolean {
    const needle = hex(bytes);
    const sent = this.#calls.find((call) => call.path.startsWith("socket:") && call.args.includes(hex(frame)));
    const written = this.#calls.filter((call) => this.#ours(call) && !isSync(call) && call.args.includes(needle));
    return (
      sent !== undefined &&
      written.some((write) =>
        this.#calls.some(
          (sync) => isSync(sync) && sync.path === write.path && sync.begins > write.ends && sync.ends < sent.begins,
        ),
      )
    );
  }

  /** What was still asked of the relay's files after the first call that failed. */
  afterFailure(): readonly string[] {
    const failure = this.#calls.find(({ failed }) => failed);
    if (failure === undefined) throw new RangeError("nothing failed");
    return this.#calls
      .filter((call) => this.#ours(call) && call.begins > failure.ends)
      .map(({ name, path }) => `${name} ${path}`);
  }

  #ours({ path }: TracedCall): boolean {
    return path.startsWith(`${this.#folder}/`) && !path.endsWith("-shm");
  }
}

/** A call may be told in two lines, with others in between. */
function parse(trace: string): readonly TracedCall[] {
  const calls: TracedCall[] = [];
  const unfinished = new Map<string, TracedCall>();
  for (const [line, text] of trace.split("\n").entries()) {
    const resumed = /^(\d+) +<\.\.\. \w+ resumed>.*\) += (-?\d+)/.exec(text);
    const begun = /^(\d+) +(\w+)\(\d+<([^>]*)>(.*)$/.exec(text);
    if (resumed?.[1] !== undefined) {
      const call = unfinished.get(resumed[1]);
      unfinished.delete(resumed[1]);
      if (call === undefined) continue;
      call.ends = line;
      call.failed = resumed[2]?.startsWith("-") === true;
    } else if (begun !== null) {
      const [, thread = "", name = "", path = "", args = ""] = begun;
      const open = args.endsWith("<unfinished ...>");
      const failed = / = -\d+ E/.test(args);
      const call = { name, path: unhex(path), args, begins: line, ends: open ? Infinity : line, failed };
      calls.push(call);
      if (open) unfinished.set(thread, call);
    }
  }
  return calls;
}

function isSync({ name }: TracedCall): boolean {
  return name === "fsync" || name === "fdatasync";
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}

function unhex(escaped: string): string {
  return escaped.replaceAll(/\\x([0-9a-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
