import { fc, test } from "@fast-check/vitest";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hex, unhex } from "@stonechat/testkit/hex";
import { beforeAll, expect } from "vitest";
import { DecryptError } from "./errors.ts";
import { initCrypto } from "./sodium/sodium.ts";
import { STREAM_CHUNK_BYTES, STREAM_TAG_BYTES, streamOpener, streamSealer } from "./stream.ts";

beforeAll(initCrypto);
const KEY = new Uint8Array(32).fill(1);
const PREFIX = unhex("a1a2a3a4a5a6a7");
const NO_DATA = new Uint8Array(0);

function sealAll(file: Uint8Array): Uint8Array[] {
  const sealer = streamSealer(KEY, PREFIX);
  const count = Math.max(1, Math.ceil(file.length / STREAM_CHUNK_BYTES));
  return Array.from({ length: count }, (_, index) =>
    sealer.seal(
      index,
      file.subarray(index * STREAM_CHUNK_BYTES, (index + 1) * STREAM_CHUNK_BYTES),
      index === count - 1,
    ),
  );
}

test.each([0, 1, STREAM_CHUNK_BYTES - 1, STREAM_CHUNK_BYTES, STREAM_CHUNK_BYTES + 1, 3 * STREAM_CHUNK_BYTES])(
  "a file of %i bytes comes back, in any order of its chunks",
  (length) => {
    const file = new Uint8Array(length).map((_, index) => index % 251);
    const chunks = sealAll(file);
    const opener = streamOpener(KEY, PREFIX);
    const opened = new Map<number, Uint8Array>();
    for (let index = chunks.length - 1; index >= 0; index -= 1) {
      const chunk = chunks[index] ?? NO_DATA;
      opened.set(index, opener.open(index, chunk, index === chunks.length - 1));
    }
    const parts = Array.from(chunks.keys(), (index) => opened.get(index) ?? NO_DATA);
    expect(Buffer.compare(Buffer.concat(parts), file)).toBe(0);
  },
);

test("the nonce is prefix, big-endian counter and last flag", () => {
  const sealed = streamSealer(KEY, PREFIX).seal(0x01020304, Uint8Array.of(9), true);
  const nonce = unhex("a1a2a3a4a5a6a7 01020304 01");
  expect(hex(sealed)).toBe(hex(chacha20poly1305(KEY, nonce, NO_DATA).encrypt(Uint8Array.of(9))));
  expect(sealed.length).toBe(1 + STREAM_TAG_BYTES);
});

test.prop([fc.nat({ max: 5 }), fc.nat({ max: 5 }), fc.boolean(), fc.boolean()])(
  "a chunk opens only at its own index and with its own flag",
  (at, claimed, last, claimedLast) => {
    const sealed = streamSealer(KEY, PREFIX).seal(at, new Uint8Array(STREAM_CHUNK_BYTES), last);
    const open = (): Uint8Array => streamOpener(KEY, PREFIX).open(claimed, sealed, claimedLast);
    if (at === claimed && last === claimedLast) expect(open().length).toBe(STREAM_CHUNK_BYTES);
    else expect(open).toThrow(DecryptError);
  },
);

test("a file cut off after a whole chunk is noticed", () => {
  const [first] = sealAll(new Uint8Array(2 * STREAM_CHUNK_BYTES));
  expect(() => streamOpener(KEY, PREFIX).open(0, first ?? NO_DATA, true)).toThrow(DecryptError);
});

test("another key or prefix opens nothing", () => {
  const sealed = streamSealer(KEY, PREFIX).seal(0, Uint8Array.of(1), true);
  expect(() => streamOpener(new Uint8Array(32), PREFIX).open(0, sealed, true)).toThrow(DecryptError);
  expect(() => streamOpener(KEY, new Uint8Array(7)).open(0, sealed, true)).toThrow(DecryptError);
});

test("a chunk of the wrong length is our own mistake", () => {
  const sealer = streamSealer(KEY, PREFIX);
  expect(() => sealer.seal(0, new Uint8Array(STREAM_CHUNK_BYTES - 1), false)).toThrow(RangeError);
  expect(() => sealer.seal(0, new Uint8Array(STREAM_CHUNK_BYTES + 1), true)).toThrow(RangeError);
});

test.each([-1, 0.5, 2 ** 32])("a chunk index of %d is our own mistake", (index) => {
  expect(() => streamSealer(KEY, PREFIX).seal(index, new Uint8Array(0), true)).toThrow(RangeError);
  expect(() => streamOpener(KEY, PREFIX).open(index, new Uint8Array(16), true)).toThrow(RangeError);
});

test("keys and prefixes of another length are our own mistake", () => {
  expect(() => streamSealer(new Uint8Array(31), PREFIX)).toThrow(RangeError);
  expect(() => streamOpener(KEY, new Uint8Array(8))).toThrow(RangeError);
});
