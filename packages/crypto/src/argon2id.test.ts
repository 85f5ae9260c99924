import { readFileSync } from "node:fs";
import { fc, test } from "@fast-check/vitest";
import { argon2id as nobleArgon2id } from "@noble/hashes/argon2.js";
import { hex, unhex } from "@stonechat/testkit/hex";
import { beforeAll, describe, expect } from "vitest";
import { argon2id } from "./argon2id.ts";
import { initCrypto } from "./sodium/sodium.ts";

beforeAll(initCrypto);

interface Row {
  readonly index: number;
  readonly passwordLength: number;
  readonly saltLength: number;
  readonly secretLength?: number;
  readonly passes: number;
  readonly lanes: number;
  readonly memoryKib: number;
  readonly tag: string;
}
const vectors = JSON.parse(
  readFileSync(new URL("../../../vectors/argon2/argon2id-v13.json", import.meta.url), "utf8"),
) as { readonly passwordPattern: string; readonly saltPattern: string; readonly rows: readonly Row[] };

const repeated = (pattern: string, length: number): Uint8Array => {
  const piece = unhex(pattern);
  return Uint8Array.from({ length }, (_, index) => piece[index % piece.length] ?? 0);
};
/** One lane, a salt of 16 bytes, no secret: see the folder's README. */
const applicable = vectors.rows.filter(
  (row) => row.lanes === 1 && row.saltLength === 16 && row.secretLength === undefined,
);

test("4 of the 15 published rows apply", () => {
  expect([applicable.length, vectors.rows.length]).toEqual([4, 15]);
});

test.each(applicable)("Argon2id gives published tag $index ($memoryKib KiB, $passes passes)", (row) => {
  const tag = argon2id({
    password: repeated(vectors.passwordPattern, row.passwordLength),
    salt: repeated(vectors.saltPattern, row.saltLength),
    memoryKib: row.memoryKib,
    passes: row.passes,
    length: row.tag.length / 2,
  });
  expect(hex(tag)).toBe(row.tag);
});

test.prop(
  [
    fc.uint8Array({ maxLength: 80 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc.integer({ min: 8, max: 100 }),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 16, max: 130 }),
  ],
  { numRuns: 20 },
)("Argon2id agrees with noble", (password, salt, memoryKib, passes, length) => {
  expect(hex(argon2id({ password, salt, memoryKib, passes, length }))).toBe(
    hex(nobleArgon2id(password, salt, { m: memoryKib, t: passes, p: 1, dkLen: length })),
  );
});

describe("parameters out of range are our own mistake", () => {
  const good = { password: new Uint8Array(1), salt: new Uint8Array(16), memoryKib: 8, passes: 1, length: 32 };
  test.each([
    ["a short salt", { salt: new Uint8Array(15) }],
    ["a long salt", { salt: new Uint8Array(17) }],
    ["too little memory", { memoryKib: 7 }],
    ["more memory than the module can have", { memoryKib: 2 ** 32 }],
    ["half a KiB", { memoryKib: 8.5 }],
    ["no pass", { passes: 0 }],
    ["too short an output", { length: 15 }],
  ])("%s", (_name, wrong) => {
    expect(() => argon2id({ ...good, ...wrong })).toThrow(RangeError);
  });
});
