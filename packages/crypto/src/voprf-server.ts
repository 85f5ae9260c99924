import { concat } from "./concat.ts";
import { KeyError } from "./errors.ts";
import { sha512 } from "./hash.ts";
import { requireLength } from "./lengths.ts";
import type { Random } from "./random.ts";
import { wrapped, type Sodium } from "./sodium/sodium.ts";
import { VOPRF_ELEMENT_BYTES, VOPRF_SCALAR_BYTES } from "./voprf-suite.ts";

/**
 * The server of the VOPRF with suite ristretto255-SHA512 (RFC 9497 §3.3.2), on libsodium's ristretto functions, which
 * are ten times as fast as JavaScript's.
 */
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const MODE_VOPRF = 1;
const CONTEXT = concat(ascii("OPRFV1-"), Uint8Array.of(MODE_VOPRF), ascii("-ristretto255-SHA512"));
const WIDE_SCALAR_BYTES = 64;

export interface VoprfKeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** `DeriveKeyPair` (RFC 9497 §3.2.1): from 32 random bytes and a public description of the key's use. */
export function voprfDeriveKeyPair(seed: Uint8Array, info: Uint8Array): VoprfKeyPair {
  requireLength(seed, VOPRF_SCALAR_BYTES, "seed");
  const sodium = wrapped();
  const input = concat(seed, uint16(info.length), info);
  for (let counter = 0; counter <= 255; counter += 1) {
    const privateKey = hashToScalar(sodium, concat(input, Uint8Array.of(counter)), "DeriveKeyPair");
    if (!isZero(privateKey)) return { privateKey, publicKey: sodium.crypto_scalarmult_ristretto255_base(privateKey) };
  }
  throw new RangeError("no key for this seed");
}

/**
 * The key pair of a share that a client dealt.
 *
 * @throws {@link KeyError} unless `share` is the canonical encoding of a scalar other than zero.
 */
export function voprfShareKeyPair(share: Uint8Array): VoprfKeyPair {
  const sodium = wrapped();
  if (share.length !== VOPRF_SCALAR_BYTES || isZero(share)) throw new KeyError();
  const wide = concat(share, new Uint8Array(WIDE_SCALAR_BYTES - VOPRF_SCALAR_BYTES));
  const reduced = sodium.crypto_core_ristretto255_scalar_reduce(wide);
  if (!share.every((byte, at) => byte === reduced[at])) throw new KeyError();
  return { privateKey: share, publicKey: sodium.crypto_scalarmult_ristretto255_base(share) };
}

/**
 * `BlindEvaluate` for one element, with its proof (RFC 9497 §3.3.2, §2.2.1).
 *
 * @throws {@link KeyError} if `blindedElement` is not the canonical encoding of an element other than the identity.
 */
export function voprfEvaluate(
  { privateKey, publicKey }: VoprfKeyPair,
  blindedElement: Uint8Array,
  random: Random,
): { readonly evaluatedElement: Uint8Array; readonly proof: Uint8Array } {
  const sodium = wrapped();
  if (!isElement(sodium, blindedElement)) throw new KeyError();
  const evaluatedElement = sodium.crypto_scalarmult_ristretto255(privateKey, blindedElement);
  const proofScalar = sodium.crypto_core_ristretto255_scalar_reduce(random.bytes(WIDE_SCALAR_BYTES));
  const proof = generateProof(sodium, { privateKey, publicKey }, blindedElement, evaluatedElement, proofScalar);
  return { evaluatedElement, proof };
}

/** The same with the proof's random scalar given. For vectors only: using a scalar twice gives the key away. */
export function voprfEvaluateWithScalar(
  keyPair: VoprfKeyPair,
  blindedElement: Uint8Array,
  proofScalar: Uint8Array,
): { readonly evaluatedElement: Uint8Array; readonly proof: Uint8Array } {
  const sodium = wrapped();
  if (!isElement(sodium, blindedElement)) throw new KeyError();
  const evaluatedElement = sodium.crypto_scalarmult_ristretto255(keyPair.privateKey, blindedElement);
  return { evaluatedElement, proof: generateProof(sodium, keyPair, blindedElement, evaluatedElement, proofScalar) };
}

/** `GenerateProof` (RFC 9497 §2.2.1) that log_G(publicKey) = log_blinded(evaluated). */
function generateProof(
  sodium: Sodium,
  { privateKey, publicKey }: VoprfKeyPair,
  blindedElement: Uint8Array,
  evaluatedElement: Uint8Array,
  r: Uint8Array,
): Uint8Array {
  const d = compositeScalar(sodium, publicKey, blindedElement, evaluatedElement);
  const composite = sodium.crypto_scalarmult_ristretto255(d, blindedElement);
  const compositeEvaluated = sodium.crypto_scalarmult_ristretto255(privateKey, composite);
  const t2 = sodium.crypto_scalarmult_ristretto255_base(r);
  const t3 = sodium.crypto_scalarmult_ristretto255(r, composite);
  const transcript = concat(
    prefixed(publicKey),
    prefixed(composite),
    prefixed(compositeEvaluated),
    prefixed(t2),
    prefixed(t3),
    ascii("Challenge"),
  );
  const challenge = hashToScalar(sodium, transcript, "HashToScalar-");
  const product = sodium.crypto_core_ristretto255_scalar_mul(challenge, privateKey);
  return concat(challenge, sodium.crypto_core_ristretto255_scalar_sub(r, product));
}

/** The weight of the only pair in `ComputeCompositesFast` (RFC 9497 §2.2.1). */
function compositeScalar(
  sodium: Sodium,
  publicKey: Uint8Array,
  blindedElement: Uint8Array,
  evaluatedElement: Uint8Array,
): Uint8Array {
  const seed = sha512(concat(prefixed(publicKey), prefixed(concat(ascii("Seed-"), CONTEXT))));
  const transcript = concat(
    prefixed(seed),
    uint16(0),
    prefixed(blindedElement),
    prefixed(evaluatedElement),
    ascii("Composite"),
  );
  return hashToScalar(sodium, transcript, "HashToScalar-");
}

/** `HashToScalar` (RFC 9497 §4.1): expand_message_xmd with SHA-512, reduced modulo the group order. */
function hashToScalar(sodium: Sodium, message: Uint8Array, domain: "HashToScalar-" | "DeriveKeyPair"): Uint8Array {
  const uniform = expandMessage(message, concat(ascii(domain), CONTEXT));
  return sodium.crypto_core_ristretto255_scalar_reduce(uniform);
}

/** `expand_message_xmd` (RFC 9380 §5.3.1) for 64 bytes, which is one block of SHA-512. */
function expandMessage(message: Uint8Array, domain: Uint8Array): Uint8Array {
  const domainPrime = concat(domain, Uint8Array.of(domain.length));
  const zeroBlock = new Uint8Array(128);
  const b0 = sha512(concat(zeroBlock, message, uint16(WIDE_SCALAR_BYTES), Uint8Array.of(0), domainPrime));
  return sha512(concat(b0, Uint8Array.of(1), domainPrime));
}

function isElement(sodium: Sodium, bytes: Uint8Array): boolean {
  return (
    bytes.length === VOPRF_ELEMENT_BYTES && !isZero(bytes) && sodium.crypto_core_ristretto255_is_valid_point(bytes)
  );
}

function prefixed(bytes: Uint8Array): Uint8Array {
  return concat(uint16(bytes.length), bytes);
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

/** The identity element and the zero scalar are both all zeros. */
function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
