import { equalSecrets, labelledMac, type Random } from "@stonechat/crypto/guard";
import { GUARD_NONCE_BYTES, toHex } from "@stonechat/protocol";

/** How long a nonce can be used. Longer than a slow network needs, shorter than it takes to fill the memory of used ones. */
export const NONCE_LIFETIME_MS = 5 * 60 * 1000;
const TIME_BYTES = 8;
const MARK_BYTES = 16;
const KEY_BYTES = 32;

/** What became of a nonce. */
export type NonceVerdict = "fresh" | "stale" | "busy";

/**
 * Nonces that cost nothing to give out: time and random bytes under a MAC whose key lives in memory only. So no number
 * of them given out can push out another, and none outlives the process. Used ones are remembered until they are too
 * old anyhow.
 *
 * Time here is that of a clock that cannot be set.
 */
export class Nonces {
  readonly #key: Uint8Array;
  readonly #random: Random;
  readonly #maxUsed: number;
  #used = new Set<string>();
  /** Used before the last turn: all of them are too old at the next one. */
  #usedBefore = new Set<string>();
  #turnedAt = 0;

  /** @param maxUsed - Nonces that are remembered at a time. */
  constructor(random: Random, maxUsed: number) {
    this.#random = random;
    this.#key = random.bytes(KEY_BYTES);
    this.#maxUsed = maxUsed;
  }

  issue(monotonicMs: number): Uint8Array {
    const nonce = new Uint8Array(GUARD_NONCE_BYTES);
    new DataView(nonce.buffer).setFloat64(0, monotonicMs);
    nonce.set(this.#random.bytes(GUARD_NONCE_BYTES - TIME_BYTES - MARK_BYTES), TIME_BYTES);
    nonce.set(this.#mark(nonce), GUARD_NONCE_BYTES - MARK_BYTES);
    return nonce;
  }

  /** Whether a nonce is ours and not too old. Says nothing about whether it was used. */
  isCurrent(nonce: Uint8Array, monotonicMs: number): boolean {
    if (!equalSecrets(nonce.subarray(GUARD_NONCE_BYTES - MARK_BYTES), this.#mark(nonce))) return false;
    const issuedAt = new DataView(nonce.buffer, nonce.byteOffset).getFloat64(0);
    return monotonicMs - issuedAt < NONCE_LIFETIME_MS;
  }

  /** Uses a nonce up. `busy`: so many are in use that no more can be told apart from used ones. */
  use(nonce: Uint8Array, monotonicMs: number): NonceVerdict {
    if (!this.isCurrent(nonce, monotonicMs)) return "stale";
    this.#turn(monotonicMs);
    const name = toHex(nonce);
    if (this.#used.has(name) || this.#usedBefore.has(name)) return "stale";
    if (this.#used.size + this.#usedBefore.size >= this.#maxUsed) return "busy";
    this.#used.add(name);
    return "fresh";
  }

  #turn(monotonicMs: number): void {
    if (monotonicMs - this.#turnedAt < NONCE_LIFETIME_MS) return;
    this.#usedBefore = monotonicMs - this.#turnedAt < 2 * NONCE_LIFETIME_MS ? this.#used : new Set();
    this.#used = new Set();
    this.#turnedAt = monotonicMs;
  }

  #mark(nonce: Uint8Array): Uint8Array {
    const content = nonce.subarray(0, GUARD_NONCE_BYTES - MARK_BYTES);
    return labelledMac(this.#key, "guard nonce", content).subarray(0, MARK_BYTES);
  }
}
