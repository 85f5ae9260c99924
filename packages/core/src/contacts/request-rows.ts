import { toHex } from "@stonechat/protocol";
import type { RequestView } from "../client-api.ts";
import { identityId } from "../content/views.ts";
import { nameOf } from "../identity/identity-store.ts";
import type { Transaction } from "../vault/database.ts";
import type { SqlRow } from "../vault/sql-value.ts";
import { lookAlike } from "./contact-rows.ts";

export type RequestRow = SqlRow & {
  readonly id: number;
  readonly type: string;
  readonly identity: number;
  readonly name: string;
  readonly data: Uint8Array;
  readonly group_id: Uint8Array | undefined;
  readonly member_count: number;
  readonly received_at: number;
  readonly invite_created_at: number;
};

export function requestViews(tx: Transaction): readonly RequestView[] {
  const waiting = tx
    // One for a group that this device is still in waits for the news of its removal.
    .all<RequestRow>(
      `SELECT * FROM requests WHERE NOT EXISTS
         (SELECT 1 FROM conversations c WHERE c.group_id = requests.group_id AND c.state = 'active') ORDER BY received_at, id`,
    )
    .map((row) => toRequestView(tx, row));
  const sent = tx
    .all<{ id: number; identity: number; created_at: number }>(
      "SELECT id, identity, created_at FROM join_attempts ORDER BY id",
    )
    .map((row): RequestView => ({
      type: "sent",
      id: `sent-${String(row.id)}`,
      accountId: identityId(tx, row.identity),
      sentAt: row.created_at,
    }));
  return [...waiting, ...sent];
}

export function requestView(
  tx: Transaction,
  type: "contact" | "group",
  identity: number,
  groupId?: Uint8Array,
): RequestView | undefined {
  const row =
    groupId === undefined
      ? tx.get<RequestRow>("SELECT * FROM requests WHERE type = ? AND identity = ?", type, identity)
      : tx.get<RequestRow>(
          "SELECT * FROM requests WHERE type = ? AND identity = ? AND group_id = ?",
          type,
          identity,
          groupId,
        );
  return row === undefined ? undefined : toRequestView(tx, row);
}

function toRequestView(tx: Transaction, row: RequestRow): RequestView {
  const id = String(row.id);
  if (row.type === "group") {
    return {
      type: "group",
      id,
      conversationId: toHex(row.group_id ?? new Uint8Array(0)),
      name: row.name,
      fromId: identityId(tx, row.identity),
      fromName: nameOf(tx, row.identity),
      memberCount: row.member_count,
      receivedAt: row.received_at,
    };
  }
  const like = lookAlike(tx, row.name, row.identity);
  return {
    type: "contact",
    id,
    accountId: identityId(tx, row.identity),
    name: row.name,
    receivedAt: row.received_at,
    inviteCreatedAt: row.invite_created_at,
    ...(like === undefined ? {} : { looksLike: like }),
  };
}
