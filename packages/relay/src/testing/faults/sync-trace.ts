/** One call that strace saw: the lines of the trace on which it begins and ends, and what it was about. */
interface TracedCall {
  readonly name: string;
  readonly path: string;
  /** The file was opened so that a write returns when it is durable. */
  readonly durable: boolean;
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
    ...["-e", "trace=openat,pwrite64,pwritev,write,writev,sendto,sendmsg,fsync,fdatasync"],
  ];
  readonly #calls: readonly TracedCall[];
  readonly #folder: string;

  constructor(trace: string, folder: string) {
    this.#folder = folder;
    this.#calls = parse(trace);
  }

  /** Syncs of the relay's own files, and writes that are durable when they return. */
  get syncs(): number {
    return this.#calls.filter((call) => (isSync(call) || call.durable) && this.#ours(call)).length;
  }

  /** Whether these bytes were written to a file and that file was synced before the frame went to a socket. */
  coveredBeforeSent(bytes: Uint8Array, frame: Uint8Array): boolean {
    const needle = hex(bytes);
    const sent = this.#calls.find((call) => call.path.startsWith("socket:") && call.args.includes(hex(frame)));
    const written = this.#calls.filter((call) => this.#ours(call) && !isSync(call) && call.args.includes(needle));
    return (
      sent !== undefined &&
      written.some(
        (write) =>
          (write.durable && write.ends < sent.begins) ||
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
  /** Descriptors whose writes are durable, and threads that are opening such a one. */
  const durable = new Set<string>();
  const unopened = new Set<string>();
  for (const [line, text] of trace.split("\n").entries()) {
    const resumed = /^(\d+) +<\.\.\. \w+ resumed>.*\) += (-?\d+)/.exec(text);
    const begun = /^(\d+) +(\w+)\((\d+)<([^>]*)>(.*)$/.exec(text);
    const opening = /^(\d+) +(?:openat\(|<\.\.\. openat resumed)(?:.* = (\d+)<)?/.exec(text);
    if (opening !== null) {
      // Told in one line, or the flags in one and the descriptor in another.
      const [, thread = "", descriptor] = opening;
      const flagged = text.includes("O_DSYNC") || unopened.delete(thread);
      if (descriptor === undefined && flagged) unopened.add(thread);
      else if (descriptor !== undefined && flagged) durable.add(descriptor);
      else if (descriptor !== undefined) durable.delete(descriptor);
      continue;
    }
    if (resumed?.[1] !== undefined) {
      const call = unfinished.get(resumed[1]);
      unfinished.delete(resumed[1]);
      if (call === undefined) continue;
      call.ends = line;
      call.failed = resumed[2]?.startsWith("-") === true;
    } else if (begun !== null) {
      const [, thread = "", name = "", descriptor = "", path = "", args = ""] = begun;
      const open = args.endsWith("<unfinished ...>");
      const failed = / = -\d+ E/.test(args);
      const times = { begins: line, ends: open ? Infinity : line };
      const call = { name, path: unhex(path), durable: durable.has(descriptor), args, ...times, failed };
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
