/** Largest frame either side sends or takes. A page of messages with thumbnails is the largest honest one. */
export const MAX_FRAME_BYTES = 32 * 1024 * 1024;
const HEADER_BYTES = 4;

/** The other process does not speak our protocol. The connection is closed; nothing is answered. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/**
 * One value as a frame: `uint32 length; opaque json[length]`, UTF-8. Bytes are written as `{"$bytes": base64}`.
 *
 * @throws RangeError above {@link MAX_FRAME_BYTES}.
 */
export function encodeFrame(value: unknown): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(value, markBytes));
  if (body.length > MAX_FRAME_BYTES) throw new RangeError("frame too large");
  const frame = new Uint8Array(HEADER_BYTES + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, HEADER_BYTES);
  return frame;
}

/** Puts the pieces of a stream together and gives the values in it. */
export class FrameReader {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #length = 0;

  /** @param maxBytes - Frames that announce more are refused before their bytes are kept. */
  constructor(maxBytes = MAX_FRAME_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** The values that are complete with `bytes`. @throws {@link FrameError} on an announced length or JSON that is wrong. */
  push(bytes: Uint8Array): readonly unknown[] {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    const values: unknown[] = [];
    for (;;) {
      const frame = this.#take();
      if (frame === undefined) return values;
      values.push(parseBody(frame));
    }
  }

  #take(): Uint8Array | undefined {
    if (this.#length < HEADER_BYTES) return undefined;
    const first = this.#parts[0];
    if (first === undefined || first.length < HEADER_BYTES) this.#join();
    const head = this.#parts[0] ?? new Uint8Array(HEADER_BYTES);
    const size = new DataView(head.buffer, head.byteOffset, head.length).getUint32(0);
    if (size > this.#maxBytes) throw new FrameError("frame too large");
    const end = HEADER_BYTES + size;
    if (this.#length < end) return undefined;
    this.#join();
    const all = this.#parts[0] ?? head;
    this.#parts = all.length > end ? [all.subarray(end)] : [];
    this.#length -= end;
    return all.subarray(HEADER_BYTES, end);
  }

  #join(): void {
    if (this.#parts.length < 2) return;
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    this.#parts = [all];
  }
}

function parseBody(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body), restoreBytes);
  } catch (error) {
    throw new FrameError("not JSON", { cause: error });
  }
}

function markBytes(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array
    ? { $bytes: Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64") }
    : value;
}

function restoreBytes(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("$bytes" in value)) return value;
  if (typeof value.$bytes !== "string") throw new FrameError("bad bytes");
  return new Uint8Array(Buffer.from(value.$bytes, "base64"));
}
