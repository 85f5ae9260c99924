import { choice, list, struct, structure, text, uint32, union, versioned, type MessageId } from "@stonechat/protocol";
import type { Random } from "@stonechat/crypto";
import type { AlarmType, Notice } from "../client-api.ts";
import type { Transaction } from "../vault/database.ts";
import { freeOrd } from "./message-rows.ts";

const names = list(text(128), 500, 70_000);

/** Notices as they lie in the database: with the names of that moment, since people leave. */
const noticeRecord = structure(
  "Notice",
  80_000,
  versioned(
    1,
    union({
      created: [1, struct({ byName: text(128) })],
      "member-added": [2, struct({ byName: text(128), names })],
      "member-removed": [3, struct({ byName: text(128), names })],
      "member-left": [4, struct({ names })],
      renamed: [5, struct({ byName: text(128), name: text(128) })],
      "role-changed": [6, struct({ byName: text(128), names, role: choice({ admin: 1, member: 2 }) })],
      "devices-changed": [7, struct({ names })],
      connected: [8, struct({ names })],
      missing: [9, struct({ count: uint32, reason: choice({ gap: 1, expired: 2, unreadable: 3 }) })],
      "not-sent": [13, struct({ files: uint32 })],
      continued: [12, struct({ byName: text(128), names })],
      "timer-changed": [11, struct({ byName: text(128), seconds: uint32 })],
      alarm: [
        10,
        struct({
          alarm: choice<AlarmType>({
            "ghost-device": 1,
            fork: 2,
            "list-mismatch": 3,
            "bad-commit": 4,
            "relay-rollback": 5,
            "changed-identity": 6,
            "relay-put-back": 7,
          }),
        }),
      ],
    }),
  ),
);
export function decodeNotice(bytes: Uint8Array): Notice {
  return noticeRecord.decode(bytes);
}

/** Whether this device knows that entries of this conversation never came to it. */
export function hasMissed(tx: Transaction, conversation: number): boolean {
  return hasFoundMissing(tx, conversation, Number.MIN_SAFE_INTEGER, () => true);
}

/** Whether entries of this conversation expired before this device asked for them, and it found that out after `since`. */
export function hasComeTooLate(tx: Transaction, conversation: number, since: number): boolean {
  return hasFoundMissing(tx, conversation, since, ({ reason }) => reason === "expired");
}

type Missing = Extract<Notice, { readonly type: "missing" }>;

function hasFoundMissing(
  tx: Transaction,
  conversation: number,
  since: number,
  matches: (notice: Missing) => boolean,
): boolean {
  return tx
    .all<{ data: Uint8Array }>(
      "SELECT data FROM messages WHERE conversation = ? AND type = 'notice' AND received_at > ?",
      conversation,
      since,
    )
    .some(({ data }) => {
      const notice = decodeNotice(data);
      return notice.type === "missing" && matches(notice);
    });
}

/**
 * Adds a line that nobody wrote.
 *
 * @param ord - See the schema's note on `ord`. If that place is taken, the nearest free one before it.
 */
export function insertNotice(
  tx: Transaction,
  random: Random,
  conversation: number,
  ord: number,
  now: number,
  notice: Notice,
): MessageId {
  const messageId = random.bytes(16) as MessageId;
  tx.run(
    `INSERT INTO messages (conversation, ord, message_id, sent_at, received_at, type, text, state, data)
     VALUES (?, ?, ?, ?, ?, 'notice', '', 'received', ?)`,
    conversation,
    freeOrd(tx, conversation, ord),
    messageId,
    now,
    now,
    noticeRecord.encode(notice),
  );
  return messageId;
}
