import { DecryptError, deriveKey, xaeadOpen, xaeadSeal, XAEAD_NONCE_BYTES, type Random } from "@stonechat/crypto";
import { Reader, WireError, Writer, type PoolId, type Token } from "@stonechat/protocol";

const VERSION = 1;
const NOTHING = new Uint8Array(0);

/** What derives from the secret that a device tells its contacts of its pool. */
export interface PoolSecrets {
  readonly takeToken: Token;
  /** Opens the KeyPackages; the relay, which sees the token, does not have it. */
  readonly packageKey: Uint8Array;
}

export function derivePoolSecrets(secret: Uint8Array): PoolSecrets {
  return {
    takeToken: deriveKey(secret, "pool take token", NOTHING, 32) as Token,
    packageKey: deriveKey(secret, "pool packages", NOTHING, 32),
  };
}

/**
 * A KeyPackage as it lies in a pool. It names the account and the device in clear, so it is sealed from the relay.
 *
 * ```text
 * struct {
 *   uint8  version = 1;
 *   opaque nonce[24];
 *   opaque ciphertext[rest];   // XChaCha20-Poly1305 of the KeyPackage; associated data: the pool's id
 * } SealedKeyPackage;
 * ```
 */
export function sealKeyPackage(key: Uint8Array, poolId: PoolId, keyPackage: Uint8Array, random: Random): Uint8Array {
  const nonce = random.bytes(XAEAD_NONCE_BYTES);
  const writer = new Writer();
  writer.uint8(VERSION);
  writer.opaque(nonce);
  writer.opaque(xaeadSeal(key, nonce, poolId, keyPackage));
  return writer.finish();
}

/** The KeyPackage, not checked yet, or undefined if nobody with the pool's secret sealed this for this pool. */
export function openKeyPackage(key: Uint8Array, poolId: PoolId, sealed: Uint8Array): Uint8Array | undefined {
  try {
    const reader = new Reader(sealed, "SealedKeyPackage");
    if (reader.uint8() !== VERSION) return undefined;
    const nonce = reader.opaque(XAEAD_NONCE_BYTES);
    return xaeadOpen(key, nonce, poolId, reader.rest());
  } catch (error) {
    if (error instanceof WireError || error instanceof DecryptError) return undefined;
    throw error;
  }
}
