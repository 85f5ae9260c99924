/** A ciphertext, tag or proof did not hold. Says nothing about which part was wrong, and holds no bytes: safe to log. */
export class DecryptError extends Error {
  override readonly name = "DecryptError";
  readonly code = "decrypt-failed";

  constructor() {
    super("decrypt-failed");
  }
}

/** A VOPRF server's answer does not prove that it used the key it is known by (RFC 9497 §3.3.2). */
export class ProofError extends Error {
  override readonly name = "ProofError";
  readonly code = "proof-failed";

  constructor() {
    super("proof-failed");
  }
}

/** A public key from outside cannot be used: wrong length, or a value that the algorithm forbids. */
export class KeyError extends Error {
  override readonly name = "KeyError";
  readonly code = "bad-key";

  constructor() {
    super("bad-key");
  }
}

/** Our own mistake: something that the code around it promises never to do. Nobody catches it. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}
