import type { Brand } from "../brand.ts";
import {
  choice,
  list,
  opaque,
  optional,
  struct,
  structure,
  text,
  uint32,
  uint8,
  union,
  versioned,
  bytes,
  type ValueOf,
} from "../codec/codec.ts";
import { MAX_URL_BYTES } from "../client/invite.ts";
import { deviceKey, signature } from "../client/identity.ts";

/** Names one device's record at one guard: 16 random bytes, another at every guard, never sent anywhere else. */
export type RecordId = Brand<Uint8Array, "RecordId">;
/** SHA-256 of a guard's public key: what a client pins, and what a relay forwards by. */
export type GuardId = Brand<Uint8Array, "GuardId">;
/** Proves one PIN to one guard for one generation: 32 bytes. */
export type GuardTag = Brand<Uint8Array, "GuardTag">;
/** Names a counted guess until it is opened: 16 random bytes. */
export type Ticket = Brand<Uint8Array, "Ticket">;

/** Entries of a record; one for each slot of a container, in an order of its own. Unused ones are random. */
export const ENTRY_COUNT = 4;
export const MAX_GUARDS = 5;
/** A guard's public key: X-Wing, as {@link https://datatracker.ietf.org/doc/draft-connolly-cfrg-xwing-kem/ | the draft} encodes it. */
export const GUARD_KEY_BYTES = 1216;
/** Plaintext of every request and every reply, so that none tells which it is. */
export const GUARD_REQUEST_BYTES = 1024;
export const GUARD_REPLY_BYTES = 512;
/** The same sealed: version, length, KEM output (1,120), tag (16); random bytes (32) and tag. The only sizes that anybody on the way sees. */
export const SEALED_GUARD_REQUEST_BYTES = 1 + 2 + 1120 + GUARD_REQUEST_BYTES + 16;
export const SEALED_GUARD_REPLY_BYTES = 32 + GUARD_REPLY_BYTES + 16;
export const GUARD_NONCE_BYTES = 32;
export const GUARD_PATH = "/v1/guard";
/** Where a relay publishes its guards, and below which it forwards to them by {@link GuardId} in lower-case hex. */
export const GUARDS_PATH = "/v1/guards";

export const recordId = opaque<RecordId>(16);
export const guardId = opaque<GuardId>(32);
export const guardTag = opaque<GuardTag>(32);
export const ticket = opaque<Ticket>(16);
const secret32 = opaque(32);

/** `tag_hash` = SHA-256(tag ‖ pad); what a matching tag releases derives from `material` and `pad`. */
export const guardEntry = struct({ tagHash: secret32, material: secret32, pad: secret32 });
export type GuardEntry = ValueOf<typeof guardEntry>;

const entries = list(guardEntry, ENTRY_COUNT, ENTRY_COUNT * 96);
/** A pad put back blindly for an entry that stays as it is. */
const keepAlive = struct({ position: uint8, pad: secret32 });
export type KeepAlive = ValueOf<typeof keepAlive>;

/** What a device asks of a guard. See PROTOCOL.md, "Guards", for effects and refusals. */
export const guardOperation = union({
  hello: [1, struct({})],
  register: [2, struct({ authKey: deviceKey, share: secret32, entries, revokeHash: secret32 })],
  status: [3, struct({})],
  evaluate: [4, struct({ generation: uint32, blindedElement: secret32 })],
  open: [5, struct({ ticket, tag: guardTag })],
  prepare: [
    6,
    struct({
      tag: guardTag,
      from: uint32,
      generation: uint32,
      share: optional(secret32),
      entries,
      keepAlive: list(keepAlive, ENTRY_COUNT - 1, (ENTRY_COUNT - 1) * 33),
    }),
  ],
  finalize: [7, struct({ generation: uint32 })],
  wipe: [8, struct({})],
  revoke: [9, struct({ secret: secret32 })],
});
export type GuardOperation = ValueOf<typeof guardOperation>;

/**
 * The plaintext of a request, before zero bytes up to {@link GUARD_REQUEST_BYTES}. `signature` is by the record's key
 * (for `register` by the key in it) over {@link guardSigned}; all zeros for `hello` and `revoke`.
 */
export const guardRequest = structure(
  "GuardRequest",
  GUARD_REQUEST_BYTES,
  versioned(1, struct({ recordId, nonce: opaque(GUARD_NONCE_BYTES), operation: guardOperation, signature })),
);
export type GuardRequest = ValueOf<typeof guardRequest.codec>;

/** What the signature of a request stands over (label `guard request`). */
export const guardSigned = structure(
  "GuardSigned",
  GUARD_REQUEST_BYTES,
  struct({ guardId, recordId, nonce: opaque(GUARD_NONCE_BYTES), operation: guardOperation }),
);

/**
 * `denied` is one answer for no such record, a destroyed one, and a wrong key. `generation`: neither the current nor the
 * prepared one. `stale`: the nonce was used or is too old; ask again with the one that came along.
 */
export const guardRefusal = choice({ denied: 1, stale: 2, generation: 3, ticket: 4, busy: 5, full: 6, malformed: 7 });
export type GuardRefusal = ValueOf<typeof guardRefusal>;

/** The plaintext of a reply, before zero bytes up to {@link GUARD_REPLY_BYTES}. `nonce` is for the next request. */
export const guardReply = structure(
  "GuardReply",
  GUARD_REPLY_BYTES,
  versioned(
    1,
    struct({
      nonce: opaque(GUARD_NONCE_BYTES),
      answer: union({
        done: [1, struct({})],
        status: [2, struct({ generation: uint32, prepared: optional(uint32), guessesLeft: uint8 })],
        evaluated: [3, struct({ evaluatedElement: secret32, proof: opaque(64), ticket, guessesLeft: uint8 })],
        opened: [4, struct({ secret: secret32 })],
        closed: [5, struct({})],
        refused: [6, struct({ reason: guardRefusal })],
      }),
    }),
  ),
);
export type GuardReply = ValueOf<typeof guardReply.codec>;
export type GuardAnswer = GuardReply["answer"];

/** One guard as a relay publishes it and as a client pins it at set-up. */
export const guardDescription = struct({
  name: text(64),
  operator: text(128),
  url: text(MAX_URL_BYTES),
  publicKey: opaque(GUARD_KEY_BYTES),
});
export type GuardDescription = ValueOf<typeof guardDescription>;

/** Body of `GET /v1/guards`: none, or those that a new vault is set up with. */
export const guardList = structure(
  "GuardList",
  16_384,
  versioned(1, struct({ threshold: uint8, guards: list(guardDescription, MAX_GUARDS, 15_000) })),
);
export type GuardList = ValueOf<typeof guardList.codec>;

/** A sealed request: HPKE (RFC 9180) to the guard's key, label `guard channel`; the secret of its replies is exported from it. */
export const sealedGuardRequest = structure("SealedGuardRequest", 4096, versioned(1, struct({ sealed: bytes(4000) })));
