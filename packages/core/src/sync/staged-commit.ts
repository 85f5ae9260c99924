import {
  bytes,
  deviceKey,
  identityKey,
  list,
  opaque,
  optional,
  returnAddressCodec,
  struct,
  structure,
  token,
  tokenHash,
  uint32,
  uint53,
  union,
  logId,
  text,
  kemPublicKey,
  MAX_NAME_BYTES,
  MAX_URL_BYTES,
  versioned,
  choice,
  type ValueOf,
} from "@stonechat/protocol";
import type { Transaction } from "../vault/database.ts";

const MAX_GROUP_BYTES = 64 * 1024 * 1024;

/** How somebody who is added gets his Welcome: in the conversation of two, in the reply log of his join request, or in his return log. */
const via = union({
  direct: [1, struct({})],
  reply: [2, struct({ relayUrl: text(MAX_URL_BYTES), logId, appendToken: token, kemKey: kemPublicKey })],
  return: [3, returnAddressCodec],
});

/** `keyPackages` is empty until they were fetched from the account's pools. */
const toBeAdded = list(struct({ identityKey, keyPackages: list(bytes(8192), 10, 90_000), via }), 500, 3 * 1024 * 1024);

/**
 * A change of a conversation that somebody on this device wants. It stays until a commit of ours that makes it was
 * accepted, or until it has become pointless; a lost race only means another try.
 */
export const intent = structure(
  "Intent",
  4 * 1024 * 1024,
  versioned(
    1,
    union({
      add: [
        1,
        struct({
          accounts: toBeAdded,
        }),
      ],
      remove: [2, struct({ identityKeys: list(identityKey, 500, 16_000) })],
      rename: [3, struct({ name: text(MAX_NAME_BYTES) })],
      role: [4, struct({ identityKey, role: choice({ admin: 1, member: 2 }) })],
      /** Renews this device's keys. */
      renew: [5, struct({})],
      timer: [6, struct({ seconds: uint32 })],
      /** Members of a group that goes on in this one, and who of them is to be an admin as before. */
      "add-again": [
        7,
        struct({
          accounts: toBeAdded,
          admins: list(identityKey, 500, 16_000),
        }),
      ],
    }),
  ),
);
export type Intent = ValueOf<typeof intent.codec>;
export type IntentOf<T extends Intent["type"]> = Extract<Intent, { readonly type: T }>;

/** Accounts that one commit adds: with more, it could be longer than a relay takes. */
export const MAX_ADDED_AT_ONCE = 100;

const member = struct({ leaf: uint32, identityKey, deviceKey });

/** A commit of ours that may be on its way. Everything that is needed to finish it after a crash. */
export const stagedCommit = structure(
  "StagedCommit",
  MAX_GROUP_BYTES,
  versioned(
    1,
    struct({
      body: bytes(2 * 1024 * 1024),
      nextReadHash: tokenHash,
      nextAppendHash: tokenHash,
      authenticatedData: bytes(600_000),
      groupVersion: uint53,
      epoch: bytes(MAX_GROUP_BYTES / 2),
      ratchets: list(struct({ index: uint32, state: bytes(4096) }), 100_000, MAX_GROUP_BYTES / 4),
      added: list(member, 5000, 1024 * 1024),
      removed: list(member, 5000, 1024 * 1024),
      tree: bytes(6 * 1024 * 1024),
      welcomes: list(struct({ identityKey, via, welcomes: list(bytes(16_384), 10, 100_000) }), 500, 10 * 1024 * 1024),
    }),
  ),
);
export type StagedCommit = ValueOf<typeof stagedCommit.codec>;

/** A Welcome that has to reach somebody. */
export const welcomeDue = structure(
  "WelcomeDue",
  12 * 1024 * 1024,
  versioned(
    1,
    struct({
      identityKey,
      via,
      welcomes: list(bytes(16_384), 10, 100_000),
      joinState: bytes(8 * 1024 * 1024),
      firstSeq: uint53,
      sealed: optional(struct({ blobId: opaque(32), writeToken: token })),
    }),
  ),
);
export type WelcomeDue = ValueOf<typeof welcomeDue.codec>;

/** @param waits - It cannot be carried out before {@link retryIntents}. */
export function addIntent(tx: Transaction, conversation: number, value: Intent, waits = false): void {
  const data = intent.encode(value);
  tx.run("INSERT INTO intents (conversation, data, waits) VALUES (?, ?, ?)", conversation, data, waits ? 1 : 0);
}

/** What waited may have become possible. @returns The conversations to wake. */
export function retryIntents(tx: Transaction): readonly number[] {
  const waiting = tx.all<{ conversation: number }>("SELECT DISTINCT conversation FROM intents WHERE waits = 1");
  tx.run("UPDATE intents SET waits = 0");
  return waiting.map(({ conversation }) => conversation);
}

/** The oldest first. */
export function allIntents(
  tx: Transaction,
  conversation: number,
): readonly { readonly id: number; readonly intent: Intent; readonly waits: boolean }[] {
  return tx
    .all<{ id: number; data: Uint8Array; waits: number }>(
      "SELECT id, data, waits FROM intents WHERE conversation = ? ORDER BY id",
      conversation,
    )
    .map(({ id, data, waits }) => ({ id, intent: intent.decode(data), waits: waits === 1 }));
}

export function loadStaged(
  tx: Transaction,
  conversation: number,
): { readonly entryId: Uint8Array; readonly intent: number | undefined; readonly staged: StagedCommit } | undefined {
  const row = tx.get<{ entry_id: Uint8Array; intent: number | undefined; data: Uint8Array }>(
    "SELECT entry_id, intent, data FROM staged_commits WHERE conversation = ?",
    conversation,
  );
  return row === undefined
    ? undefined
    : { entryId: row.entry_id, intent: row.intent, staged: stagedCommit.decode(row.data) };
}
