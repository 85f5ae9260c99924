import { fc, test } from "@fast-check/vitest";
import { initCrypto } from "@stonechat/crypto";
import { toHex, type PoolId } from "@stonechat/protocol";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect } from "vitest";
import { derivePoolSecrets, openKeyPackage, sealKeyPackage } from "./pool-secrets.ts";

beforeAll(initCrypto);

const random = repeatableRandom("pools");
const poolId = new Uint8Array(32).fill(1) as PoolId;
const secret = new Uint8Array(32).fill(2);

test.prop([fc.uint8Array({ maxLength: 300 })])(
  "a sealed KeyPackage opens for its pool and its key alone",
  (keyPackage) => {
    const { packageKey } = derivePoolSecrets(secret);
    const sealed = sealKeyPackage(packageKey, poolId, keyPackage, random);
    expect(openKeyPackage(packageKey, poolId, sealed)).toEqual(keyPackage);
    expect(openKeyPackage(packageKey, new Uint8Array(32) as PoolId, sealed)).toBeUndefined();
    expect(openKeyPackage(derivePoolSecrets(new Uint8Array(32)).packageKey, poolId, sealed)).toBeUndefined();
  },
);

test.prop([fc.uint8Array({ maxLength: 80 })])("noise opens to nothing", (noise) => {
  expect(openKeyPackage(derivePoolSecrets(secret).packageKey, poolId, noise)).toBeUndefined();
});

test("who has the take token does not have the key", () => {
  const { takeToken, packageKey } = derivePoolSecrets(secret);
  expect(toHex(takeToken)).not.toBe(toHex(packageKey));
  expect(
    openKeyPackage(takeToken, poolId, sealKeyPackage(packageKey, poolId, new Uint8Array(9), random)),
  ).toBeUndefined();
});
