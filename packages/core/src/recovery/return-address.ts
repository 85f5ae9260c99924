import type { ContentBody, IdentityKey, ReturnAddress } from "@stonechat/protocol";
import { isRelayUrl } from "../contacts/contact-pools.ts";
import { describeOwnPool } from "../contacts/own-pool.ts";
import type { CoreContext } from "../context.ts";
import type { Account } from "../identity/account.ts";
import { enqueue } from "../sync/outbox.ts";
import type { Transaction } from "../vault/database.ts";
import { deriveReturnLog, deriveReturnSecret, identitySeed } from "./kit-secrets.ts";

/** What a contact is told of our return log: enough to reach us from a device that has nothing but a recovery kit. */
export function describeReturnAddress(
  account: Account,
  contact: IdentityKey,
): Extract<ContentBody, { readonly type: "return-address" }> {
  const seed = identitySeed(account);
  const { logId, appendToken } = deriveReturnLog(seed);
  const secret = deriveReturnSecret(seed, contact);
  return { type: "return-address", relayUrl: account.relayUrl, logId, appendToken, secret };
}

/** Keeps a contact's return address, for our own recovery kit. */
export function keepReturnAddress(tx: Transaction, identity: number, address: ReturnAddress): void {
  if (!isRelayUrl(address.relayUrl)) return;
  tx.run(
    `INSERT INTO contact_returns (identity, relay_url, log_id, append_token, secret) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (identity) DO UPDATE SET relay_url = excluded.relay_url, log_id = excluded.log_id,
       append_token = excluded.append_token, secret = excluded.secret`,
    identity,
    address.relayUrl,
    address.logId,
    address.appendToken,
    address.secret,
  );
}

/** What a contact must know of this account's device: its name, its pool, and how to come back to it. */
export function introduce(core: CoreContext, tx: Transaction, conversation: number, contact: IdentityKey): void {
  const account = core.account();
  const sentAt = core.clock.now();
  enqueue(tx, core.random, conversation, { sentAt, body: { type: "profile", name: account.name } });
  enqueue(tx, core.random, conversation, { sentAt, body: describeOwnPool(account) });
  enqueue(tx, core.random, conversation, { sentAt, body: describeReturnAddress(account, contact) });
}
