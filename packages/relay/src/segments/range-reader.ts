import { Worker } from "node:worker_threads";
import type { ReadThreadAnswer, ReadThreadRequest } from "./read-thread.ts";

interface Waiting {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Reads many small ranges on a thread of its own: there a read costs a system call and nothing else, while each one asked
 * of the thread pool costs the event loop several times as much. The thread is started when it is first needed.
 */
export class RangeReader {
  #worker: Worker | undefined;
  readonly #waiting: Waiting[] = [];

  /** The file must stay open until this settles. */
  read(fd: number, ranges: readonly { readonly at: number; readonly size: number }[]): Promise<Uint8Array> {
    const packed = new Float64Array(ranges.length * 2);
    for (const [i, { at, size }] of ranges.entries()) {
      packed[i * 2] = at;
      packed[i * 2 + 1] = size;
    }
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      worker.ref();
      const request: ReadThreadRequest = { fd, ranges: packed };
      worker.postMessage(request, [packed.buffer]);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL("./read-thread.ts", import.meta.url), { name: "read" });
    worker.on("message", (answer: ReadThreadAnswer) => {
      const waiting = this.#waiting.shift();
      // An idle thread keeps no process alive.
      if (this.#waiting.length === 0) worker.unref();
      if ("bytes" in answer) waiting?.resolve(answer.bytes);
      else waiting?.reject(Object.assign(new Error(answer.message), { code: answer.code }));
    });
    worker.on("error", (error) => {
      this.#worker = undefined;
      for (const { reject } of this.#waiting.splice(0))
        reject(error instanceof Error ? error : new Error("the thread that reads ended"));
    });
    return worker;
  }
}
