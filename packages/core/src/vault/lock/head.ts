import { DecryptError, XAEAD_NONCE_BYTES, xaeadOpen, xaeadSeal, type Random } from "@stonechat/crypto";
import {
  decodeFixedSize,
  encodeFixedSize,
  ENTRY_COUNT,
  instant,
  MAX_GUARDS,
  opaque,
  optional,
  struct,
  structure,
  uint32,
  uint8,
  versioned,
  type ValueOf,
} from "@stonechat/protocol";
import { joined } from "./keys.ts";
import { HEAD_BYTES } from "./lock-area.ts";

const PAD_BYTES = 32;
const TAG_BYTES = 16;
const key = opaque(32);

/** What a vault must know to keep its duress PIN alive: all that opens the decoy. */
const duress = struct({ slot: uint8, input: key, unlockKey: key, lineSecret: key });

/** An unlock key that guards still hold which were away when the secret changed. */
const formerKey = struct({ unlockKey: key, until: uint32 });

/**
 * What an open vault knows of itself. Every vault's has these fields and this size, whatever others there are: in
 * destroy mode `positions` and `pads` are random and unused, in conceal mode the pads of other positions are others' or
 * random, and which, this vault cannot tell.
 *
 * ```text
 * struct {
 *   uint8             version = 1;
 *   opaque            slot_key[32];
 *   opaque            revocation_seed[32];
 *   optional<uint64>  burnt_at;
 *   uint8             positions[5];         // of this vault's entry, at each guard
 *   opaque            pads[5][4][32];       // of all positions, at each guard
 *   optional<Duress>  duress;
 *   optional<FormerKey> former;
 *   opaque            padding[];            // zeros up to 4056 bytes
 * } Head;
 * ```
 *
 * Source: VAULT.md, "Heads".
 */
const head = structure(
  "Head",
  HEAD_BYTES - XAEAD_NONCE_BYTES - TAG_BYTES,
  versioned(
    1,
    struct({
      slotKey: key,
      revocationSeed: key,
      burntAt: optional(instant),
      positions: opaque(MAX_GUARDS),
      pads: opaque(MAX_GUARDS * ENTRY_COUNT * PAD_BYTES),
      duress: optional(duress),
      former: optional(formerKey),
    }),
  ),
);
export type Head = ValueOf<typeof head.codec>;

/** Seals a head for its slot: {@link HEAD_BYTES}. */
export function sealHead(value: Head, headKey: Uint8Array, slot: number, random: Random): Uint8Array {
  const nonce = random.bytes(XAEAD_NONCE_BYTES);
  return joined(nonce, xaeadSeal(headKey, nonce, Uint8Array.of(slot), encodeFixedSize(head, value)));
}

/** What {@link sealHead} sealed, or undefined if the key opens nothing there. */
export function openHead(sealed: Uint8Array, headKey: Uint8Array, slot: number): Head | undefined {
  const nonce = sealed.subarray(0, XAEAD_NONCE_BYTES);
  try {
    return decodeFixedSize(head, xaeadOpen(headKey, nonce, Uint8Array.of(slot), sealed.subarray(XAEAD_NONCE_BYTES)));
  } catch (error) {
    if (error instanceof DecryptError) return undefined;
    throw error;
  }
}

/** The head of a new vault; `positions` and `pads` are random. */
export function newHead(random: Random, revocationSeed: Uint8Array): Head {
  return {
    slotKey: random.bytes(32),
    revocationSeed,
    burntAt: undefined,
    positions: random.bytes(MAX_GUARDS).map((byte) => byte % ENTRY_COUNT),
    pads: random.bytes(MAX_GUARDS * ENTRY_COUNT * PAD_BYTES),
    duress: undefined,
    former: undefined,
  };
}

/** The pad of a position (from 0) at guard `index` (from 1). */
export function padOf({ pads }: Head, index: number, position: number): Uint8Array {
  const at = ((index - 1) * ENTRY_COUNT + position) * PAD_BYTES;
  return pads.slice(at, at + PAD_BYTES);
}

/** The head with one pad replaced. */
export function withPad(value: Head, index: number, position: number, pad: Uint8Array): Head {
  const pads = value.pads.slice();
  pads.set(pad, ((index - 1) * ENTRY_COUNT + position) * PAD_BYTES);
  return { ...value, pads };
}
