/** What is needed of a terminal to type unseen. */
export interface RawInput {
  setRawMode(raw: boolean): unknown;
  on(event: "data", listener: (bytes: Uint8Array) => void): unknown;
  off(event: "data", listener: (bytes: Uint8Array) => void): unknown;
  once(event: "end", listener: () => void): unknown;
  off(event: "end", listener: () => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** How a line that was typed unseen ended. */
export type HiddenLine =
  { readonly type: "typed"; readonly text: string } | { readonly type: "interrupted" } | { readonly type: "closed" };

const MAX_BYTES = 1024;
const KEY = {
  interrupt: 0x03,
  end: 0x04,
  backspace: 0x08,
  newline: 0x0a,
  enter: 0x0d,
  clear: 0x15,
  escape: 0x1b,
} as const;
const DELETE = 0x7f;
const SPACE = 0x20;

/**
 * Asks for one line of a terminal and reads it without showing it. `ask` is called once nothing typed is shown any more:
 * who answers the instant the question appears is not shown either. Backspace and Ctrl-U work; cursor keys and the marks around pasted
 * text are dropped. The terminal is given back as it was, however this ends, and the bytes that were typed are
 * overwritten; the text that is returned cannot be.
 */
export function readHiddenLine(input: RawInput, signal: AbortSignal, ask: () => void): Promise<HiddenLine> {
  const line = new TypedLine();
  return new Promise((resolve) => {
    const finish = (end: HiddenLine): void => {
      input.off("data", take);
      input.off("end", close);
      signal.removeEventListener("abort", abort);
      input.setRawMode(false);
      input.pause();
      line.wipe();
      resolve(end);
    };
    const take = (bytes: Uint8Array): void => {
      const end = line.push(bytes);
      bytes.fill(0);
      if (end !== undefined) finish(end);
    };
    const close = (): void => {
      finish({ type: "closed" });
    };
    const abort = (): void => {
      finish({ type: "interrupted" });
    };
    input.setRawMode(true);
    ask();
    input.on("data", take);
    input.once("end", close);
    signal.addEventListener("abort", abort);
    input.resume();
    if (signal.aborted) abort();
  });
}

/** The bytes typed so far, and where in an escape sequence the last one stood. */
class TypedLine {
  readonly #bytes = new Uint8Array(MAX_BYTES);
  #length = 0;
  #escape: "no" | "begun" | "parameters" = "no";

  push(bytes: Uint8Array): HiddenLine | undefined {
    for (const byte of bytes) {
      const end = this.#key(byte);
      if (end !== undefined) return end;
    }
    return undefined;
  }

  wipe(): void {
    this.#bytes.fill(0);
    this.#length = 0;
  }

  #key(byte: number): HiddenLine | undefined {
    if (this.#inEscape(byte)) return undefined;
    switch (byte) {
      case KEY.interrupt:
        return { type: "interrupted" };
      case KEY.end:
        return this.#length === 0 ? { type: "closed" } : undefined;
      case KEY.enter:
      case KEY.newline:
        return { type: "typed", text: new TextDecoder().decode(this.#bytes.subarray(0, this.#length)) };
      case KEY.backspace:
      case DELETE:
        this.#dropLast();
        return undefined;
      case KEY.clear:
        this.wipe();
        return undefined;
      default:
        if (byte >= SPACE && this.#length < MAX_BYTES) this.#bytes[this.#length++] = byte;
        return undefined;
    }
  }

  /** `ESC [ parameters final` and `ESC O final` are keys without a letter. Source: ECMA-48 §5.4. */
  #inEscape(byte: number): boolean {
    if (byte === KEY.escape) {
      this.#escape = "begun";
      return true;
    }
    switch (this.#escape) {
      case "no":
        return false;
      case "begun":
        this.#escape = byte === 0x5b || byte === 0x4f ? "parameters" : "no";
        return true;
      case "parameters":
        if (byte >= 0x40 && byte <= 0x7e) this.#escape = "no";
        return true;
    }
  }

  /** Takes off one character: its UTF-8 continuation bytes and the byte that leads them. */
  #dropLast(): void {
    while (this.#length > 0) {
      this.#length -= 1;
      const byte = this.#bytes[this.#length] ?? 0;
      this.#bytes[this.#length] = 0;
      if ((byte & 0xc0) !== 0x80) return;
    }
  }
}
