import { Writer, type Codec } from "@stonechat/protocol";
import { signKeyPackage, type KeyPackage } from "ts-mls/keyPackage.js";
import { signLeafNodeKeyPackage, type LeafNodeKeyPackage } from "ts-mls/leafNode.js";
import { expectRefusal } from "@stonechat/testkit/mls-contract";
import { lifetimeAround, newMlsDevice } from "@stonechat/testkit/mls-party";
import { describe, expect, test } from "vitest";
import { realStage, type RealStage } from "../testing/mls-stage.ts";
import type { DeviceKeys } from "./contract.ts";
import { MAX_LIFETIME_MS, toLifetime } from "./lifetimes.ts";
import { decodeKeyPackage } from "./key-packages.ts";
import { keyPackage as keyPackageWire, keyPackageBytes } from "./wire/key-package.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

interface Scene {
  readonly stage: RealStage;
  readonly device: DeviceKeys;
  readonly bytes: Uint8Array;
  readonly keyPackage: KeyPackage;
}

async function scene(): Promise<Scene> {
  const stage = await realStage();
  const device = newMlsDevice(stage.random);
  const { keyPackage: bytes } = await stage.mls.createKeyPackage(device, lifetimeAround(stage.clock.now));
  return { stage, device, bytes, keyPackage: decodeKeyPackage(bytes) };
}

/** The same KeyPackage with other fields, signed again as it should be. */
async function resigned(
  { stage, device, keyPackage }: Scene,
  changes: { leaf?: Partial<LeafNodeKeyPackage>; initKey?: Uint8Array },
): Promise<Uint8Array> {
  const { signature } = stage.suite.library;
  const leaf = { ...keyPackage.leafNode, ...changes.leaf } as LeafNodeKeyPackage;
  const leafNode = await signLeafNodeKeyPackage(leaf, device.privateKey, signature);
  return encode(
    await signKeyPackage(
      { ...keyPackage, initKey: changes.initKey ?? keyPackage.initKey, leafNode },
      device.privateKey,
      signature,
    ),
  );
}

const encode = (value: KeyPackage): Uint8Array => keyPackageBytes.encode(value);

/** The bytes with `from` replaced by `to`, where it stands last. */
function replaced(bytes: Uint8Array, from: readonly number[], to: readonly number[]): Uint8Array {
  const at = [...bytes.keys()].findLast((i) => from.every((byte, j) => bytes[i + j] === byte)) ?? -1;
  if (at < 0) throw new RangeError("not found");
  return Uint8Array.of(...bytes.subarray(0, at), ...to, ...bytes.subarray(at + from.length));
}

const CAPABILITIES = [2, 0, 1, 2, 0xf0, 0x0e, 0, 0, 2, 0, 1];

