import { contents, messageIds } from "@stonechat/testkit/client-arbitraries";
import { describeStructure } from "@stonechat/testkit/describe-structure";
import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import type { Structure } from "../codec/codec.ts";
import { WireError } from "../codec/wire-error.ts";
import {
  decodeContent,
  encodeContent,
  MAX_ATTACHMENTS,
  MAX_EMOJI_BYTES,
  MAX_RECEIPT_MESSAGES,
  MAX_TEXT_BYTES,
  type Content,
  type ContentBody,
  type MessageId,
} from "./content.ts";

const MAX_CONTENT_BYTES = 62_000;
/** Content has two layers and so no codec of its own; the properties need only these. */
const content = {
  name: "Content",
  maxBytes: MAX_CONTENT_BYTES,
  encode: encodeContent,
  decode: decodeContent,
} as unknown as Structure<Content>;

describeStructure("Content", content, contents, { runs: 60, noiseRuns: 10_000 });

const id = new Uint8Array(16) as MessageId;
const none = new Uint8Array(0);
const withBody = (body: ContentBody): Content => ({ messageId: id, sentAt: 1, body, extensions: none });
const refusal = (bytes: Uint8Array): string => {
  try {
    decodeContent(bytes);
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
  return "accepted";
};

test.prop([fc.integer({ min: 13, max: 0xffff }), fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 100 })])(
  "a body of a type that is not known here is kept byte by byte, and so are later fields",
  (tag, data, extensions) => {
    const bytes = encodeContent({ ...withBody({ type: "unsupported", tag, data }), extensions });
    const decoded = decodeContent(bytes);
    expect(decoded).toMatchObject({ body: { type: "unsupported", tag, data }, extensions });
    expect(encodeContent(decoded)).toEqual(bytes);
  },
);

test("another version of the whole is refused as such, so that a newer program can be asked for", () => {
  const bytes = encodeContent(withBody({ type: "leave" }));
  for (const version of [0, 2, 255]) {
    bytes[0] = version;
    expect(refusal(bytes)).toBe("unsupported-version");
  }
});

test.each([
  [
    "text",
    {
      type: "message",
      text: "x".repeat(MAX_TEXT_BYTES + 1),
      replyTo: undefined,
      attachments: [],
      timerSeconds: 0,
      viewOnce: false,
    },
  ],
  ["emoji", { type: "reaction", target: id, emoji: "x".repeat(MAX_EMOJI_BYTES + 1), removed: false }],
  ["edited text", { type: "edit", target: id, text: "x".repeat(MAX_TEXT_BYTES + 1) }],
  [
    "receipts",
    { type: "receipt", state: "read", messageIds: Array.from({ length: MAX_RECEIPT_MESSAGES + 1 }, () => id) },
  ],
] as const)("one %s too many is our own mistake and is never written", (_, body) => {
  expect(() => encodeContent(withBody(body))).toThrow(RangeError);
});

test("the longest text and the most receipts are written and read", () => {
  const longest = withBody({
    type: "message",
    text: "x".repeat(MAX_TEXT_BYTES),
    replyTo: undefined,
    attachments: [],
    timerSeconds: 0,
    viewOnce: false,
  });
  expect(decodeContent(encodeContent(longest))).toEqual(longest);
  const all = Array.from({ length: MAX_RECEIPT_MESSAGES }, () => id);
  const receipts = withBody({ type: "receipt", state: "delivered", messageIds: all });
  expect(decodeContent(encodeContent(receipts))).toEqual(receipts);
  expect(MAX_ATTACHMENTS).toBe(10);
});

test.prop([messageIds, fc.uint8Array({ minLength: 1, maxLength: 8 })])(
  "bytes after the body's fields are refused inside the body, too",
  (target, extra) => {
    const inner = new Uint8Array([...target, ...extra]);
    const bytes = encodeContent(withBody({ type: "unsupported", tag: 4, data: inner }));
    expect(refusal(bytes)).toBe("trailing-bytes");
  },
);

test("text that is no UTF-8 or holds NUL is refused", () => {
  const edit = (text: readonly number[]): Uint8Array =>
    encodeContent(withBody({ type: "unsupported", tag: 3, data: new Uint8Array([...id, text.length, ...text]) }));
  expect(decodeContent(edit([0x61])).body).toEqual({ type: "edit", target: id, text: "a" });
  for (const text of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0x61, 0x00]])
    expect(refusal(edit(text))).toBe("bad-text");
});
