import { opaque, struct, structure, versioned } from "@stonechat/protocol";
import { generateKeyPackageWithKey, verifyKeyPackage, type KeyPackage } from "ts-mls/keyPackage.js";
import { verifyLeafNodeSignatureKeyPackage } from "ts-mls/leafNode.js";
import { sameBytes } from "./byte-equality.ts";
import type { DeviceKeys, OwnKeyPackage, VerifiedKeyPackage } from "./contract.ts";
import { encodeCredential, toMember } from "./credential.ts";
import { refHash } from "./derivation.ts";
import { requireUsableKey } from "./encryption-keys.ts";
import { requireCurrent, toLifetime } from "./lifetimes.ts";
import { demand, refusing } from "./refusal.ts";
import { CAPABILITIES, KEM_PRIVATE_BYTES, type Suite } from "./suite.ts";
import { keyPackageBytes } from "./wire/key-package.ts";

/**
 * The private keys of a KeyPackage of ours at rest.
 *
 * ```text
 * struct {
 *   uint8  version = 1;
 *   opaque init_private_key[32];
 *   opaque leaf_private_key[32];
 * } KeyPackageSecret;
 * ```
 */
export const keyPackageSecret = structure(
  "KeyPackageSecret",
  1 + 2 * KEM_PRIVATE_BYTES,
  versioned(
    1,
    struct({
      initPrivateKey: opaque(KEM_PRIVATE_BYTES),
      leafPrivateKey: opaque(KEM_PRIVATE_BYTES),
    }),
  ),
);

/** A new KeyPackage (RFC 9420 §10). `lifetime` in ms. */
export async function createKeyPackage(
  suite: Suite,
  device: DeviceKeys,
  lifetime: { readonly notBefore: number; readonly notAfter: number },
): Promise<OwnKeyPackage> {
  const { publicPackage, privatePackage } = await generateKeyPackageWithKey(
    encodeCredential(device.identityKey),
    CAPABILITIES,
    toLifetime(lifetime),
    [],
    { signKey: device.privateKey, publicKey: device.deviceKey },
    suite.library,
  );
  const keyPackage = keyPackageBytes.encode(publicPackage);
  return {
    ref: keyPackageRef(suite, keyPackage),
    keyPackage,
    secret: keyPackageSecret.encode({
      initPrivateKey: privatePackage.initPrivateKey,
      leafPrivateKey: privatePackage.hpkePrivateKey,
    }),
    notAfter: lifetime.notAfter,
  };
}

/** `KeyPackageRef` (RFC 9420 §5.2). */
export function keyPackageRef({ primitives }: Pick<Suite, "primitives">, keyPackage: Uint8Array): Uint8Array {
  return refHash(primitives, "MLS 1.0 KeyPackage Reference", keyPackage);
}

/** @throws MlsError `malformed`, `wrong-suite` or `bad-leaf`. */
export function decodeKeyPackage(bytes: Uint8Array): KeyPackage {
  return refusing("malformed", () => keyPackageBytes.decode(bytes));
}

/** For a KeyPackage that we may use ourselves. @throws MlsError */
export async function verifyReceivedKeyPackage(
  suite: Suite,
  bytes: Uint8Array,
  now: number,
): Promise<VerifiedKeyPackage> {
  const keyPackage = decodeKeyPackage(bytes);
  await checkKeyPackage(suite, keyPackage);
  requireCurrent(lifetimeOf(keyPackage), now);
  const { identityKey, deviceKey } = toMember(keyPackage.leafNode, 0);
  return { ref: keyPackageRef(suite, bytes), bytes: bytes.slice(), identityKey, deviceKey };
}

/** What holds for a KeyPackage at any time (RFC 9420 §10.1). @throws MlsError `bad-signature`, `bad-leaf`. */
export async function checkKeyPackage(suite: Suite, keyPackage: KeyPackage): Promise<void> {
  const { signature } = suite.library;
  demand("bad-signature", await verifyLeafNodeSignatureKeyPackage(keyPackage.leafNode, signature));
  demand("bad-signature", await verifyKeyPackage(keyPackage, signature));
  demand("bad-leaf", !sameBytes(keyPackage.initKey, keyPackage.leafNode.hpkePublicKey));
  requireUsableKey(suite.primitives, keyPackage.initKey, "bad-leaf");
  requireUsableKey(suite.primitives, keyPackage.leafNode.hpkePublicKey, "bad-leaf");
}

/** When a KeyPackage may be used. */
export function lifetimeOf({ leafNode }: KeyPackage): { readonly notBefore: bigint; readonly notAfter: bigint } {
  return leafNode.lifetime;
}
