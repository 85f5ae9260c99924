import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { parseAnswer, parseCall } from "./calls.ts";
import { encodeFrame, FrameError, FrameReader } from "./frames.ts";

const anyBytes = fc.uint8Array({ maxLength: 200 });
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value).replaceAll("-0", "0")) as unknown);

function split(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return [...parts, bytes.subarray(at)];
}

test.prop([fc.array(json, { maxLength: 5 }), fc.array(fc.nat({ max: 40 }))])(
  "frames come through in whatever pieces",
  (values, sizes) => {
    const stream = Buffer.concat(values.map(encodeFrame));
    const reader = new FrameReader();
    expect(split(stream, sizes).flatMap((part) => reader.push(part))).toEqual(values);
  },
);

test.prop([anyBytes])("bytes come through as bytes", (bytes) => {
  const [value] = new FrameReader().push(encodeFrame({ thumbnail: bytes }));
  expect(value).toEqual({ thumbnail: bytes });
});

test.prop([fc.array(anyBytes)])("noise is refused or waited for, and nothing else is thrown", (parts) => {
  const reader = new FrameReader(1000);
  try {
    for (const part of parts) for (const value of reader.push(part)) parseCall(value);
  } catch (error) {
    expect(error).toBeInstanceOf(FrameError);
  }
});

test.prop([fc.jsonValue()])("any JSON is a call, an answer, or refused", (value) => {
  for (const parse of [parseCall, parseAnswer]) {
    try {
      parse(value);
    } catch (error) {
      expect(error).toBeInstanceOf(FrameError);
    }
  }
});

test("a frame that announces too much is refused before its bytes come", () => {
  expect(() => new FrameReader(10).push(Uint8Array.of(0, 0, 0, 11))).toThrow(FrameError);
  expect(new FrameReader(10).push(Uint8Array.of(0, 0, 0, 10))).toEqual([]);
});
