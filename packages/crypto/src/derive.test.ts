import { fc, test } from "@fast-check/vitest";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha512 as nobleSha512 } from "@noble/hashes/sha2.js";
import { hex } from "@stonechat/testkit/hex";
import { beforeAll, expect } from "vitest";
import { deriveKey, labelledMac } from "./derive.ts";
import { labelled } from "./labels.ts";
import { initCrypto } from "./sodium/sodium.ts";

beforeAll(initCrypto);
const secrets = fc.uint8Array({ minLength: 32, maxLength: 64 });

test.prop([secrets, fc.uint8Array(), fc.integer({ min: 1, max: 100 })])(
  "a derived key is HKDF over length, label and context",
  (secret, context, length) => {
    const info = Uint8Array.of(0, length, ...labelled("blob", context));
    expect(hex(deriveKey(secret, "blob", context, length))).toBe(
      hex(hkdf(nobleSha512, secret, undefined, info, length)),
    );
  },
);

test.prop([secrets, fc.uint8Array()])("a labelled MAC is HMAC over label and content", (key, content) => {
  expect(hex(labelledMac(key, "invite proof", content))).toBe(
    hex(hmac(nobleSha512, key, labelled("invite proof", content))),
  );
});

test("a shorter key is not the beginning of a longer one", () => {
  const secret = new Uint8Array(32);
  const longer = hex(deriveKey(secret, "blob", new Uint8Array(0), 64));
  expect(longer.startsWith(hex(deriveKey(secret, "blob", new Uint8Array(0), 32)))).toBe(false);
});

test("another label, context or secret gives another key", () => {
  const secret = new Uint8Array(32);
  const keys = [
    deriveKey(secret, "blob", Uint8Array.of(1), 32),
    deriveKey(secret, "link", Uint8Array.of(1), 32),
    deriveKey(secret, "blob", Uint8Array.of(2), 32),
    deriveKey(new Uint8Array(33), "blob", Uint8Array.of(1), 32),
  ];
  expect(new Set(keys.map(hex)).size).toBe(4);
});
