import { EventEmitter } from "node:events";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { readHiddenLine, type HiddenLine, type RawInput } from "./terminal-secret.ts";

class FakeTerminal extends EventEmitter implements RawInput {
  raw = false;
  flowing = false;

  setRawMode(raw: boolean): void {
    this.raw = raw;
  }

  resume(): void {
    this.flowing = true;
  }

  pause(): void {
    this.flowing = false;
  }

  type(text: string): Buffer {
    const bytes = Buffer.from(text);
    this.emit("data", bytes);
    return bytes;
  }
}

async function typing(...keys: readonly string[]): Promise<HiddenLine> {
  const terminal = new FakeTerminal();
  const line = readHiddenLine(terminal, new AbortController().signal, () => undefined);
  for (const key of keys) terminal.type(key);
  const end = await line;
  expect({ raw: terminal.raw, flowing: terminal.flowing, listeners: terminal.listenerCount("data") }).toEqual({
    raw: false,
    flowing: false,
    listeners: 0,
  });
  return end;
}

const word = fc.stringMatching(/^[\p{L}\p{N} ]{0,40}$/u);

describe("a line typed unseen", () => {
  test.prop([word])("is what was typed, in one piece or byte by byte", async (text) => {
    const typed = { type: "typed", text };
    expect(await typing(`${text}\r`)).toEqual(typed);
    const terminal = new FakeTerminal();
    const line = readHiddenLine(terminal, new AbortController().signal, () => undefined);
    for (const byte of Buffer.from(`${text}\n`)) terminal.emit("data", Buffer.of(byte));
    expect(await line).toEqual(typed);
  });

  test("is asked for once nothing typed is shown any more", async () => {
    const terminal = new FakeTerminal();
    const rawWhenAsked: boolean[] = [];
    const line = readHiddenLine(terminal, new AbortController().signal, () => rawWhenAsked.push(terminal.raw));
    terminal.type("secret\r");
    await line;
    expect(rawWhenAsked).toEqual([true]);
  });

  test.prop([word, fc.string({ unit: "grapheme-composite", minLength: 1, maxLength: 1 })])(
    "forgets as many characters as are deleted",
    async (text, last) => {
      fc.pre(!/\p{Cc}/u.test(last));
      const characters = [...last].length;
      expect(await typing(text, last, "\u007f".repeat(characters), "\r")).toEqual({ type: "typed", text });
    },
  );

  test.each([
    ["a\u0015b\r", "b"],
    ["\u001b[200~six words\u001b[201~\r", "six words"],
    ["\u001b[Aa\u001bOPb\t\r", "ab"],
    ["a\u0004b\r", "ab"],
    ["first\nsecond\n", "first"],
  ])("%j is %j", async (keys, text) => {
    expect(await typing(keys)).toEqual({ type: "typed", text });
  });

  test("Ctrl-C interrupts, and Ctrl-D on an empty line closes", async () => {
    expect(await typing("secret\u0003")).toEqual({ type: "interrupted" });
    expect(await typing("\u0004")).toEqual({ type: "closed" });
  });

  test("a signal gives the terminal back", async () => {
    const terminal = new FakeTerminal();
    const stop = new AbortController();
    const line = readHiddenLine(terminal, stop.signal, () => undefined);
    expect(terminal.raw).toBe(true);
    stop.abort();
    expect(await line).toEqual({ type: "interrupted" });
    expect(terminal.raw).toBe(false);
  });

  test("the bytes that came from the terminal are overwritten", async () => {
    const terminal = new FakeTerminal();
    const line = readHiddenLine(terminal, new AbortController().signal, () => undefined);
    const bytes = terminal.type("secret\r");
    await line;
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  test("a line without end is cut, not kept", async () => {
    const end = await typing("x".repeat(5000), "\r");
    expect(end.type === "typed" && end.text.length).toBe(1024);
  });
});
