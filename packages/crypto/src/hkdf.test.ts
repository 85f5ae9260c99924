import { createHmac, hkdfSync } from "node:crypto";
import { fc, test } from "@fast-check/vitest";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha512 as nobleSha512 } from "@noble/hashes/sha2.js";
import { hex, unhex } from "@stonechat/testkit/hex";
import { beforeAll, expect } from "vitest";
import { hkdfExpand, hkdfExtract, hmacSha512 } from "./hkdf.ts";
import { initCrypto, wrapped } from "./sodium/sodium.ts";

beforeAll(initCrypto);
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const bytes = fc.uint8Array({ maxLength: 300 });

// RFC 5869's own vectors are for SHA-256 and SHA-1 only; RFC 4231 has HMAC-SHA-512.
test.each([
  [
    "1",
    unhex("0b".repeat(20)),
    ascii("Hi There"),
    "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
  ],
  [
    "2",
    ascii("Jefe"),
    ascii("what do ya want for nothing?"),
    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
  ],
  [
    "6",
    unhex("aa".repeat(131)),
    ascii("Test Using Larger Than Block-Size Key - Hash Key First"),
    "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
  ],
])("HMAC-SHA-512 gives test case %s of RFC 4231", (_case, key, message, expected) => {
  expect(hex(hmacSha512(key, message))).toBe(expected);
});

test.prop([bytes, bytes])("HMAC agrees with Node and with libsodium's own interface", (key, message) => {
  const sodium = wrapped();
  const state = sodium.crypto_auth_hmacsha512_init(key);
  sodium.crypto_auth_hmacsha512_update(state, message);
  expect(hex(hmacSha512(key, message))).toBe(createHmac("sha512", key).update(message).digest("hex"));
  expect(hex(hmacSha512(key, message))).toBe(hex(sodium.crypto_auth_hmacsha512_final(state)));
});

test.each([0, 1, 63, 64, 65, 127, 128, 129, 200])("HMAC with a key of %i bytes agrees with Node", (length) => {
  const key = new Uint8Array(length).fill(7);
  expect(hex(hmacSha512(key, key))).toBe(createHmac("sha512", key).update(key).digest("hex"));
});

test.prop([bytes, bytes, bytes, fc.nat({ max: 500 })])("HKDF agrees with noble", (salt, key, info, length) => {
  const pseudorandomKey = hkdfExtract(salt, key);
  expect(hex(pseudorandomKey)).toBe(hex(extract(nobleSha512, key, salt)));
  expect(hex(hkdfExpand(pseudorandomKey, info, length))).toBe(
    length === 0 ? "" : hex(expand(nobleSha512, pseudorandomKey, info, length)),
  );
});

test.each([1, 63, 64, 65, 127, 128, 129, 255 * 64])("HKDF for %i bytes agrees with Node", (length) => {
  const key = new Uint8Array(32).fill(1);
  const salt = ascii("salt");
  const info = ascii("info");
  expect(hex(hkdfExpand(hkdfExtract(salt, key), info, length))).toBe(
    hex(new Uint8Array(hkdfSync("sha512", key, salt, info, length))),
  );
});

test.each([-1, 1.5, 255 * 64 + 1, Number.NaN])("HKDF refuses a length of %d", (length) => {
  expect(() => hkdfExpand(new Uint8Array(64), new Uint8Array(0), length)).toThrow(RangeError);
});
