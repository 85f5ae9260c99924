import { expect, test } from "vitest";
import {
  aeadSeal,
  argon2id,
  equalSecrets,
  InvariantError,
  sha256,
  signKeyPairFromSeed,
  systemRandom,
} from "./index.ts";

const bytes = (length: number): Uint8Array => new Uint8Array(length);

test.each([
  ["sha256", () => sha256(bytes(1))],
  ["systemRandom", () => systemRandom()],
  ["equalSecrets", () => equalSecrets(bytes(1), bytes(1))],
  ["aeadSeal", () => aeadSeal(bytes(32), bytes(12), bytes(0), bytes(1))],
  ["signKeyPairFromSeed", () => signKeyPairFromSeed(bytes(32))],
  ["argon2id", () => argon2id({ password: bytes(1), salt: bytes(16), memoryKib: 8, passes: 1, length: 32 })],
])("%s says that initCrypto was not awaited", (_name, call) => {
  expect(call).toThrow(InvariantError);
});
