import { structure, kitFile, list, identityKey } from "@stonechat/protocol";
import { toHex, type IdentityKey, type KitGroup } from "@stonechat/protocol";
import type { Transaction } from "../vault/database.ts";
import { metaValue } from "./meta.ts";

/** What a kit's file said, between the making of the new device and the making of its conversations. */
export const pendingKit = metaValue("pending-kit", kitFile);

/** Whether contacts of a kit are still to be brought back: until then this device knows less than the kit. */
export function isReturning(tx: Transaction): boolean {
  return pendingKit.load(tx) !== undefined;
}

const admins = structure("Admins", 17_000, list(identityKey, 500, 16_000));

/** Notes a group that this account was in: whichever of its admins adds us again needs no second consent. */
export function expectGroup(tx: Transaction, group: KitGroup): void {
  tx.run(
    "INSERT INTO returning_groups (group_id, admins) VALUES (?, ?) ON CONFLICT DO NOTHING",
    group.groupId,
    admins.encode(group.admins),
  );
}

/** Whether `adder` was an admin of this group when the kit's file was made, and we have not come back yet. */
export function isExpectedFrom(tx: Transaction, groupId: Uint8Array, adder: IdentityKey): boolean {
  const row = tx.get<{ admins: Uint8Array }>("SELECT admins FROM returning_groups WHERE group_id = ?", groupId);
  return row !== undefined && admins.decode(row.admins).some((key) => toHex(key) === toHex(adder));
}

/** We are in the group again, or are never to be. */
export function forgetExpectedGroup(tx: Transaction, groupId: Uint8Array): void {
  tx.run("DELETE FROM returning_groups WHERE group_id = ?", groupId);
}
