import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { FrameReader, type FrameListener } from "./frame-reader.ts";

const LIMITS = { maxMessageBytes: 70_000, maxFragments: 128 };
const FIN = 0x80;
const [MORE, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];

/** What a listener heard, in words that are easy to compare. */
function hearing(): FrameListener & { readonly heard: string[] } {
  const heard: string[] = [];
  const spell = (bytes: Uint8Array): string => (bytes.length > 40 ? `${String(bytes.length)} bytes` : latin1(bytes));
  return {
    heard,
    message: (bytes) => heard.push(`message ${spell(bytes)}`),
    ping: (payload) => heard.push(`ping ${spell(payload)}`),
    pong: () => heard.push("pong"),
    goodbye: (code) => heard.push(`goodbye ${String(code)}`),
    broken: (code) => heard.push(`broken ${String(code)}`),
  };
}

function hear(chunks: readonly Uint8Array[]): readonly string[] {
  const reader = new FrameReader(LIMITS);
  const listener = hearing();
  for (const chunk of chunks) {
    reader.add(Uint8Array.from(chunk));
    while (reader.next(listener));
  }
  return listener.heard;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

interface Shape {
  readonly masked?: boolean;
  /** Bytes of the extended length; default: the least that are right. */
  readonly lengthBytes?: 0 | 2 | 8;
}
const MASK = [0x37, 0xfa, 0x21, 0x3d];

/** One frame as RFC 6455 §5.2 draws it. */
function frame(
  first: number,
  payload: string | Uint8Array = "",
  { masked = true, lengthBytes }: Shape = {},
): Uint8Array {
  const content = typeof payload === "string" ? Buffer.from(payload, "latin1") : payload;
  const { length } = content;
  const width = lengthBytes ?? (length < 126 ? 0 : length <= 0xffff ? 2 : 8);
  const form = width === 0 ? length : width === 2 ? 126 : 127;
  const extended = Array.from({ length: width }, (_, i) => Math.floor(length / 256 ** (width - 1 - i)) % 256);
  const mask = masked ? MASK : [];
  const body = masked ? content.map((byte, i) => byte ^ (MASK[i % 4] ?? 0)) : content;
  return Uint8Array.of(first, (masked ? 0x80 : 0) | form, ...extended, ...mask, ...body);
}
const closeFrame = (code: number, reason = ""): Uint8Array =>
  frame(FIN | CLOSE, Uint8Array.of(code >> 8, code & 0xff, ...Buffer.from(reason, "latin1")));

type Row = readonly [frames: readonly Uint8Array[], heard: readonly string[]];
const big = (length: number): Uint8Array => new Uint8Array(length).fill(0x2a);
const sized = (length: number): readonly [string, Row] => [
  `a message of ${String(length)} bytes`,
  [[frame(FIN | BINARY, big(length))], [`message ${length > 40 ? `${String(length)} bytes` : latin1(big(length))}`]],
];

/** In the manner of the Autobahn test suite's list, with its numbers of groups. */
const CASES: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  "1 framing": Object.fromEntries([0, 1, 125, 126, 127, 128, 65_535, 65_536, 70_000].map(sized)),
  "2 pings and pongs": {
    "an empty ping": [[frame(FIN | PING)], ["ping "]],
    "a ping with content": [[frame(FIN | PING, "hello")], ["ping hello"]],
    "a ping of 125 bytes": [[frame(FIN | PING, big(125))], ["ping 125 bytes"]],
    "a ping of 126 bytes": [[frame(FIN | PING, big(126))], ["broken 1002"]],
    "a pong that nobody asked for": [
      [frame(FIN | PONG, "x"), frame(FIN | BINARY, "y")],
      ["pong", "message y"],
    ],
    "ten pings at once": [new Array<Uint8Array>(10).fill(frame(FIN | PING, "n")), new Array<string>(10).fill("ping n")],
  },
  "3 reserved bits": Object.fromEntries(
    [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70].flatMap((bits) =>
      [BINARY, PING, CLOSE].map((opcode) => [
        `bits ${bits.toString(16)} on opcode ${String(opcode)}`,
        [
          [frame(FIN | BINARY, "first"), frame(FIN | bits | opcode, "x")],
          ["message first", "broken 1002"],
        ] as Row,
      ]),
    ),
  ),
  "4 opcodes that do not exist": Object.fromEntries(
    [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => [
      `opcode ${String(opcode)}`,
      [[frame(FIN | opcode, "x"), frame(FIN | PING)], ["broken 1002"]] as Row,
    ]),
  ),
  "5 fragments": {
    "a message in two": [[frame(BINARY, "ab"), frame(FIN | MORE, "cd")], ["message abcd"]],
    "a message in three, one of them empty": [
      [frame(BINARY, "ab"), frame(MORE), frame(FIN | MORE, "cd")],
      ["message abcd"],
    ],
    "nothing in three": [[frame(BINARY), frame(MORE), frame(FIN | MORE)], ["message "]],
    "a ping in between": [
      [frame(BINARY, "a"), frame(FIN | PING, "p"), frame(FIN | MORE, "b")],
      ["ping p", "message ab"],
    ],
    "a goodbye in between": [[frame(BINARY, "a"), closeFrame(1000)], ["goodbye 1000"]],
    "a ping in fragments": [[frame(PING, "a"), frame(FIN | MORE, "b")], ["broken 1002"]],
    "a pong in fragments": [[frame(PONG, "a"), frame(FIN | MORE, "b")], ["broken 1002"]],
    "a goodbye in fragments": [[frame(CLOSE), frame(FIN | MORE)], ["broken 1002"]],
    "a last piece of nothing": [[frame(FIN | MORE, "x")], ["broken 1002"]],
    "a piece of nothing": [[frame(MORE, "x"), frame(FIN | BINARY, "y")], ["broken 1002"]],
    "a last piece too many": [
      [frame(BINARY, "a"), frame(FIN | MORE, "b"), frame(FIN | MORE, "c")],
      ["message ab", "broken 1002"],
    ],
    "a message inside a message": [[frame(BINARY, "a"), frame(FIN | BINARY, "b")], ["broken 1002"]],
    "the beginning of a message inside a message": [[frame(BINARY, "a"), frame(BINARY, "b")], ["broken 1002"]],
    "as many pieces as may be": [
      [frame(BINARY), ...new Array<Uint8Array>(126).fill(frame(MORE)), frame(FIN | MORE, "x")],
      ["message x"],
    ],
    "more pieces than may be": [[frame(BINARY), ...new Array<Uint8Array>(200).fill(frame(MORE, "x"))], ["broken 1008"]],
  },
  "6 text": {
    "a text": [[frame(FIN | TEXT, "x")], ["broken 1003"]],
    "the beginning of a text": [[frame(TEXT, "x")], ["broken 1003"]],
    "a text that is no UTF-8": [[frame(FIN | TEXT, "\xff")], ["broken 1003"]],
  },
  "7 goodbyes": {
    "without a code": [[frame(FIN | CLOSE)], ["goodbye 1005"]],
    "of one byte": [[frame(FIN | CLOSE, "\x03")], ["broken 1002"]],
    "with a reason": [[closeFrame(1000, "bye")], ["goodbye 1000"]],
    "with a reason of 123 bytes": [[closeFrame(1000, "x".repeat(123))], ["goodbye 1000"]],
    "with a reason of 124 bytes": [[closeFrame(1000, "x".repeat(124))], ["broken 1002"]],
    "with a reason that is no UTF-8": [[closeFrame(1000, "\xce\xba\xed\xa0\x80")], ["broken 1007"]],
    "and then more": [[closeFrame(1000), frame(FIN | BINARY, "x"), frame(FIN | PING)], ["goodbye 1000"]],
    twice: [[closeFrame(1000), closeFrame(1000)], ["goodbye 1000"]],
    ...Object.fromEntries(
      [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999].map((code) => [
        `with code ${String(code)}`,
        [[closeFrame(code)], [`goodbye ${String(code)}`]] as Row,
      ]),
    ),
    ...Object.fromEntries(
      [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map((code) => [
        `with code ${String(code)}, which may not be sent`,
        [[closeFrame(code)], ["broken 1002"]] as Row,
      ]),
    ),
  },
  "9 limits": {
    "one byte over the limit": [[frame(FIN | BINARY, big(70_001)).subarray(0, 10)], ["broken 1009"]],
    "2^63 - 1 bytes": [[Uint8Array.of(0x82, 0xff, 0x7f, ...new Array<number>(7).fill(0xff))], ["broken 1009"]],
    "2^64 - 1 bytes": [[Uint8Array.of(0x82, 0xff, ...new Array<number>(8).fill(0xff))], ["broken 1009"]],
    "pieces that are too much together": [
      [frame(BINARY, big(60_000)), frame(FIN | MORE, big(10_001))],
      ["broken 1009"],
    ],
    "pieces that are just enough together": [
      [frame(BINARY, big(60_000)), frame(FIN | MORE, big(10_000))],
      ["message 70000 bytes"],
    ],
    "a ping while the pieces fill the limit": [
      [frame(BINARY, big(70_000)), frame(FIN | PING, "p"), frame(FIN | MORE)],
      ["ping p", "message 70000 bytes"],
    ],
  },
  "10 lengths and masks": {
    "a message without a mask": [[frame(FIN | BINARY, "x", { masked: false })], ["broken 1002"]],
    "a ping without a mask": [[frame(FIN | PING, "x", { masked: false })], ["broken 1002"]],
    "a goodbye without a mask": [[frame(FIN | CLOSE, "", { masked: false })], ["broken 1002"]],
    "a short length in 16 bits": [[frame(FIN | BINARY, big(125), { lengthBytes: 2 })], ["broken 1002"]],
    "a short length in 64 bits": [[frame(FIN | BINARY, big(65_535), { lengthBytes: 8 })], ["broken 1002"]],
  },
};

for (const [group, rows] of Object.entries(CASES)) {
  describe(group, () => {
    test.each(Object.entries(rows))("%s", (_name, [frames, heard]) => {
      expect(hear(frames)).toEqual(heard);
    });
    test("is heard alike however the network cuts it", () => {
      for (const [name, [frames, heard]] of Object.entries(rows)) {
        const bytes = new Uint8Array(Buffer.concat(frames));
        if (bytes.length > 1000) continue;
        expect(hear([bytes]), name).toEqual(heard);
        expect(hear(Array.from(bytes, (byte) => Uint8Array.of(byte))), name).toEqual(heard);
      }
    });
  });
}

const messages = fc.array(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 4 })), { maxLength: 8 });

