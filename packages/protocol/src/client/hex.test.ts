import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { WireError } from "../codec/wire-error.ts";
import { parseHex, toHex } from "./hex.ts";

test.prop([fc.uint8Array({ maxLength: 100 })])("bytes come back from hex", (bytes) => {
  expect(parseHex(toHex(bytes))).toEqual(bytes);
});

test.each(["a", "AB", "0g", " 00", "00 ", "0x00", "00\n", "٠٠"])("%j is no hex of ours", (text) => {
  expect(() => parseHex(text)).toThrow(expect.objectContaining({ code: "bad-text" }) as WireError);
});

test.prop([fc.string()])("whatever is accepted is written the same way", (text) => {
  let bytes: Uint8Array;
  try {
    bytes = parseHex(text);
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    return;
  }
  expect(toHex(bytes)).toBe(text);
});
