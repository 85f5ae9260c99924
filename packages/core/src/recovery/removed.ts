import { structure, struct, toHex, versioned } from "@stonechat/protocol";
import type { Writing } from "../context.ts";
import { heldList, identityRow } from "../identity/identity-store.ts";
import type { Transaction } from "../vault/database.ts";
import { metaValue } from "./meta.ts";

const mark = metaValue("device-removed", structure("DeviceRemoved", 8, versioned(1, struct({}))));

/** Whether this device is none of the account's any more. */
export function isRemoved(tx: Transaction): boolean {
  return mark.load(tx) !== undefined;
}

/**
 * This device is none of the account's any more, or its profile was copied and the copy is in use. What was read stays;
 * nothing can be sent, since what it would be encrypted with belongs to others now.
 */
export function markRemoved({ core, tx, afterwards }: Writing): void {
  if (isRemoved(tx)) return;
  mark.save(tx, {});
  const rows = tx.all<{ id: number }>("SELECT id FROM conversations WHERE state = 'active'");
  for (const { id } of rows) {
    for (const table of [
      "outbox",
      "intents",
      "staged_commits",
      "receipts_due",
      "welcomes_due",
      "ratchets",
      "groups",
      "tail",
    ])
      tx.run(`DELETE FROM ${table} WHERE conversation = ?`, id);
    tx.run("UPDATE messages SET state = 'failed' WHERE conversation = ? AND state = 'waiting'", id);
    tx.run("UPDATE conversations SET state = 'removed' WHERE id = ?", id);
    afterwards.run(() => {
      core.forgetConversation(id);
    });
  }
  tx.run("DELETE FROM deliveries");
  for (const type of ["account-changed", "conversations-changed", "contacts-changed"] as const)
    afterwards.emit({ type });
}

/** Marks this device as removed if the newest list of its own account does not name it. */
export function markIfUnlisted(writing: Writing): void {
  const { core, tx } = writing;
  const { identityKey, deviceKey } = core.account();
  const list = heldList(tx, identityRow(tx, identityKey))?.list;
  if (list !== undefined && !list.devices.some((key) => toHex(key) === toHex(deviceKey))) markRemoved(writing);
}
