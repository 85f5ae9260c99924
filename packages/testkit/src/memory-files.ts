import type { FileSink, FileSource } from "@stonechat/core";

/** A file to send, in memory. */
export function memorySource(bytes: Uint8Array, name = "file", type = ""): FileSource {
  return {
    name,
    type,
    size: bytes.length,
    read: async (at, length) => Promise.resolve(bytes.slice(at, at + length)),
    close: async () => Promise.resolve(),
  };
}

/** A file of any size whose bytes follow from their place, so that nothing need be held. */
export function patternSource(size: number): FileSource {
  return {
    name: "pattern",
    type: "",
    size,
    read: async (at, length) => Promise.resolve(pattern(at, Math.min(length, size - at))),
    close: async () => Promise.resolve(),
  };
}

/** The bytes of a {@link patternSource} from `at`. Neighbouring chunks differ. */
export function pattern(at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 1) bytes[i] = (at + i) ^ ((at + i) >>> 8) ^ ((at + i) >>> 16);
  return bytes;
}

/** Collects a file, and how it ended. */
export class MemorySink implements FileSink {
  state: "open" | "closed" | "aborted" = "open";
  readonly #pieces: Uint8Array[] = [];

  async write(bytes: Uint8Array): Promise<void> {
    this.#pieces.push(bytes.slice());
    return Promise.resolve();
  }

  async close(): Promise<unknown> {
    this.state = "closed";
    return Promise.resolve(this.bytes());
  }

  async abort(): Promise<void> {
    this.state = "aborted";
    return Promise.resolve();
  }

  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#pieces));
  }
}

/** Compares what it is given with a {@link patternSource} and keeps nothing. */
export class PatternSink implements FileSink {
  size = 0;
  right = true;
  closed = false;

  async write(bytes: Uint8Array): Promise<void> {
    this.right &&= Buffer.compare(bytes, pattern(this.size, bytes.length)) === 0;
    this.size += bytes.length;
    return Promise.resolve();
  }

  async close(): Promise<unknown> {
    this.closed = true;
    return Promise.resolve(undefined);
  }

  async abort(): Promise<void> {
    return Promise.resolve();
  }
}
