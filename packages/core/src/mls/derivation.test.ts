import { deriveTreeSecret as libraryTreeSecret, expandWithLabel as libraryExpand } from "ts-mls/crypto/kdf.js";
import { describe, expect, test } from "vitest";
import { realStage } from "../testing/mls-stage.ts";
import { deriveTreeSecret, expandWithLabel } from "./derivation.ts";

describe("derivation", () => {
  test("expands as the library does, with contexts on both sides of the change of length form", async () => {
    const {
      suite: { primitives, library },
    } = await realStage();
    const secret = primitives.randomBytes(64);
    for (const length of [0, 1, 63, 64, 65, 255, 256, 16_383]) {
      const context = primitives.randomBytes(length);
      for (const bytes of [12, 32, 64]) {
        expect(expandWithLabel(primitives, secret, "test", context, bytes)).toEqual(
          await libraryExpand(secret, "test", context, bytes, library.kdf),
        );
      }
    }
    for (const generation of [0, 1, 255, 256, 65_536, 2 ** 31, 2 ** 32 - 1]) {
      expect(deriveTreeSecret(primitives, secret, "key", generation, 32)).toEqual(
        await libraryTreeSecret(secret, "key", generation, 32, library.kdf),
      );
    }
  });

  test("refuses a label of more than 55 characters and a context of 16 KiB: nobody has one", async () => {
    const {
      suite: { primitives },
    } = await realStage();
    const secret = new Uint8Array(64);
    expect(expandWithLabel(primitives, secret, "x".repeat(55), new Uint8Array(0), 32)).toHaveLength(32);
    expect(() => expandWithLabel(primitives, secret, "x".repeat(56), new Uint8Array(0), 32)).toThrow(RangeError);
    expect(() => expandWithLabel(primitives, secret, "x", new Uint8Array(16_384), 32)).toThrow(RangeError);
  });
});
