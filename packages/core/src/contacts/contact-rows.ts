import { toHex, type IdentityKey } from "@stonechat/protocol";
import type { ContactView } from "../client-api.ts";
import type { Account } from "../identity/account.ts";
import { heldList, identityKeyOf, nameOf } from "../identity/identity-store.ts";
import { toSafetyNumber, toSafetyQr } from "../identity/safety-number.ts";
import type { Transaction } from "../vault/database.ts";
import type { SqlRow } from "../vault/sql-value.ts";

type ContactRow = SqlRow & {
  readonly identity: number;
  readonly label: string;
  readonly conversation: number;
  readonly verified: number;
  readonly blocked: number;
  readonly seen_list: number;
  readonly group_id: Uint8Array;
  readonly state: string;
  readonly name: string;
};

const SELECT = `SELECT c.identity AS identity, c.label AS label, c.conversation AS conversation, c.verified AS verified,
  c.blocked AS blocked, c.seen_list AS seen_list, v.group_id AS group_id, v.state AS state, i.name AS name
  FROM contacts c JOIN conversations v ON v.id = c.conversation JOIN identities i ON i.id = c.identity`;

/** Makes somebody a contact, or a contact's conversation another one; which devices the user has seen stays. A name that another contact has already stays as it is: names are labels, keys tell people apart. */
export function insertContact(tx: Transaction, identity: number, conversation: number, now: number): void {
  const seen = heldList(tx, identity)?.list.seq ?? 0;
  tx.run(
    `INSERT INTO contacts (identity, conversation, seen_list, created_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (identity) DO UPDATE SET conversation = excluded.conversation`,
    identity,
    conversation,
    seen,
    now,
  );
}

export function contactRow(tx: Transaction, key: Uint8Array): ContactRow | undefined {
  return tx.get<ContactRow>(`${SELECT} WHERE i.key = ?`, key);
}

export function contactViews(tx: Transaction, account: Account): readonly ContactView[] {
  return tx
    .all<ContactRow>(SELECT)
    .map((row) => toContactView(tx, account, row))
    .sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
}

/** Safety numbers cost 5,200 hashes and never change. */
const safetyNumbers = new Map<string, string>();

export function toContactView(tx: Transaction, account: Account, row: ContactRow): ContactView {
  const key = identityKeyOf(tx, row.identity);
  const list = heldList(tx, row.identity)?.list;
  return {
    id: toHex(key),
    name: nameOf(tx, row.identity),
    profileName: row.name,
    conversationId: toHex(row.group_id),
    verified: row.verified === 1,
    blocked: row.blocked === 1,
    deviceCount: list?.devices.length ?? 0,
    devicesChanged: (list?.seq ?? 0) > row.seen_list,
    safetyNumber: cachedSafetyNumber(account.identityKey, key),
    safetyQr: toSafetyQr(account.identityKey, key),
  };
}

function cachedSafetyNumber(own: IdentityKey, other: IdentityKey): string {
  const pair = toHex(own) + toHex(other);
  const known = safetyNumbers.get(pair);
  if (known !== undefined) return known;
  const number = toSafetyNumber(own, other);
  safetyNumbers.set(pair, number);
  return number;
}

/** A contact's name that the given one could be taken for, if it is not the same account. */
export function lookAlike(tx: Transaction, name: string, identity: number): string | undefined {
  const folded = fold(name);
  const row = tx
    .all<{ identity: number }>("SELECT identity FROM contacts WHERE identity <> ?", identity)
    .find(({ identity: other }) => fold(nameOf(tx, other)) === folded);
  return row === undefined ? undefined : nameOf(tx, row.identity);
}

/** What two names have in common that look alike: compatibility forms, case, spaces, invisible and combining signs. */
function fold(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\p{M}\p{Cf}\p{Z}\p{P}\p{S}\s]/gu, "")
    .replace(/[0oоο]/gu, "o")
    .replace(/[1lіi|ı]/gu, "i")
    .replace(/[аα]/gu, "a")
    .replace(/[еε]/gu, "e")
    .replace(/[сϲ]/gu, "c")
    .replace(/[рρ]/gu, "p")
    .replace(/[хχ]/gu, "x")
    .replace(/[уγ]/gu, "y");
}
