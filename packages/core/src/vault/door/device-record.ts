import {
  choice,
  decodeFixedSize,
  encodeFixedSize,
  guardDescription,
  list,
  MAX_GUARDS,
  MAX_URL_BYTES,
  opaque,
  optional,
  recordId,
  struct,
  structure,
  text,
  uint32,
  uint53,
  uint8,
  union,
  versioned,
  WireError,
  type Codec,
  type ValueOf,
} from "@stonechat/protocol";
import { equalSecrets, sha256, SHA256_BYTES, type Argon2idCost } from "@stonechat/crypto";
import type { VaultMode } from "../../vault-api.ts";
import { joined } from "../lock/keys.ts";

/** Stands for what a guard has left where that is not known. */
export const GUESSES_UNKNOWN = 255;
/** Two copies of this length make up the file `device`, whatever is in them. */
export const RECORD_COPY_BYTES = 16_384;
const MIN_MEMORY_KIB = 19 * 1024;
const MIN_PASSES = 2;
const MAX_MEMORY_KIB = 1024 * 1024;
const MAX_PASSES = 64;

/** Nobody can lower the cost on the disk: below the floor a record is not read, and another cost gives another key. */
const costOnDisk = struct({ memoryKib: uint32, passes: uint8 });
const cost: Codec<Argon2idCost> = {
  read(r) {
    const value = costOnDisk.read(r);
    const { memoryKib, passes } = value;
    const sound =
      memoryKib >= MIN_MEMORY_KIB && memoryKib <= MAX_MEMORY_KIB && passes >= MIN_PASSES && passes <= MAX_PASSES;
    if (!sound) throw r.error("bad-value");
    return value;
  },
  write: costOnDisk.write,
};

/** A guard as this device pinned it when its vault was made. */
const pinnedGuard = struct({ description: guardDescription, recordId, sharePublicKey: opaque(32) });

const guardSet = struct({
  relayUrl: text(MAX_URL_BYTES),
  threshold: uint8,
  /** Seed of the key that signs what is asked of guards. */
  authSeed: opaque(32),
  guards: list(pinnedGuard, MAX_GUARDS, 15_000),
});
/** The guards of a vault, in the order of their shares. */
export type GuardSet = ValueOf<typeof guardSet>;

const MODES: Readonly<Record<VaultMode, number>> = { none: 1, passphrase: 2, pin: 3 };
const ready = struct({
  mode: choice(MODES),
  kind: choice({ destroy: 1, conceal: 2 }),
  /** Which header copy holds: the lowest bit says it. */
  generation: uint32,
  deviceSecret: opaque(32),
  cost,
  /** The secret of a vault that opens by itself. */
  openKey: optional(opaque(32)),
  guards: optional(guardSet),
  /**
   * At each guard after the last renewal, by whichever vault: a vault that kept this to itself would take for somebody
   * else's the guesses that were made before another one opened.
   */
  guessesLeft: opaque(MAX_GUARDS),
  /** Guesses made on this device since the last renewal: what guards counted beyond them was somebody else. */
  attempts: uint32,
  /** Numbers above {@link generation} that renewals were given: no two attempts at one share a number. */
  numbersUsed: uint32,
});

/**
 * What a device must know before any secret is given, in clear. Tells that the app is installed, how it opens and by
 * which guards; not how many vaults there are.
 *
 * ```text
 * struct {
 *   uint8  version = 1;
 *   uint64 sequence;              // of two copies the higher one holds
 *   select (state) {
 *     case creating(1): optional<GuardSet>;      // a vault is being made: there is none yet
 *     case ready(2):    ...;
 *     case wiping(3):   optional<GuardSet>;      // without the device secret: nothing can be opened any more
 *   };
 *   opaque padding[];             // zeros up to 16352 bytes
 *   opaque sha256[32];
 * } DeviceRecord;
 * ```
 *
 * Source: VAULT.md, "Device record".
 */
const deviceRecord = structure(
  "DeviceRecord",
  RECORD_COPY_BYTES - SHA256_BYTES,
  versioned(
    1,
    struct({
      sequence: uint53,
      state: union({
        creating: [1, struct({ guards: optional(guardSet) })],
        ready: [2, ready],
        wiping: [3, struct({ guards: optional(guardSet) })],
      }),
    }),
  ),
);
export type DeviceRecord = ValueOf<typeof deviceRecord.codec>;
export type DeviceState = DeviceRecord["state"];
/** The record of a vault that is there. */
export type ReadyDevice = Extract<DeviceState, { type: "ready" }>;

/** One copy: {@link RECORD_COPY_BYTES}. */
export function encodeDeviceRecord(record: DeviceRecord): Uint8Array {
  const body = encodeFixedSize(deviceRecord, record);
  return joined(body, sha256(body));
}

/** @throws WireError if it is torn, of another version, or its cost is below the floor. */
export function decodeDeviceRecord(copy: Uint8Array): DeviceRecord {
  const body = copy.subarray(0, -SHA256_BYTES);
  if (copy.length !== RECORD_COPY_BYTES || !equalSecrets(sha256(body), copy.subarray(-SHA256_BYTES)))
    throw new WireError("bad-value", "DeviceRecord", 0);
  return decodeFixedSize(deviceRecord, body);
}
