/** Sizes of suite ristretto255-SHA512 (RFC 9497 §4.1). */
export const VOPRF_ELEMENT_BYTES = 32;
export const VOPRF_SCALAR_BYTES = 32;
/** Challenge and response, one scalar each. */
export const VOPRF_PROOF_BYTES = 64;
export const VOPRF_OUTPUT_BYTES = 64;
