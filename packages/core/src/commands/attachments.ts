import { toHex } from "@stonechat/protocol";
import { ClientError } from "../client-api.ts";
import { attachmentRows, closeViewOnce, type AttachmentRow, type MessageRow } from "../content/message-rows.ts";
import { viewContext } from "../content/view-context.ts";
import { found, write } from "../context.ts";
import type { Core } from "../core.ts";
import { oweBurn } from "../expiry/erase.ts";
import type { Transaction } from "../vault/database.ts";
import { recordOf } from "./conversations.ts";
import { rowOf } from "./messages.ts";

/** @throws ClientError `not-found` */
export async function attachmentOf(
  core: Core,
  id: string,
  messageId: string,
  attachmentId: string,
): Promise<AttachmentRow> {
  return core.db.transaction((tx) => {
    const record = recordOf(tx, id);
    return attachmentRow(tx, rowOf(tx, record, messageId), attachmentId);
  });
}

/** @throws ClientError `not-found` */
function attachmentRow(tx: Transaction, message: MessageRow, attachmentId: string): AttachmentRow {
  return found(attachmentRows(tx, message.id).find(({ blob_id }) => toHex(blob_id) === attachmentId));
}

/** As often as the user likes. @throws ClientError `not-allowed` for what can be opened once. */
export async function openAttachment(
  core: Core,
  id: string,
  messageId: string,
  attachmentId: string,
  target: unknown,
): Promise<unknown> {
  const row = await core.db.transaction((tx) => {
    const message = rowOf(tx, recordOf(tx, id), messageId);
    if (message.view_once !== undefined) throw new ClientError("not-allowed");
    return attachmentRow(tx, message, attachmentId);
  });
  return core.transfers.open(row, target);
}

/**
 * Takes the key out of the database before the first byte is shown: whatever happens then, nobody opens it a second time.
 *
 * @throws ClientError `not-allowed` unless it can be opened here; those of a download that fails, which may be tried again.
 */
export async function openViewOnce(
  core: Core,
  id: string,
  messageId: string,
  attachmentId: string,
  target: unknown,
): Promise<unknown> {
  await core.transfers.download(await attachmentOf(core, id, messageId, attachmentId));
  const row = await write(core, (tx, afterwards) => {
    const message = rowOf(tx, recordOf(tx, id), messageId);
    const own = message.sender === viewContext(core, tx).ownRow;
    if (message.view_once !== "unopened" || own) throw new ClientError("not-allowed");
    const attachment = attachmentRow(tx, message, attachmentId);
    closeViewOnce(tx, message.id);
    oweBurn(tx);
    afterwards.emit({ type: "messages-changed", conversationId: id, messageIds: [messageId] });
    afterwards.emit({ type: "conversations-changed" });
    return attachment;
  });
  try {
    return await core.transfers.open(row, target);
  } finally {
    await core.dropBlobs([row.blob_id]);
  }
}
