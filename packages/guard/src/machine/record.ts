import {
  deviceKey,
  ENTRY_COUNT,
  guardEntry,
  instant,
  list,
  opaque,
  optional,
  struct,
  structure,
  ticket,
  uint32,
  uint8,
  versioned,
  type ValueOf,
} from "@stonechat/protocol";

/** Guesses that a record begins with and never exceeds. */
export const MAX_GUESSES = 10;
/** How long the same blinded element is the same guess: a client asks again when a reply was lost. */
export const SAME_GUESS_MS = 10 * 60 * 1000;
/** A right PIN gives one guess back for each such span since the last time. */
export const REFILL_MS = 12 * 3600 * 1000;
/** The generation of a record as it is registered. */
export const FIRST_GENERATION = 1;

const secret32 = opaque(32);

const generation = struct({
  number: uint32,
  share: secret32,
  entries: list(guardEntry, ENTRY_COUNT, ENTRY_COUNT * 96),
});
/** Entries that belong together, and the key share that their tags were made with. */
export type Generation = ValueOf<typeof generation>;

const guess = struct({
  ticket,
  generation: uint32,
  blindedElement: secret32,
  at: instant,
  /** SHA-256 of the tag that it was opened with, once it was. */
  opened: optional(secret32),
});
/** An evaluation that was charged. */
export type Guess = ValueOf<typeof guess>;

/**
 * All that a guard keeps of one device. Holds no id: the store knows it by the id's hash.
 *
 * Source: PROTOCOL.md, "Guards".
 */
export const guardRecord = structure(
  "GuardRecord",
  2048,
  versioned(
    1,
    struct({
      authKey: deviceKey,
      revokeHash: secret32,
      current: generation,
      prepared: optional(generation),
      guessesLeft: uint8,
      /** When guesses were last given back for time that passed. */
      refilledAt: instant,
      /** Oldest first; at most as many as there are guesses. */
      guesses: list(guess, MAX_GUESSES, MAX_GUESSES * 93),
    }),
  ),
);
export type GuardRecord = ValueOf<typeof guardRecord.codec>;

/** What is known of an id. `dead`: it was destroyed, and nothing can be registered under it again. */
export type Known =
  { readonly type: "absent" } | { readonly type: "dead" } | { readonly type: "alive"; readonly record: GuardRecord };

/** What must be durable before the answer leaves. */
export type Change =
  { readonly type: "none" } | { readonly type: "put"; readonly record: GuardRecord } | { readonly type: "destroy" };
