import { deriveKey, labelledMac, type Argon2idCost } from "@stonechat/crypto";
import { struct, structure, uint32, uint8, type GuardTag, type RecordId } from "@stonechat/protocol";
import type { VaultMode } from "../../vault-api.ts";

/**
 * How a secret becomes what opens a slot (VAULT.md, "Keys"):
 *
 * ```text
 * input      = Argon2id(secret, salt from the device secret)       the slow part, on this device
 * output     = VOPRF(input)                                        PIN only: t guards, one guess each
 * unlock key = KDF(output or input ‖ device secret)                 one for each secret
 * box key    = KDF(unlock key ‖ what guard i released)              opens share i of the line's secret
 * head key   = KDF(line's secret ‖ unlock key ‖ device secret)      opens the head, which holds the slot's key
 * ```
 */
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const TAG_BYTES = 32;
const NOTHING = new Uint8Array(0);
/** What stands for a guard's release where there is no guard. */
export const NO_RELEASE = new Uint8Array(KEY_BYTES);

/** What every key derived from a secret is bound to, so that a lowered cost gives another key. */
const context = structure("SecretContext", 16, struct({ mode: uint8, memoryKib: uint32, passes: uint32 }));
const MODE_NUMBERS: Readonly<Record<VaultMode, number>> = { none: 1, passphrase: 2, pin: 3 };

function contextOf(mode: VaultMode, { memoryKib, passes }: Argon2idCost): Uint8Array {
  return context.encode({ mode: MODE_NUMBERS[mode], memoryKib, passes });
}

/** The salt of a device's secrets, for this cost: 16 bytes. */
export function toSalt(deviceSecret: Uint8Array, mode: VaultMode, cost: Argon2idCost): Uint8Array {
  return deriveKey(deviceSecret, "vault salt", contextOf(mode, cost), SALT_BYTES);
}

/** The key that a secret stands for on this device: 32 bytes. `output` is of the VOPRF, or `input` itself without guards. */
export function toUnlockKey(
  output: Uint8Array,
  deviceSecret: Uint8Array,
  mode: VaultMode,
  cost: Argon2idCost,
): Uint8Array {
  return deriveKey(joined(output, deviceSecret), "vault unlock key", contextOf(mode, cost), KEY_BYTES);
}

/** What proves an unlock key to one guard. `generation` is 0 where tags must stay the same. */
export function toTag(unlockKey: Uint8Array, recordId: RecordId, generation: number): GuardTag {
  const content = joined(recordId, uint32Bytes(generation));
  return labelledMac(unlockKey, "guard tag", content).slice(0, TAG_BYTES) as GuardTag; // exactly TAG_BYTES
}

/** The key of the box that holds share `index` (from 1) of a line's secret. */
export function toBoxKey(unlockKey: Uint8Array, release: Uint8Array, index: number): Uint8Array {
  return deriveKey(joined(unlockKey, release), "vault box", Uint8Array.of(index), KEY_BYTES);
}

/** The key of a head. */
export function toHeadKey(lineSecret: Uint8Array, unlockKey: Uint8Array, deviceSecret: Uint8Array): Uint8Array {
  return deriveKey(joined(lineSecret, unlockKey, deviceSecret), "vault head", NOTHING, KEY_BYTES);
}

/** What destroys the record at the guard `index` (from 1) from anywhere: for the recovery kit. */
export function toRevocation(seed: Uint8Array, index: number): Uint8Array {
  return deriveKey(seed, "vault revocation", Uint8Array.of(index), KEY_BYTES);
}

/** All pieces in a row. Where it is a key's, every piece has a fixed length. */
export function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

function uint32Bytes(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}
