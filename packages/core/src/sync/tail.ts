import { sha256 } from "@stonechat/crypto";
import type { Entry, EntryId, Token, TokenHash } from "@stonechat/protocol";
import type { EpochKeys } from "../conversations/conversation-record.ts";
import type { SqlRow } from "../vault/sql-value.ts";
import type { Transaction } from "../vault/database.ts";

/** Entries that are kept of each conversation's log, and bytes of their bodies. */
const KEPT_ENTRIES = 128;
const KEPT_BYTES = 512 * 1024;

/**
 * An entry as it lay in the log, with what is needed to put it there again.
 *
 * [Note: What a device keeps of its logs] A device keeps the last entries of each conversation's log, its own and others',
 * as long as the relay would. By their ids it knows an entry that comes a second time; with their bodies, which no key on
 * this device opens any more, it gives back to a relay what that relay has lost.
 */
export interface TailEntry {
  readonly seq: number;
  readonly entryId: EntryId;
  readonly expiresAt: number;
  readonly readToken: Token;
  readonly appendToken: Token;
  /** Of a commit: the hashes of the next epoch's tokens. */
  readonly next: { readonly readHash: TokenHash; readonly appendHash: TokenHash } | undefined;
  /** Undefined if there was no room for it. */
  readonly body: Uint8Array | undefined;
}

type Row = SqlRow & {
  readonly seq: number;
  readonly entry_id: Uint8Array;
  readonly expires_at: number;
  readonly read_token: Uint8Array;
  readonly append_token: Uint8Array;
  readonly next_read_hash: Uint8Array | undefined;
  readonly next_append_hash: Uint8Array | undefined;
  readonly body: Uint8Array | undefined;
};

/**
 * Keeps an entry that was taken in, or that the relay has acknowledged.
 *
 * @param keys - Of the epoch it belongs to.
 * @param next - Of the epoch that it opens, if it is a commit.
 */
export function remember(
  tx: Transaction,
  conversation: number,
  keys: EpochKeys,
  entry: Pick<Entry, "seq" | "entryId" | "expiresAt" | "body">,
  next?: EpochKeys,
): void {
  tx.run(
    `INSERT INTO tail (conversation, seq, entry_id, expires_at, read_token, append_token, next_read_hash, next_append_hash, body)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (conversation, entry_id) DO UPDATE SET seq = excluded.seq`,
    conversation,
    entry.seq,
    entry.entryId,
    entry.expiresAt,
    keys.readToken,
    keys.appendToken,
    next === undefined ? undefined : sha256(next.readToken),
    next === undefined ? undefined : sha256(next.appendToken),
    entry.body,
  );
}

/** Whether this entry was taken in before; if so it is noted where it lies now. */
export function isRemembered(tx: Transaction, conversation: number, entryId: EntryId, seq: number): boolean {
  return tx.run("UPDATE tail SET seq = ? WHERE conversation = ? AND entry_id = ?", seq, conversation, entryId) > 0;
}

/** Oldest first. The rows were written by {@link remember}, so their values have the brands they were written with. */
export function tailOf(tx: Transaction, conversation: number): readonly TailEntry[] {
  return tx.all<Row>("SELECT * FROM tail WHERE conversation = ? ORDER BY seq", conversation).map((row) => ({
    seq: row.seq,
    entryId: row.entry_id as EntryId,
    expiresAt: row.expires_at,
    readToken: row.read_token as Token,
    appendToken: row.append_token as Token,
    next:
      row.next_read_hash === undefined || row.next_append_hash === undefined
        ? undefined
        : { readHash: row.next_read_hash as TokenHash, appendHash: row.next_append_hash as TokenHash },
    body: row.body,
  }));
}

/**
 * Something of the conversation disappears or was deleted: no ciphertext of its messages stays, and they cannot be given
 * back any more. Commits hold no words of anybody.
 */
export function forgetBodies(tx: Transaction, conversation: number): void {
  tx.run("UPDATE tail SET body = NULL WHERE conversation = ? AND next_read_hash IS NULL", conversation);
}

/** Lets go of what is too old, too much, or over at the relay. */
export function pruneTail(tx: Transaction, conversation: number, now: number): void {
  const rows = tx.all<{ id: number; expires_at: number; bytes: number | undefined }>(
    "SELECT id, expires_at, length(body) AS bytes FROM tail WHERE conversation = ? ORDER BY seq DESC",
    conversation,
  );
  let bytes = 0;
  for (const [i, row] of rows.entries()) {
    bytes += row.bytes ?? 0;
    if (i >= KEPT_ENTRIES) tx.run("DELETE FROM tail WHERE id = ?", row.id);
    else if (row.bytes !== undefined && (bytes > KEPT_BYTES || row.expires_at <= now))
      tx.run("UPDATE tail SET body = NULL WHERE id = ?", row.id);
  }
}