test.prop([messages, fc.array(fc.nat({ max: 700 }), { maxLength: 12 })])(
  "whatever is said in whatever pieces, cut wherever, is heard whole, once and in order",
  (said, cuts) => {
    const frames = said.flatMap(([payload, pieces]) => {
      const size = Math.ceil(payload.length / (pieces + 1)) || 1;
      return Array.from({ length: pieces + 1 }, (_, i) =>
        frame(
          (i === 0 ? BINARY : MORE) | (i === pieces ? FIN : 0),
          payload.subarray(i * size, i === pieces ? undefined : (i + 1) * size),
        ),
      );
    });
    const bytes = new Uint8Array(Buffer.concat(frames));
    const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
    const heard: Uint8Array[] = [];
    const reader = new FrameReader(LIMITS);
    const listener = { ...hearing(), message: (message: Uint8Array) => heard.push(message) };
    for (const [i, from] of places.entries()) {
      reader.add(bytes.slice(from, places[i + 1] ?? from));
      while (reader.next(listener));
    }
    // Compared at the end: what was heard first must not have been written over.
    expect(heard.map(latin1)).toEqual(said.map(([payload]) => latin1(payload)));
    expect([reader.held, listener.heard]).toEqual([0, []]);
  },
);

test.prop([fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 20 })], { numRuns: 20_000 })(
  "noise ends in silence or in a code of the RFC, after which nothing is heard",
  (chunks) => {
    const heard = hear(chunks);
    const ends = heard.filter((what) => /^(broken|goodbye)/.test(what));
    expect(ends.length).toBeLessThanOrEqual(1);
    if (ends[0] !== undefined) {
      expect(heard.at(-1)).toBe(ends[0]);
      expect(ends[0]).toMatch(/^broken (1002|1003|1007|1008|1009)$|^goodbye /);
    }
  },
);

test("a length alone reserves no memory, and bytes that come one by one cost twice their number at most", () => {
  const reader = new FrameReader(LIMITS);
  const listener = hearing();
  const bytes = frame(FIN | BINARY, big(70_000));
  for (let i = 0; i < bytes.length; i += 1) {
    reader.add(bytes.slice(i, i + 1));
    expect(reader.held).toBe(i + 1);
    while (reader.next(listener));
  }
  expect(listener.heard).toEqual(["message 70000 bytes"]);
  expect(reader.held).toBe(0);
});

test("what is left of a large read is kept in memory of its own size", () => {
  const reader = new FrameReader(LIMITS);
  const chunk = new Uint8Array(
    Buffer.concat([frame(FIN | BINARY, big(60_000)), frame(FIN | BINARY, "tail").subarray(0, 7)]),
  );
  reader.add(chunk);
  const kept: Uint8Array[] = [];
  while (reader.next({ ...hearing(), message: (bytes: Uint8Array) => kept.push(bytes) }));
  chunk.fill(0);
  reader.add(frame(FIN | BINARY, "tail").slice(7));
  const listener = hearing();
  while (reader.next(listener));
  expect(listener.heard).toEqual(["message tail"]);
});
