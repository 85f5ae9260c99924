import {
  conversationSettings,
  type ConversationSettings,
  type GroupId,
  type LogId,
  type Token,
} from "@stonechat/protocol";
import type { ConversationKind } from "../client-api.ts";
import type { SqlRow } from "../vault/sql-value.ts";
import type { Transaction } from "../vault/database.ts";

/** Row number of a conversation in this database. */
export type ConversationRow = number;

/** `broken`: a commit came that this device had to refuse; only being added anew helps. */
export type ConversationState = "active" | "left" | "removed" | "broken";

/** What an epoch's exporter gives (labels `stonechat log read`, `stonechat log append`, `stonechat entry`). */
export interface EpochKeys {
  readonly readToken: Token;
  readonly appendToken: Token;
  readonly entryKey: Uint8Array;
}

/** One conversation as this device knows it. */
export interface ConversationRecord {
  readonly id: ConversationRow;
  readonly groupId: GroupId;
  readonly kind: ConversationKind;
  readonly relayUrl: string;
  readonly logId: LogId;
  /** The relay has acknowledged that the log exists. */
  readonly logMade: boolean;
  readonly state: ConversationState;
  readonly settings: ConversationSettings;
  /** The first entry that was not taken in yet. */
  readonly nextSeq: number;
  readonly epoch: number;
  readonly keys: EpochKeys;
  /** Row of the epoch's roster. */
  readonly roster: number;
  readonly stateHash: Uint8Array;
  readonly readOrd: number;
  readonly draft: string;
  readonly activityAt: number;
  /** When its relay was found put back, or 0: the log has to be compared first. See [Note: A relay that was put back]. */
  readonly compareSince: number;
  /** Below this position entries are read a second time. */
  readonly rereadUntil: number;
  /** How many places what comes stands behind its position, because the relay began to count anew. */
  readonly placeShift: number;
}

const COLUMNS = `id, group_id, kind, relay_url, log_id, log_made, state, settings, next_seq, epoch, read_token, append_token,
  entry_key, roster, state_hash, read_ord, draft, activity_at, compare_since, reread_until, place_shift`;

type Row = SqlRow & {
  readonly id: number;
  readonly group_id: Uint8Array;
  readonly kind: string;
  readonly relay_url: string;
  readonly log_id: Uint8Array;
  readonly log_made: number;
  readonly state: string;
  readonly settings: Uint8Array;
  readonly next_seq: number;
  readonly epoch: number;
  readonly read_token: Uint8Array;
  readonly append_token: Uint8Array;
  readonly entry_key: Uint8Array;
  readonly roster: number;
  readonly state_hash: Uint8Array;
  readonly read_ord: number;
  readonly draft: string;
  readonly activity_at: number;
  readonly compare_since: number;
  readonly reread_until: number;
  readonly place_shift: number;
};

/** The row was written by {@link insertConversation}, so its values have the brands they were written with. */
function toRecord(row: Row): ConversationRecord {
  return {
    id: row.id,
    groupId: row.group_id as GroupId,
    kind: row.kind as ConversationKind,
    relayUrl: row.relay_url,
    logId: row.log_id as LogId,
    logMade: row.log_made === 1,
    state: row.state as ConversationState,
    settings: conversationSettings.decode(row.settings),
    nextSeq: row.next_seq,
    epoch: row.epoch,
    keys: { readToken: row.read_token as Token, appendToken: row.append_token as Token, entryKey: row.entry_key },
    roster: row.roster,
    stateHash: row.state_hash,
    readOrd: row.read_ord,
    draft: row.draft,
    activityAt: row.activity_at,
    compareSince: row.compare_since,
    rereadUntil: row.reread_until,
    placeShift: row.place_shift,
  };
}

export function allConversations(tx: Transaction): readonly ConversationRecord[] {
  return tx.all<Row>(`SELECT ${COLUMNS} FROM conversations ORDER BY activity_at DESC, id`).map(toRecord);
}

export function conversationByRow(tx: Transaction, id: ConversationRow): ConversationRecord | undefined {
  const row = tx.get<Row>(`SELECT ${COLUMNS} FROM conversations WHERE id = ?`, id);
  return row === undefined ? undefined : toRecord(row);
}

export function conversationByGroup(tx: Transaction, groupId: Uint8Array): ConversationRecord | undefined {
  const row = tx.get<Row>(`SELECT ${COLUMNS} FROM conversations WHERE group_id = ?`, groupId);
  return row === undefined ? undefined : toRecord(row);
}

/** A conversation before its first epoch was entered. */
export type NewConversation = Pick<
  ConversationRecord,
  "groupId" | "kind" | "relayUrl" | "logId" | "logMade" | "settings" | "nextSeq" | "activityAt"
>;

/** Makes the row; `enterEpoch` must follow in the same transaction. */
export function insertConversation(tx: Transaction, conversation: NewConversation): ConversationRow {
  const none = new Uint8Array(0);
  tx.run(
    `INSERT INTO conversations (group_id, kind, relay_url, log_id, log_made, state, settings, next_seq, epoch, read_token,
       append_token, entry_key, roster, state_hash, activity_at, renewed_at) VALUES (?, ?, ?, ?, ?, 'active', ?, ?, 0, ?, ?, ?, 0, ?, ?, ?)`,
    conversation.groupId,
    conversation.kind,
    conversation.relayUrl,
    conversation.logId,
    conversation.logMade ? 1 : 0,
    conversationSettings.encode(conversation.settings),
    conversation.nextSeq,
    none,
    none,
    none,
    none,
    conversation.activityAt,
    conversation.activityAt,
  );
  return conversationByGroup(tx, conversation.groupId)?.id ?? 0;
}

export function setConversationState(tx: Transaction, id: ConversationRow, state: ConversationState): void {
  tx.run("UPDATE conversations SET state = ? WHERE id = ?", state, id);
}

export function touchConversation(tx: Transaction, id: ConversationRow, now: number): void {
  tx.run("UPDATE conversations SET activity_at = max(activity_at, ?) WHERE id = ?", now, id);
}
