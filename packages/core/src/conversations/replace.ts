import type { Random } from "@stonechat/crypto";
import type { GroupWelcome } from "@stonechat/protocol";
import { forgetCiphertexts } from "../sync/outbox.ts";
import type { Transaction } from "../vault/database.ts";
import type { ConversationRecord } from "./conversation-record.ts";

/** Lines that nobody wrote may stand between the last message of the old group and the first of the new one. */
const ROOM = 16;

/**
 * A conversation of two goes on in another group, because the other has lost all devices of the old one. What was said
 * stays, before everything that the new group will bring; what waited to be sent goes there. The old group's keys are gone.
 *
 * @param trusted - Whether what waited may go to the new devices. If not it has failed, and the user may send it again.
 */
export function replaceGroup(
  tx: Transaction,
  random: Random,
  record: ConversationRecord,
  welcome: GroupWelcome,
  trusted: boolean,
): number {
  const { id } = record;
  for (const table of ["intents", "staged_commits", "receipts_due", "welcomes_due", "ratchets", "groups", "tail"])
    tx.run(`DELETE FROM ${table} WHERE conversation = ?`, id);
  if (!trusted) {
    tx.run("DELETE FROM outbox WHERE conversation = ? AND (message IS NOT NULL OR target IS NOT NULL)", id);
    tx.run("UPDATE messages SET state = 'failed' WHERE conversation = ? AND state = 'waiting'", id);
  }
  forgetCiphertexts(tx, random, id);
  const read = moveBack(tx, record);
  tx.run(
    `UPDATE conversations SET group_id = ?, relay_url = ?, log_id = ?, log_made = 1, state = 'active', next_seq = ?,
       group_version = -1, read_ord = ?, compare_since = 0, reread_until = 0, place_shift = 0 WHERE id = ?`,
    welcome.groupId,
    welcome.address.relayUrl,
    welcome.address.logId,
    welcome.firstSeq,
    read,
    id,
  );
  return id;
}

/** Moves all lines that have their place below zero, where no entry of a log stands. @returns Up to where they were read. */
function moveBack(tx: Transaction, { id, readOrd }: ConversationRecord): number {
  const last = tx.get<{ last: number | undefined }>(
    "SELECT max(ord) AS last FROM messages WHERE conversation = ? AND ord < 1 << 52",
    id,
  )?.last;
  const by = Math.max(last ?? 0, 0) + ROOM;
  // In two steps: places must differ at every moment.
  tx.run("UPDATE messages SET ord = ord - (1 << 54) WHERE conversation = ? AND ord < 1 << 52", id);
  tx.run("UPDATE messages SET ord = ord + (1 << 54) - ? WHERE conversation = ? AND ord < -(1 << 52)", by, id);
  return readOrd - by;
}
