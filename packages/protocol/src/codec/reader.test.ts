import { fc, test } from "@fast-check/vitest";
import { hex, unhex } from "@stonechat/testkit/hex";
import { describe, expect, vi } from "vitest";
import { Reader } from "./reader.ts";
import { WireError } from "./wire-error.ts";
import { Writer } from "./writer.ts";

const MAX = 0x3fff_ffff;
const read = (text: string): Reader => new Reader(unhex(text), "Test");
const codeOf = (action: () => unknown): string => {
  try {
    action();
    return "accepted";
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
};

describe("the length of a vector", () => {
  test.each([
    [0, "00"],
    [1, "01"],
    [63, "3f"],
    [64, "4040"],
    [65, "4041"],
    [16_383, "7fff"],
    [16_384, "80004000"],
    [16_385, "80004001"],
    [2 ** 30 - 1, "bfffffff"],
  ])("%i is written as %s", (length, expected) => {
    const writer = new Writer();
    writer.vectorLength(length, MAX);
    expect(hex(writer.finish())).toBe(expected);
  });

  test.each([0, 1, 62, 63, 64, 65, 16_382, 16_383, 16_384, 16_385])("%i comes back", (length) => {
    const writer = new Writer();
    writer.vectorLength(length, MAX);
    writer.opaque(new Uint8Array(length));
    const reader = new Reader(writer.finish(), "Test");
    expect(reader.vectorLength(MAX)).toBe(length);
    expect(reader.remaining).toBe(length);
  });

  test("in two bytes is taken from 64 up only", () => {
    for (let length = 0; length < 1 << 14; length += 1) {
      const bytes = new Uint8Array(2 + length);
      bytes[0] = 0x40 | (length >> 8);
      bytes[1] = length & 0xff;
      expect(codeOf(() => new Reader(bytes, "Test").vectorLength(MAX))).toBe(
        length < 64 ? "non-minimal-length" : "accepted",
      );
    }
  });

  test.each([
    ["80000000", "non-minimal-length"],
    ["80000001", "non-minimal-length"],
    ["8000003f", "non-minimal-length"],
    ["80000040", "non-minimal-length"],
    ["80003fff", "non-minimal-length"],
    ["80004000", "truncated"],
    ["bfffffff", "truncated"],
  ])("%s in four bytes is %s", (text, code) => {
    expect(codeOf(() => read(text).vectorLength(MAX))).toBe(code);
  });

  test("whose first two bits are both set is refused, whatever follows", () => {
    for (let first = 0xc0; first <= 0xff; first += 1) {
      const bytes = new Uint8Array(2000);
      bytes[0] = first;
      expect(codeOf(() => new Reader(bytes, "Test").vectorLength(MAX))).toBe("bad-value");
    }
  });

  test.each(["", "40", "80", "8000", "800040"])("cut off as %j is refused", (text) => {
    expect(codeOf(() => read(text).vectorLength(MAX))).toBe("truncated");
  });

  test("above the limit is refused even when the bytes are there", () => {
    expect(codeOf(() => read("03010203").vectorLength(2))).toBe("too-long");
    expect(codeOf(() => read("03010203").vectorLength(3))).toBe("accepted");
  });

  test("above what is left is refused before anything is copied", () => {
    const slice = vi.spyOn(Uint8Array.prototype, "slice");
    try {
      for (const text of ["bfffffff00", "7fff00", "3f00"]) {
        expect(codeOf(() => read(text).vector(MAX))).toBe("truncated");
        expect(codeOf(() => read(text).text(MAX))).toBe("truncated");
      }
      expect(codeOf(() => read("00").opaque(2 ** 40))).toBe("truncated");
      expect(slice).not.toHaveBeenCalled();
    } finally {
      slice.mockRestore();
    }
  });
});

describe("numbers", () => {
  const cases = [
    ["uint8", 1, 0xff],
    ["uint16", 2, 0xffff],
    ["uint32", 4, 0xffff_ffff],
    ["uint53", 8, Number.MAX_SAFE_INTEGER],
  ] as const;

  test.each(cases)("%s of %i bytes comes back at both ends of its range", (kind, width, max) => {
    for (const value of [0, 1, max - 1, max]) {
      const writer = new Writer();
      writer[kind](value);
      expect(writer.length).toBe(width);
      expect(new Reader(writer.finish(), "Test")[kind]()).toBe(value);
    }
  });

  test.each(cases)("%s of %i bytes refuses to write what does not fit", (kind, _width, max) => {
    for (const value of [-1, max + 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => {
        new Writer()[kind](value);
      }).toThrow(RangeError);
    }
  });

  test.each(cases)("%s cut off before %i bytes is refused", (kind, width) => {
    for (let length = 0; length < width; length += 1) {
      expect(codeOf(() => new Reader(new Uint8Array(length), "Test")[kind]())).toBe("truncated");
    }
  });

  test("uint53 refuses 2^53 and above", () => {
    expect(read("001fffffffffffff").uint53()).toBe(Number.MAX_SAFE_INTEGER);
    expect(codeOf(() => read("0020000000000000").uint53())).toBe("bad-value");
    expect(codeOf(() => read("ffffffffffffffff").uint53())).toBe("bad-value");
  });

  test.prop([fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })])("uint64 comes back", (value) => {
    const writer = new Writer();
    writer.uint64(value);
    expect(new Reader(writer.finish(), "Test").uint64()).toBe(value);
  });

  test("uint64 refuses to write what does not fit", () => {
    expect(() => {
      new Writer().uint64(-1n);
    }).toThrow(RangeError);
    expect(() => {
      new Writer().uint64(2n ** 64n);
    }).toThrow(RangeError);
  });

  test("numbers are big-endian", () => {
    const writer = new Writer();
    writer.uint16(0x0102);
    writer.uint32(0x0304_0506);
    writer.uint53(0x0708_090a_0b0c);
    writer.uint64(0x0d0e_0f10_1112_1314n);
    expect(hex(writer.finish())).toBe("0102030405060000" + "0708090a0b0c" + "0d0e0f1011121314");
  });
});

