import {
  deviceList,
  signedDeviceList,
  type IdentityKey,
  type ListHead,
  type SignedDeviceList,
} from "@stonechat/protocol";
import type { Instant } from "../ports/clock.ts";
import type { Transaction } from "../vault/database.ts";
import { checkChain, DeviceListError, type CheckedList } from "./device-lists.ts";

/** Row number of an identity in this database. */
export type IdentityRow = number;

/** The row of an identity, made if it is new here. */
export function identityRow(tx: Transaction, key: IdentityKey): IdentityRow {
  const known = tx.get<{ id: number }>("SELECT id FROM identities WHERE key = ?", key);
  if (known !== undefined) return known.id;
  tx.run("INSERT INTO identities (key) VALUES (?)", key);
  return tx.get<{ id: number }>("SELECT id FROM identities WHERE key = ?", key)?.id ?? 0;
}

export function identityKeyOf(tx: Transaction, row: IdentityRow): IdentityKey {
  const found = tx.get<{ key: Uint8Array }>("SELECT key FROM identities WHERE id = ?", row);
  if (found === undefined) throw new RangeError("no such identity");
  return found.key as IdentityKey;
}

/** What the account says its name is. `weak` names, told by others, never replace one. */
export function setProfileName(tx: Transaction, row: IdentityRow, name: string, weak = false): void {
  if (weak) tx.run("UPDATE identities SET name = ? WHERE id = ? AND name = ''", name, row);
  else tx.run("UPDATE identities SET name = ? WHERE id = ?", name, row);
}

/** My label for an identity, else its own name for itself, else the beginning of its id. */
export function nameOf(tx: Transaction, row: IdentityRow): string {
  const found = tx.get<{ name: string }>(
    "SELECT coalesce(nullif(c.label, ''), nullif(i.name, ''), lower(substr(hex(i.key), 1, 8))) AS name FROM identities i LEFT JOIN contacts c ON c.identity = i.id WHERE i.id = ?",
    row,
  );
  return found?.name ?? "";
}

/** The newest list we hold, or that with number `seq`. */
export function heldList(tx: Transaction, row: IdentityRow, seq?: number): CheckedList | undefined {
  const found =
    seq === undefined
      ? tx.get<{ head: Uint8Array; signed: Uint8Array }>(
          "SELECT head, signed FROM device_lists WHERE identity = ? ORDER BY seq DESC LIMIT 1",
          row,
        )
      : tx.get<{ head: Uint8Array; signed: Uint8Array }>(
          "SELECT head, signed FROM device_lists WHERE identity = ? AND seq = ?",
          row,
          seq,
        );
  if (found === undefined) return undefined;
  const signed = signedDeviceList.decode(found.signed);
  return { head: found.head as ListHead, signed, list: deviceList.decode(signed.list) };
}

/** The whole chain from number `from`, oldest first. */
export function heldChain(tx: Transaction, row: IdentityRow, from = 0): readonly SignedDeviceList[] {
  return tx
    .all<{ signed: Uint8Array }>(
      "SELECT signed FROM device_lists WHERE identity = ? AND seq >= ? ORDER BY seq",
      row,
      from,
    )
    .map(({ signed }) => signedDeviceList.decode(signed));
}

/**
 * Takes in lists of one identity: they must continue what we hold, or begin it.
 *
 * @returns The newest list afterwards.
 * @throws DeviceListError and keeps nothing.
 */
export function storeLists(
  tx: Transaction,
  key: IdentityKey,
  lists: readonly SignedDeviceList[],
  now: Instant,
): CheckedList {
  const row = identityRow(tx, key);
  const headAt = (seq: number): ListHead | undefined => heldList(tx, row, seq)?.head;
  const fresh = checkChain(key, heldList(tx, row), lists, headAt, now);
  for (const { list, head, signed } of fresh) {
    tx.run(
      "INSERT INTO device_lists (identity, seq, head, signed) VALUES (?, ?, ?, ?)",
      row,
      list.seq,
      head,
      signedDeviceList.encode(signed),
    );
  }
  const newest = heldList(tx, row);
  if (newest === undefined) throw new DeviceListError("gap");
  return newest;
}
