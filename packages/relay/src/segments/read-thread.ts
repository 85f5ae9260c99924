import { readSync } from "node:fs";
import { parentPort } from "node:worker_threads";

/** Ranges of an open file to read: begin and length of each, one after the other. Files are shared by all threads. */
export interface ReadThreadRequest {
  readonly fd: number;
  readonly ranges: Float64Array;
}

/** The bytes, one range behind the other, or why they could not be read. */
export type ReadThreadAnswer =
  { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly message: string; readonly code: string | undefined };

const port = parentPort;
if (port === null) throw new RangeError("read-thread runs as a worker only");

port.on("message", (request: ReadThreadRequest) => {
  const answer = read(request);
  port.postMessage(answer, "bytes" in answer ? [answer.bytes.buffer] : []);
});

function read({ fd, ranges }: ReadThreadRequest): ReadThreadAnswer {
  try {
    let total = 0;
    for (let i = 1; i < ranges.length; i += 2) total += ranges[i] ?? 0;
    const bytes = new Uint8Array(new ArrayBuffer(total));
    let done = 0;
    for (let i = 0; i < ranges.length; i += 2) {
      const [at, size] = [ranges[i] ?? 0, ranges[i + 1] ?? 0];
      const count = readAll(fd, bytes, { from: done, at, size });
      done += count;
      if (count < size) break;
    }
    return { bytes: bytes.subarray(0, done) };
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error("unknown");
    return { message, code: error instanceof Error && "code" in error ? String(error.code) : undefined };
  }
}

function readAll(
  fd: number,
  bytes: Uint8Array,
  { from, at, size }: { readonly from: number; readonly at: number; readonly size: number },
): number {
  let count = 0;
  while (count < size) {
    const read = readSync(fd, bytes, from + count, size - count, at + count);
    if (read === 0) break;
    count += read;
  }
  return count;
}