describe("text", () => {
  const encoded = (bytes: string): string => hex(Uint8Array.of(unhex(bytes).length)) + bytes;

  test.each([
    ["a lone high surrogate", "eda080"],
    ["a lone low surrogate", "edb080"],
    ["a surrogate pair", "eda081edb080"],
    ["NUL", "00"],
    ["NUL among letters", "610062"],
    ["an overlong NUL", "c080"],
    ["an overlong slash", "c0af"],
    ["an overlong slash in three bytes", "e080af"],
    ["an overlong letter in four bytes", "f0808181"],
    ["a code point above U+10FFFF", "f4908080"],
    ["a cut-off sequence", "e282"],
    ["a stray continuation", "80"],
    ["0xff", "ff"],
    ["UTF-16 with a byte order mark", "fffe6100"],
  ])("with %s is refused", (_name, bytes) => {
    expect(codeOf(() => read(encoded(bytes)).text(100))).toBe("bad-text");
  });

  test("keeps a byte order mark, at the start too", () => {
    expect(read(encoded("efbbbf61")).text(100)).toBe("\u{feff}a");
  });

  test.each(["", "a", "\u{feff}", "é", "e\u{301}", "😀", "\u{10ffff}", "\u{202e}abc", "a\nb"])(
    "%j comes back",
    (text) => {
      const writer = new Writer();
      writer.text(text, 100);
      expect(new Reader(writer.finish(), "Test").text(100)).toBe(text);
    },
  );

  test.each(["\ud800", "a\udc00b", "\0", "a\0"])("%j is refused when written", (text) => {
    expect(() => {
      new Writer().text(text, 100);
    }).toThrow(RangeError);
  });

  test.prop([fc.uint8Array({ maxLength: 12 })])("is accepted only if it is written back to the same bytes", (bytes) => {
    const framed = Uint8Array.of(bytes.length, ...bytes);
    if (codeOf(() => new Reader(framed, "Test").text(100)) !== "accepted") return;
    const writer = new Writer();
    writer.text(new Reader(framed, "Test").text(100), 100);
    expect(hex(writer.finish())).toBe(hex(framed));
  });

  test("is measured in bytes, not in characters", () => {
    expect(() => {
      new Writer().text("éé", 3);
    }).toThrow(RangeError);
    expect(codeOf(() => read(encoded("c3a9c3a9")).text(3))).toBe("too-long");
  });
});

describe("what was read", () => {
  test.each([
    ["a Uint8Array", (bytes: Uint8Array) => bytes],
    ["a Buffer", (bytes: Uint8Array) => Buffer.from(bytes)],
  ])("from %s is a copy and a plain Uint8Array", (_name, wrap) => {
    const source = wrap(unhex("0203040506"));
    const reader = new Reader(source, "Test");
    const parts = [reader.vector(10), reader.opaque(1), reader.rest()];
    source.fill(0xff);
    expect(parts.map(hex)).toEqual(["0304", "05", "06"]);
    for (const part of parts) expect(Object.getPrototypeOf(part)).toBe(Uint8Array.prototype);
  });

  test("in a view begins and ends with the view", () => {
    const view = unhex("aa0201ff02bb").subarray(1, 4);
    const reader = new Reader(view, "Test");
    expect(reader.remaining).toBe(3);
    expect(hex(reader.vector(10))).toBe("01ff");
    expect(codeOf(() => reader.uint8())).toBe("truncated");
  });

  test("must be all there is", () => {
    const reader = read("01");
    expect(
      codeOf(() => {
        reader.end();
      }),
    ).toBe("trailing-bytes");
    reader.uint8();
    expect(
      codeOf(() => {
        reader.end();
      }),
    ).toBe("accepted");
  });
});

test("an error names structure, code and offset, and none of the bytes", () => {
  const reader = read("0102deadbeef");
  reader.uint16();
  const error = reader.error("bad-value");
  expect(error).toMatchObject({ name: "WireError", code: "bad-value", structure: "Test", offset: 2 });
  expect(error.message).toBe("Test: bad-value at byte 2");
});
