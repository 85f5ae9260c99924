import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { KeyError, ProofError } from "./errors.ts";
import type { Random } from "./random.ts";
import { VOPRF_ELEMENT_BYTES, VOPRF_PROOF_BYTES } from "./voprf-suite.ts";

/** What the client keeps between asking and finalizing. `blind` is secret. */
export interface VoprfBlinded {
  readonly blind: Uint8Array;
  readonly blindedElement: Uint8Array;
}

/**
 * Blinds an input for a VOPRF server with suite ristretto255-SHA512 (RFC 9497 §3.3.1): the server learns nothing of it.
 *
 * @throws RangeError if `input` is longer than 65,535 bytes.
 */
export function voprfBlind(input: Uint8Array, random: Random): VoprfBlinded {
  if (input.length > 0xffff) throw new RangeError("input is too long");
  const { blind, blinded } = ristretto255_oprf.voprf.blind(input, (length) => {
    if (length === undefined) throw new RangeError("length is needed");
    return Uint8Array.from(random.bytes(length));
  });
  return { blind, blindedElement: blinded };
}

/**
 * Checks the server's proof and takes the blind off (RFC 9497 §3.3.2).
 *
 * @param publicKey - The key that the server is known by: 32 bytes.
 * @returns 64 bytes that depend on `input` and the server's key only.
 * @throws {@link ProofError} if the server's answer does not prove the use of that key.
 */
export function voprfFinalize(
  input: Uint8Array,
  { blind, blindedElement }: VoprfBlinded,
  answer: { readonly evaluatedElement: Uint8Array; readonly proof: Uint8Array },
  publicKey: Uint8Array,
): Uint8Array {
  const { evaluatedElement, proof } = answer;
  if (publicKey.length !== VOPRF_ELEMENT_BYTES) throw new KeyError();
  if (evaluatedElement.length !== VOPRF_ELEMENT_BYTES || proof.length !== VOPRF_PROOF_BYTES) throw new ProofError();
  try {
    return ristretto255_oprf.voprf.finalize(input, blind, evaluatedElement, blindedElement, publicKey, proof);
  } catch {
    // noble's errors quote the values; ours say only what failed.
    throw new ProofError();
  }
}