describe("what is refused of a KeyPackage (R082)", () => {
  test("V5 another suite is refused, in the KeyPackage as in a leaf's capabilities (R094)", async () => {
    const { stage, bytes } = await scene();
    const weaker = bytes.slice();
    weaker.set([0, 1], 2);
    await expectRefusal(stage.mls.verifyKeyPackage(weaker), "wrong-suite");
    for (const suites of [[2, 0, 1], [0], [4, 0, 1, 0xf0, 0x0e], [4, 0xf0, 0x0e, 0, 1]]) {
      const other = replaced(bytes, CAPABILITIES, [2, 0, 1, ...suites, 0, 0, 2, 0, 1]);
      await expectRefusal(stage.mls.verifyKeyPackage(other), "bad-leaf");
    }
  });

  test("V6 keys of another length are refused", async () => {
    const { stage, bytes } = await scene();
    // The init key has 1,216 bytes: 0x44c0.
    const shorter = Uint8Array.of(...bytes.subarray(0, 4), 0x44, 0xbf, ...bytes.subarray(7));
    await expectRefusal(stage.mls.verifyKeyPackage(shorter), "malformed");
  });

  test("V7 extensions are refused, of the KeyPackage and of its leaf", async () => {
    const { stage, bytes } = await scene();
    const signatureBytes = 66;
    const extension = [4, 0xab, 0xcd, 1, 0];
    const kp = Uint8Array.of(
      ...bytes.subarray(0, bytes.length - signatureBytes - 1),
      ...extension,
      ...bytes.subarray(bytes.length - signatureBytes),
    );
    const at = bytes.length - 2 * signatureBytes - 2;
    const leaf = Uint8Array.of(...bytes.subarray(0, at), ...extension, ...bytes.subarray(at + 1));
    for (const changed of [kp, leaf]) await expectRefusal(stage.mls.verifyKeyPackage(changed), "malformed");
  });

  test("V21 a credential that is not basic, or not of our form, is refused", async () => {
    const all = await scene();
    const identity = (bytes: readonly number[]): Promise<Uint8Array> => {
      const codec: Codec<KeyPackage> = keyPackageWire;
      const w = new Writer();
      codec.write(w, all.keyPackage);
      const own = all.keyPackage.leafNode.credential;
      if (own.credentialType !== "basic") throw new RangeError("not basic");
      return Promise.resolve(replaced(w.finish(), [33, ...own.identity], bytes));
    };
    const key = [...all.device.identityKey];
    for (const bytes of [[33, 2, ...key], [32, ...key], [34, 1, ...key, 0], [0]]) {
      await expectRefusal(all.stage.mls.verifyKeyPackage(await identity(bytes)), "bad-leaf");
    }
    const own = all.keyPackage.leafNode.credential;
    if (own.credentialType !== "basic") throw new RangeError("not basic");
    const x509 = replaced(all.bytes, [0, 1, 33, ...own.identity], [0, 2, 33, ...own.identity]);
    await expectRefusal(all.stage.mls.verifyKeyPackage(x509), "bad-leaf");
  });

  test("V22 capabilities with more, or with less, are refused", async () => {
    const { stage, bytes } = await scene();
    for (const other of [
      [4, 0, 1, 0, 2, 2, 0xf0, 0x0e, 0, 0, 2, 0, 1],
      [2, 0, 1, 2, 0xf0, 0x0e, 2, 0, 9, 0, 2, 0, 1],
      [2, 0, 1, 2, 0xf0, 0x0e, 0, 2, 0, 9, 2, 0, 1],
      [2, 0, 1, 2, 0xf0, 0x0e, 0, 0, 0],
    ]) {
      await expectRefusal(stage.mls.verifyKeyPackage(replaced(bytes, CAPABILITIES, other)), "bad-leaf");
    }
  });

  test("V23 a leaf of an Update or of a commit is no KeyPackage's", async () => {
    const { stage, bytes, keyPackage } = await scene();
    for (const source of [0, 2, 255]) {
      const other = replaced(bytes, [...CAPABILITIES, 1], [...CAPABILITIES, source]);
      await expectRefusal(stage.mls.verifyKeyPackage(other), "bad-leaf");
    }
    // Types would not let us: a commit's leaf in the place of a KeyPackage's.
    const leafNode = {
      ...keyPackage.leafNode,
      leafNodeSource: "commit",
      parentHash: new Uint8Array(0),
    } as unknown as LeafNodeKeyPackage;
    await expectRefusal(stage.mls.verifyKeyPackage(encode({ ...keyPackage, leafNode })), "bad-leaf");
  });

  test("V24 each of the two signatures counts", async () => {
    const { stage, bytes } = await scene();
    for (const place of [bytes.length - 1, bytes.length - 68]) {
      const forged = bytes.slice();
      forged[place] = (forged[place] ?? 0) ^ 1;
      await expectRefusal(stage.mls.verifyKeyPackage(forged), "bad-signature");
    }
  });

  test("V24 a leaf that was signed for something else is refused, though the KeyPackage around it is signed", async () => {
    const { stage, device, keyPackage } = await scene();
    const leafNode = { ...keyPackage.leafNode, signature: new Uint8Array(64) };
    const forged = await signKeyPackage({ ...keyPackage, leafNode }, device.privateKey, stage.suite.library.signature);
    await expectRefusal(stage.mls.verifyKeyPackage(encode(forged)), "bad-signature");
  });

  test("V24 a KeyPackage in the name of another device is refused (R070)", async () => {
    const all = await scene();
    const other = newMlsDevice(all.stage.random);
    const forged = await resigned(all, { leaf: { signaturePublicKey: other.deviceKey } });
    await expectRefusal(all.stage.mls.verifyKeyPackage(forged), "bad-signature");
  });

  test("V25 init key and leaf key are two", async () => {
    const all = await scene();
    const same = await resigned(all, { initKey: all.keyPackage.leafNode.hpkePublicKey });
    await expectRefusal(all.stage.mls.verifyKeyPackage(same), "bad-leaf");
  });

  test("V26 a key that nobody can encrypt to is refused, be it signed or not", async () => {
    const all = await scene();
    const unusable = new Uint8Array(1216).fill(0xff);
    await expectRefusal(all.stage.mls.verifyKeyPackage(await resigned(all, { initKey: unusable })), "bad-leaf");
    await expectRefusal(
      all.stage.mls.verifyKeyPackage(await resigned(all, { leaf: { hpkePublicKey: unusable } })),
      "bad-leaf",
    );
  });

  test("V27 a lifetime that ended, has not begun, runs backwards or never ends is refused", async () => {
    const all = await scene();
    const { now } = all.stage.clock;
    for (const [notBefore, notAfter] of [
      [now - 9 * DAY_MS, now - 2 * DAY_MS],
      [now + 2 * DAY_MS, now + 9 * DAY_MS],
      [now + DAY_MS, now - DAY_MS],
      [now - DAY_MS, now + MAX_LIFETIME_MS],
      [0, now + DAY_MS],
    ] as const) {
      const lifetime = toLifetime({ notBefore, notAfter });
      await expectRefusal(all.stage.mls.verifyKeyPackage(await resigned(all, { leaf: { lifetime } })), "bad-lifetime");
    }
    expect(await all.stage.mls.verifyKeyPackage(await resigned(all, {}))).toMatchObject({
      deviceKey: all.device.deviceKey,
    });
  });
});
