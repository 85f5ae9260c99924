import { fc, test } from "@fast-check/vitest";
import { initCrypto } from "@stonechat/crypto";
import { toBase64Url, type IdentityKey } from "@stonechat/protocol";
import { beforeAll, expect } from "vitest";
import { compareSafetyQr, toSafetyNumber, toSafetyQr } from "./safety-number.ts";

beforeAll(initCrypto);

const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytes as IdentityKey);
const ada = new Uint8Array(32).fill(1) as IdentityKey;
const bea = new Uint8Array(32).fill(2) as IdentityKey;
const eve = new Uint8Array(32).fill(3) as IdentityKey;

test.prop([keys, keys], { numRuns: 10 })("both sides see the same number, of twelve groups of five digits", (a, b) => {
  expect(toSafetyNumber(a, b)).toBe(toSafetyNumber(b, a));
  expect(toSafetyNumber(a, b)).toMatch(/^\d{5}( \d{5}){11}$/);
});

test.prop([keys, fc.nat({ max: 31 }), fc.nat({ max: 7 })], { numRuns: 10 })(
  "another key gives another number, however little it differs",
  (key, at, bit) => {
    const other = key.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte)) as IdentityKey;
    expect(toSafetyNumber(ada, key)).not.toBe(toSafetyNumber(ada, other));
  },
);

test("each sees the other's code as verified", () => {
  expect(compareSafetyQr(toSafetyQr(ada, bea), bea, ada)).toBe("verified");
  expect(compareSafetyQr(toSafetyQr(bea, ada), ada, bea)).toBe("verified");
});

test("one's own code, that of somebody else and that made for somebody else do not match", () => {
  expect(compareSafetyQr(toSafetyQr(bea, ada), bea, ada)).toBe("mismatch");
  expect(compareSafetyQr(toSafetyQr(eve, bea), bea, ada)).toBe("mismatch");
  expect(compareSafetyQr(toSafetyQr(ada, eve), bea, ada)).toBe("mismatch");
});

test("a code that is cut or lengthened does not match", () => {
  const code = toSafetyQr(ada, bea);
  expect(compareSafetyQr(code.slice(0, -4), bea, ada)).toBe("mismatch");
  expect(compareSafetyQr(`${code}AA`, bea, ada)).not.toBe("verified");
});

test.each([
  ["an invite link", "https://relay.example/#i/AAAA"],
  ["a safety number", "12345 12345"],
  ["an address", "https://relay.example"],
  ["nothing", ""],
  ["another version", "stonechat-verify:2:AAAA"],
  ["another case", "STONECHAT-VERIFY:1:AAAA"],
  ["a code with padding", `stonechat-verify:1:${toBase64Url(new Uint8Array(64))}==`],
])("%s is no code", (_, text) => {
  expect(compareSafetyQr(text, bea, ada)).toBe("not-a-code");
});
