import { fc, test } from "@fast-check/vitest";
import { describeStructure } from "@stonechat/testkit/describe-structure";
import { hex, unhex } from "@stonechat/testkit/hex";
import { describe, expect } from "vitest";
import {
  boolean,
  bytes,
  choice,
  list,
  opaque,
  optional,
  struct,
  structure,
  text,
  uint16,
  uint32,
  uint53,
  uint64,
  uint8,
  union,
  versioned,
  type Codec,
  type ValueOf,
} from "./codec.ts";
import { WireError } from "./wire-error.ts";

const whole = <T>(codec: Codec<T>, maxBytes = 1000): ReturnType<typeof structure<T>> =>
  structure("Test", maxBytes, codec);
const codeOf = (action: () => unknown): string => {
  try {
    action();
    return "accepted";
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
};
const decodeCode = <T>(codec: Codec<T>, input: string): string => codeOf(() => whole(codec).decode(unhex(input)));

/** Every combinator, inside every other one that takes a codec. */
const leaf = union({
  empty: [0, struct({})],
  number: [1, struct({ value: uint53 })],
  words: [0xff, struct({ words: list(text(20), 3, 40), colour: choice({ red: 1, green: 7 }) })],
});
const zoo = struct({
  id: opaque(3),
  flag: boolean,
  small: uint8,
  middle: uint16,
  large: uint32,
  huge: uint64,
  payload: bytes(70),
  maybe: optional(uint16),
  nested: optional(struct({ inner: optional(text(10)) })),
  leaves: list(leaf, 4, 200),
  lists: list(list(uint8, 3, 3), 3, 12),
});
const uint = (bits: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: 2 ** bits - 1 });
const words = fc.string({ unit: "binary", maxLength: 4 }).filter((value) => !value.includes("\0"));
const leaves: fc.Arbitrary<ValueOf<typeof leaf>> = fc.oneof(
  fc.record({ type: fc.constant("empty" as const) }),
  fc.record({ type: fc.constant("number" as const), value: fc.maxSafeNat() }),
  fc.record({
    type: fc.constant("words" as const),
    words: fc.array(words, { maxLength: 2 }),
    colour: fc.constantFrom("red" as const, "green" as const),
  }),
);
const option = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(values, { nil: undefined });
const animals: fc.Arbitrary<ValueOf<typeof zoo>> = fc.record({
  id: fc.uint8Array({ minLength: 3, maxLength: 3 }),
  flag: fc.boolean(),
  small: uint(8),
  middle: uint(16),
  large: uint(32),
  huge: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  payload: fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ minLength: 62, maxLength: 66 })),
  maybe: option(uint(16)),
  nested: option(fc.record({ inner: option(fc.string({ maxLength: 5 }).filter((value) => /^[ -~]*$/.test(value))) })),
  leaves: fc.array(leaves, { maxLength: 4 }),
  lists: fc.array(fc.array(uint(8), { maxLength: 3 }), { maxLength: 3 }),
});

describeStructure("a structure with every combinator", structure("Zoo", 500, versioned(3, zoo)), animals, {
  runs: 100,
  noiseRuns: 25_000,
});
describeStructure(
  "a vector around its changes of width",
  whole(bytes(20_000), 20_004),
  fc
    .constantFrom(0, 1, 62, 63, 64, 65, 16_382, 16_383, 16_384, 16_385)
    .map((length) => new Uint8Array(length).fill(length)),
  { runs: 20, noiseRuns: 1000 },
);
describeStructure(
  "a list around its changes of width",
  whole(list(uint8, 20_000, 20_000), 20_004),
  fc.constantFrom(0, 1, 63, 64, 16_383, 16_384).map((length) => new Array<number>(length).fill(length % 256)),
  { runs: 6, noiseRuns: 300 },
);

describe("boolean", () => {
  test("is 0 or 1 and nothing else", () => {
    for (let byte = 0; byte < 256; byte += 1) {
      expect(decodeCode(boolean, hex(Uint8Array.of(byte)))).toBe(byte < 2 ? "accepted" : "bad-value");
    }
  });
});

describe("optional", () => {
  test("is marked by 0 or 1 and nothing else", () => {
    expect(hex(whole(optional(uint8)).encode(undefined))).toBe("00");
    expect(hex(whole(optional(uint8)).encode(0))).toBe("0100");
    expect(decodeCode(optional(uint8), "0200")).toBe("bad-value");
    expect(decodeCode(optional(uint8), "0000")).toBe("trailing-bytes");
  });
});

describe("versioned", () => {
  test("takes its own version only", () => {
    for (let byte = 0; byte < 256; byte += 1) {
      expect(decodeCode(versioned(3, uint8), `${hex(Uint8Array.of(byte))}00`)).toBe(
        byte === 3 ? "accepted" : "unsupported-version",
      );
    }
  });
});

