import { fc, test } from "@fast-check/vitest";
import { describeStructure } from "@stonechat/testkit/describe-structure";
import { replyFrames, requestFrames } from "@stonechat/testkit/frame-arbitraries";
import { describe, expect } from "vitest";
import { WireError } from "../codec/wire-error.ts";
import { replyFrame, requestFrame, type Entry, type ReplyFrame, type RequestFrame } from "./frames.ts";
import type { EntryId, LogId, Token } from "./identifiers.ts";
import { MAX_COMMIT_BYTES } from "./limits.ts";
import { ReplyEncoder } from "./reply-encoder.ts";
import { decodeRequestView } from "./request-view.ts";

const encoder = new ReplyEncoder();

describeStructure(
  "RequestFrame by decodeRequestView",
  { ...requestFrame, decode: (bytes) => decodeRequestView(Uint8Array.from(bytes)) },
  requestFrames,
  { noiseRuns: 30_000 },
);
describeStructure(
  "ReplyFrame by ReplyEncoder",
  { ...replyFrame, encode: (frame) => encoder.encode(frame).slice() },
  replyFrames,
  { noiseRuns: 1000 },
);

const append = (length: number): RequestFrame => ({
  requestId: 0xfedc_ba98,
  request: {
    type: "append",
    logId: new Uint8Array(32).fill(1) as LogId,
    appendToken: new Uint8Array(32).fill(2) as Token,
    entryId: new Uint8Array(16).fill(3) as EntryId,
    ttlSeconds: 0xffff_fffe,
    body: new Uint8Array(length).fill(4),
  },
});
const WIDTH_CHANGES = [0, 1, 63, 64, 65, 16_383, 16_384, 16_385, MAX_COMMIT_BYTES];

/** What a decoder makes of the bytes: the value, or how it refuses them. */
function verdictOf(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof WireError) return error.message;
    throw error;
  }
}

describe("decodeRequestView", () => {
  const expectAgreement = (bytes: Uint8Array): void => {
    expect(verdictOf(decodeRequestView, bytes)).toEqual(verdictOf(requestFrame.decode, bytes));
  };

  test.each(WIDTH_CHANGES)("gives back an append of %i bytes", (length) => {
    const bytes = requestFrame.encode(append(length));
    expect(Buffer.compare(requestFrame.encode(decodeRequestView(bytes)), bytes)).toBe(0);
  });

  test("says what is wrong with an append in the very words of the strict decoder", () => {
    for (const length of [0, 5, 63, 64, 300]) {
      const bytes = requestFrame.encode(append(length));
      for (let end = 0; end < bytes.length; end += 1) expectAgreement(bytes.subarray(0, end));
      expectAgreement(Uint8Array.of(...bytes, 0));
      for (let first = 0; first < 256; first += 1) {
        const changed = Uint8Array.from(bytes);
        changed[89] = first;
        expectAgreement(changed);
      }
    }
    const head = requestFrame.encode(append(0)).subarray(0, 89);
    for (const form of [[0x40, 5], [0x80, 0, 0, 5], [0xc0, 0, 0, 0, 0, 0, 0, 5], [0x80, 0, 0x3f, 0xff], [5]])
      for (const length of [5, 0x3fff]) expectAgreement(Uint8Array.of(...head, ...form, ...new Uint8Array(length)));
    const tooLong = new Uint8Array(MAX_COMMIT_BYTES + 1);
    expectAgreement(new Uint8Array(Buffer.concat([head, Uint8Array.of(0x80, 0x10, 0, 1), tooLong])));
    expectAgreement(
      new Uint8Array(Buffer.concat([head, Uint8Array.of(0x80, 0x10, 0x20, 0), new Uint8Array(0x102000)])),
    );
  });

  test.prop([fc.uint8Array({ maxLength: 200 })], { numRuns: 5000 })(
    "agrees about noise that claims to append",
    (noise) => {
      const bytes = Uint8Array.from(noise);
      if (bytes.length > 4) bytes[4] = 3;
      expectAgreement(bytes);
    },
  );

  test("reads a view that does not begin where its memory begins", () => {
    const bytes = requestFrame.encode(append(100));
    const memory = Buffer.concat([Buffer.alloc(13), bytes, Buffer.alloc(7)]);
    expect(decodeRequestView(memory.subarray(13, 13 + bytes.length))).toEqual(append(100));
  });
});

describe("ReplyEncoder", () => {
  const entry = (changes: Partial<Entry> = {}): Entry => ({
    ...{ seq: 1, kind: "message", entryId: new Uint8Array(16).fill(5) as EntryId, expiresAt: 2 },
    body: new Uint8Array(3),
    ...changes,
  });
  const entries = (list: readonly Entry[], changes: object = {}): ReplyFrame => {
    const reply = { type: "entries", logId: new Uint8Array(32) as LogId, entries: list, next: 9, endOfEpoch: true };
    return { requestId: 0, reply: { ...reply, ...changes } as ReplyFrame["reply"] };
  };

  test.each(WIDTH_CHANGES)("writes an entry of %i bytes as the plain encoder does", (length) => {
    const frame = entries([entry({ body: new Uint8Array(length).fill(6), kind: "commit" })]);
    expect(Buffer.compare(encoder.encode(frame), replyFrame.encode(frame))).toBe(0);
  });

  test("writes a full page as the plain encoder does", () => {
    const frame = entries(
      Array.from({ length: 500 }, (_, seq) => entry({ seq, body: new Uint8Array(1024).fill(seq) })),
    );
    expect(Buffer.compare(encoder.encode(frame), replyFrame.encode(frame))).toBe(0);
  });

  const WRONG: Readonly<Record<string, ReplyFrame>> = {
    "a request id below 0": { requestId: -1, reply: { type: "appended", seq: 1 } },
    "a request id of 33 bits": { requestId: 2 ** 32, reply: { type: "appended", seq: 1 } },
    "a position below 0": { requestId: 1, reply: { type: "appended", seq: -1 } },
    "a position between two": { requestId: 1, reply: { type: "appended", seq: 1.5 } },
    "a position beyond 2^53": { requestId: 1, reply: { type: "appended", seq: 2 ** 53 } },
    "an entry's position below 0": entries([entry({ seq: -1 })]),
    "a time that is no number": entries([entry({ expiresAt: Number.NaN })]),
    "a kind that does not exist": entries([entry({ kind: "other" as Entry["kind"] })]),
    "a short entry id": entries([entry({ entryId: new Uint8Array(15) as EntryId })]),
    "a body over the limit": entries([entry({ body: new Uint8Array(MAX_COMMIT_BYTES + 1) })]),
    "too many entries": entries(Array.from({ length: 501 }, () => entry())),
    "entries too long together": entries([
      entry({ body: new Uint8Array(600_000) }),
      entry({ body: new Uint8Array(600_000) }),
    ]),
    "a short log id": entries([], { logId: new Uint8Array(31) }),
    "a next position below 0": entries([], { next: -1 }),
  };
  test.each(Object.entries(WRONG))("refuses %s as the plain encoder does", (_what, frame) => {
    expect(() => replyFrame.encode(frame)).toThrow();
    expect(() => encoder.encode(frame)).toThrow();
  });

  test("keeps nothing of a frame that it refused", () => {
    expect(() => encoder.encode(entries([entry({ seq: -1 })]))).toThrow(RangeError);
    const good: ReplyFrame = { requestId: 3, reply: { type: "appended", seq: 4 } };
    expect(encoder.encode(good)).toEqual(replyFrame.encode(good));
  });
});
