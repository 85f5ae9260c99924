import {
  toHex,
  type GuardRevocation,
  type IdentityKey,
  type KitContact,
  type KitFile,
  type PoolId,
  type LogId,
  type Token,
  type DeviceKey,
  type RecordId,
  kitFile,
} from "@stonechat/protocol";
import { allConversations, conversationByRow } from "../conversations/conversation-record.ts";
import type { Account } from "../identity/account.ts";
import { heldChain, identityRow } from "../identity/identity-store.ts";
import type { Transaction } from "../vault/database.ts";
import type { OpenVault } from "../vault/open-vault.ts";

type ContactRow = {
  readonly identity: number;
  readonly key: Uint8Array;
  readonly name: string;
  readonly label: string;
  readonly verified: number;
  readonly blocked: number;
  readonly conversation: number;
};

/** Everything that a new device needs to reach the same people; nothing of what was said. */
export function collectKit(tx: Transaction, account: Account, vault: OpenVault | undefined, now: number): KitFile {
  const contacts = tx
    .all<ContactRow>(
      `SELECT c.identity AS identity, i.key AS key, i.name AS name, c.label AS label, c.verified AS verified,
         c.blocked AS blocked, c.conversation AS conversation
       FROM contacts c JOIN identities i ON i.id = c.identity ORDER BY i.key`,
    )
    .map((row) => toKitContact(tx, row));
  const groups = allConversations(tx)
    .filter(({ kind, state }) => kind === "group" && (state === "active" || state === "broken"))
    .map(({ groupId, settings: { name, admins } }) => ({ groupId, name, admins }))
    .sort((a, b) => (toHex(a.groupId) < toHex(b.groupId) ? -1 : 1));
  return {
    madeAt: now,
    name: account.name,
    admission: account.admission,
    deviceLists: heldChain(tx, identityRow(tx, account.identityKey)),
    contacts,
    groups,
    revocations: (vault?.revocations() ?? []).map(toRevocation),
  };
}

/** What two files that say the same have in common, whenever they were made. */
export function sameKit(file: KitFile): Uint8Array {
  return kitFile.encode({ ...file, madeAt: 0 });
}

function toRevocation(record: ReturnType<OpenVault["revocations"]>[number]): GuardRevocation {
  // 16 bytes, as the guard knows them.
  return { url: record.url, recordId: record.recordId as RecordId, secret: record.secret };
}

/** Rows hold values with the brands that they came with. */
function toKitContact(tx: Transaction, row: ContactRow): KitContact {
  const pools = tx
    .all<{ device_key: Uint8Array; relay_url: string; pool_id: Uint8Array; secret: Uint8Array }>(
      "SELECT device_key, relay_url, pool_id, secret FROM contact_pools WHERE identity = ? ORDER BY device_key",
      row.identity,
    )
    .map(({ device_key, relay_url, pool_id, secret }) => ({
      deviceKey: device_key as DeviceKey,
      relayUrl: relay_url,
      poolId: pool_id as PoolId,
      secret,
    }));
  const address = tx.get<{ relay_url: string; log_id: Uint8Array; append_token: Uint8Array; secret: Uint8Array }>(
    "SELECT relay_url, log_id, append_token, secret FROM contact_returns WHERE identity = ?",
    row.identity,
  );
  return {
    identityKey: row.key as IdentityKey,
    name: row.name,
    label: row.label,
    verified: row.verified === 1,
    blocked: row.blocked === 1,
    timerSeconds: conversationByRow(tx, row.conversation)?.settings.timerSeconds ?? 0,
    deviceLists: heldChain(tx, row.identity),
    pools,
    returnAddress:
      address === undefined
        ? undefined
        : {
            relayUrl: address.relay_url,
            logId: address.log_id as LogId,
            appendToken: address.append_token as Token,
            secret: address.secret,
          },
  };
}
