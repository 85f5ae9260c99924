import {
  DecryptError,
  joinShares,
  splitScalar,
  XAEAD_NONCE_BYTES,
  xaeadOpen,
  xaeadSeal,
  type Random,
} from "@stonechat/crypto";
import { openHead, type Head } from "./head.ts";
import { joined, toBoxKey, toHeadKey } from "./keys.ts";
import { boxOf, LINE_BYTES, type LockArea } from "./lock-area.ts";

/** What guard `index` (from 1) released. */
export interface Release {
  readonly index: number;
  readonly secret: Uint8Array;
}

/** The head that a secret opened, and where. */
export interface FoundHead {
  readonly slot: number;
  readonly lineSecret: Uint8Array;
  readonly head: Head;
}

/** A new line: a random secret split so that `threshold` of the releases give it back. The rest of the line is random. */
export function sealLine(
  unlockKey: Uint8Array,
  releases: readonly Release[],
  threshold: number,
  slot: number,
  random: Random,
): { readonly line: Uint8Array; readonly lineSecret: Uint8Array } {
  const { secret, shares } = splitScalar(undefined, threshold, releases.length, random);
  const line = random.bytes(LINE_BYTES);
  releases.forEach((release, at) => {
    const share = shares[at]?.value;
    if (share === undefined) throw new RangeError("fewer shares than releases");
    const nonce = random.bytes(XAEAD_NONCE_BYTES);
    const boxKey = toBoxKey(unlockKey, release.secret, release.index);
    boxOf(line, release.index).set(joined(nonce, xaeadSeal(boxKey, nonce, Uint8Array.of(slot), share)));
  });
  return { line, lineSecret: secret };
}

/**
 * Tries all slots with what guards released. Does the same work whether one opens or none and wherever it lies: an
 * attempt that cannot succeed is made with shares that open nothing.
 */
export function findHead(
  { lines, heads }: LockArea,
  unlockKey: Uint8Array,
  releases: readonly Release[],
  threshold: number,
  deviceSecret: Uint8Array,
): FoundHead | undefined {
  let found: FoundHead | undefined;
  lines.forEach((line, slot) => {
    const shares = releases.flatMap((release) => {
      const value = openBox(boxOf(line, release.index), toBoxKey(unlockKey, release.secret, release.index), slot);
      return value === undefined ? [] : [{ index: release.index, value }];
    });
    const lineSecret = joinShares([...shares, ...fillers(shares)].slice(0, threshold));
    const sealed = heads[slot];
    if (sealed === undefined) throw new RangeError("a line without a head");
    const head = openHead(sealed, toHeadKey(lineSecret, unlockKey, deviceSecret), slot);
    if (head !== undefined) found = { slot, lineSecret, head };
  });
  return found;
}

/** Shares of nothing, with indexes that no guard has. */
function fillers(shares: readonly unknown[]): { readonly index: number; readonly value: Uint8Array }[] {
  return Array.from({ length: 8 }, (_, at) => ({ index: 100 + shares.length + at, value: new Uint8Array(32) }));
}

function openBox(box: Uint8Array, boxKey: Uint8Array, slot: number): Uint8Array | undefined {
  const nonce = box.subarray(0, XAEAD_NONCE_BYTES);
  try {
    return xaeadOpen(boxKey, nonce, Uint8Array.of(slot), box.subarray(XAEAD_NONCE_BYTES));
  } catch (error) {
    if (error instanceof DecryptError) return undefined;
    throw error;
  }
}
