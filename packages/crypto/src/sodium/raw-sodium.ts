/** An address in the WebAssembly memory. */
export type Pointer = number;

/**
 * The few C functions that are called without the JavaScript wrapper. A C `unsigned long long` is two arguments here:
 * its low and its high 32 bits. All return 0 for success.
 */
export interface RawSodium {
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  _malloc(length: number): Pointer;
  _free(pointer: Pointer): void;

  _crypto_hash_sha256(out: Pointer, message: Pointer, low: number, high: number): number;
  _crypto_hash_sha512(out: Pointer, message: Pointer, low: number, high: number): number;

  _crypto_auth_hmacsha512_statebytes(): number;
  _crypto_auth_hmacsha512_init(state: Pointer, key: Pointer, keyLength: number): number;
  _crypto_auth_hmacsha512_update(state: Pointer, message: Pointer, low: number, high: number): number;
  _crypto_auth_hmacsha512_final(state: Pointer, out: Pointer): number;

  _crypto_aead_chacha20poly1305_ietf_encrypt: RawSeal;
  _crypto_aead_chacha20poly1305_ietf_decrypt: RawOpen;
  _crypto_aead_xchacha20poly1305_ietf_encrypt: RawSeal;
  _crypto_aead_xchacha20poly1305_ietf_decrypt: RawOpen;

  _crypto_sign_detached(
    signature: Pointer,
    lengthOut: Pointer,
    message: Pointer,
    low: number,
    high: number,
    privateKey: Pointer,
  ): number;
  _crypto_sign_verify_detached(
    signature: Pointer,
    message: Pointer,
    low: number,
    high: number,
    publicKey: Pointer,
  ): number;

  _crypto_kem_xwing_seed_keypair(publicKey: Pointer, privateKey: Pointer, seed: Pointer): number;
  _crypto_kem_xwing_enc_deterministic(ciphertext: Pointer, secret: Pointer, publicKey: Pointer, seed: Pointer): number;
  _crypto_kem_xwing_dec(secret: Pointer, ciphertext: Pointer, privateKey: Pointer): number;
}

export type RawSeal = (
  out: Pointer,
  lengthOut: Pointer,
  plaintext: Pointer,
  low: number,
  high: number,
  associatedData: Pointer,
  adLow: number,
  adHigh: number,
  secretNonce: Pointer,
  nonce: Pointer,
  key: Pointer,
) => number;

export type RawOpen = (
  out: Pointer,
  lengthOut: Pointer,
  secretNonce: Pointer,
  ciphertext: Pointer,
  low: number,
  high: number,
  associatedData: Pointer,
  adLow: number,
  adHigh: number,
  nonce: Pointer,
  key: Pointer,
) => number;
