import type { Codec, Reader } from "@stonechat/protocol";
import { MlsError, type MlsErrorCode } from "../contract.ts";
import {
  HASH_BYTES,
  KEM_PUBLIC_BYTES,
  PROTOCOL_VERSION,
  SIGNATURE_BYTES,
  SIGNATURE_KEY_BYTES,
  SUITE_ID,
} from "../suite.ts";

/** `opaque name<V>` that has exactly `length` bytes in our suite. */
export function exactly(length: number): Codec<Uint8Array> {
  return {
    read(r) {
      const value = r.vector(length);
      if (value.length !== length) throw r.error("bad-value");
      return value;
    },
    write(w, value) {
      if (value.length !== length) throw new RangeError("wrong length");
      w.vector(value, length);
    },
  };
}

export const publicKey = exactly(KEM_PUBLIC_BYTES);
export const signatureKey = exactly(SIGNATURE_KEY_BYTES);
export const signature = exactly(SIGNATURE_BYTES);
export const hash = exactly(HASH_BYTES);

/** A hash, or nothing where there is no parent or no history yet. */
export const hashOrNothing: Codec<Uint8Array> = {
  read(r) {
    const value = r.vector(HASH_BYTES);
    if (value.length !== 0 && value.length !== HASH_BYTES) throw r.error("bad-value");
    return value;
  },
  write(w, value) {
    w.vector(value, HASH_BYTES);
  },
};

/** `Extension extensions<V>`, which is empty everywhere: what others keep in extensions travels in authenticated data. */
export const noExtensions: Codec<never[]> = {
  read(r) {
    r.vectorLength(0);
    return [];
  },
  write(w) {
    w.vectorLength(0, 0);
  },
};

/** `ProtocolVersion`, which must be `mls10`. */
export const protocolVersion: Codec<"mls10"> = {
  read(r) {
    if (r.uint16() !== PROTOCOL_VERSION) throw r.error("unsupported-version");
    return "mls10";
  },
  write(w) {
    w.uint16(PROTOCOL_VERSION);
  },
};

/** `CipherSuite`, which must be ours. @throws MlsError `wrong-suite`. */
export const cipherSuite: Codec<undefined> = {
  read(r) {
    if (r.uint16() !== SUITE_ID) throw new MlsError("wrong-suite");
    return undefined;
  },
  write(w) {
    w.uint16(SUITE_ID);
  },
};

/** A `uint16` that can only be `value`; anything else is refused with `code`. */
export function expectUint16(r: Reader, value: number, code: MlsErrorCode): void {
  if (r.uint16() !== value) throw new MlsError(code);
}