describe("union and choice", () => {
  const shape = union({ a: [1, struct({ x: uint8 })], b: [2, struct({})] });
  const colour = choice({ red: 1, green: 7 });

  test("take the tags they name only", () => {
    for (let byte = 0; byte < 256; byte += 1) {
      const tag = hex(Uint8Array.of(byte));
      expect(decodeCode(shape, byte === 1 ? `${tag}00` : tag)).toBe(
        byte === 1 || byte === 2 ? "accepted" : "unknown-type",
      );
      expect(decodeCode(colour, tag)).toBe(byte === 1 || byte === 7 ? "accepted" : "unknown-type");
    }
  });

  test.each(["constructor", "__proto__", "toString", "hasOwnProperty", "c", ""])("refuse to write %j", (name) => {
    // What a caller that has lost its types could pass.
    expect(() => whole(shape).encode({ type: name } as never)).toThrow(RangeError);
    expect(() => whole(colour).encode(name as never)).toThrow(RangeError);
  });

  test("with two cases of one tag cannot be made", () => {
    expect(() => union({ a: [1, struct({})], b: [1, struct({})] })).toThrow(RangeError);
    expect(() => choice({ a: 1, b: 1 })).toThrow(RangeError);
  });
});

describe("struct", () => {
  test("keeps a field named __proto__ as a field and leaves the prototype alone", () => {
    const odd = struct({ ["__proto__"]: uint8, constructor: uint8 });
    const value = whole(odd).decode(unhex("0102")) as Record<string, unknown>;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.entries(value)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
    const inUnion = whole(union({ odd: [0, odd] })).decode(unhex("000102")) as Record<string, unknown>;
    expect(Object.getPrototypeOf(inUnion)).toBe(Object.prototype);
    expect(Object.entries(inUnion)).toEqual([
      ["type", "odd"],
      ["__proto__", 1],
      ["constructor", 2],
    ]);
    expect(({} as Record<string, unknown>)["type"]).toBeUndefined();
  });

  test("writes its fields in the order of their names here, not in that of the value", () => {
    expect(hex(whole(struct({ a: uint8, b: uint8 })).encode({ b: 2, a: 1 }))).toBe("0102");
  });
});

describe("list", () => {
  test("refuses more items than it may have, in both directions", () => {
    const short = list(uint8, 2, 10);
    expect(decodeCode(short, "020102")).toBe("accepted");
    expect(decodeCode(short, "03010203")).toBe("too-long");
    expect(() => whole(short).encode([1, 2, 3])).toThrow(RangeError);
  });

  test("refuses more bytes than it may have, in both directions", () => {
    const short = list(uint16, 10, 3);
    expect(decodeCode(short, "020102")).toBe("accepted");
    expect(decodeCode(short, "0401020304")).toBe("too-long");
    expect(() => whole(short).encode([1, 2])).toThrow(RangeError);
  });

  test("refuses an item that goes on beyond its end", () => {
    expect(decodeCode(list(uint16, 10, 10), "03010203")).toBe("truncated");
    expect(decodeCode(struct({ items: list(uint16, 10, 10), rest: uint8 }), "0301020304")).toBe("bad-value");
    const nested = list(list(uint8, 10, 10), 10, 10);
    expect(decodeCode(nested, "020100")).toBe("accepted");
    expect(decodeCode(struct({ nested, rest: bytes(10) }), "0203010203")).toBe("bad-value");
  });

  test("of items without bytes ends, however long it says it is", () => {
    expect(decodeCode(list(struct({}), 100, 1000), "0100")).toBe("too-long");
  });
});

describe("structure", () => {
  test("refuses to encode more than its limit", () => {
    expect(whole(bytes(10), 4).encode(new Uint8Array(3)).length).toBe(4);
    expect(() => whole(bytes(10), 4).encode(new Uint8Array(4))).toThrow(RangeError);
  });

  test("gives each encoding its own bytes", () => {
    const codec = whole(uint8);
    const first = codec.encode(1);
    codec.encode(2);
    expect(hex(first)).toBe("01");
  });

  test("decodes from a Buffer into values that do not change with it", () => {
    const source = Buffer.from("02aabb", "hex");
    const value = whole(bytes(10)).decode(source);
    source.fill(0);
    expect(hex(value)).toBe("aabb");
    expect(Buffer.isBuffer(value)).toBe(false);
  });

  test("opaque refuses to write another length than its own", () => {
    expect(() => whole(opaque(3)).encode(new Uint8Array(2))).toThrow(RangeError);
    expect(() => whole(opaque(3)).encode(new Uint8Array(4))).toThrow(RangeError);
  });
});
