import { parseHex, toHex, WireError, type IdentityKey } from "@stonechat/protocol";
import { ClientError, type ContactView, type InviteView, type LinkPreview } from "../client-api.ts";
import { contactRow, contactViews, toContactView } from "../contacts/contact-rows.ts";
import { createInvite, toInviteView, type InviteRow } from "../contacts/invites.ts";
import { parseLink, sendJoinRequest } from "../contacts/join-attempts.ts";
import { found, write } from "../context.ts";
import type { Core } from "../core.ts";
import { heldList } from "../identity/identity-store.ts";
import { compareSafetyQr } from "../identity/safety-number.ts";
import type { Transaction } from "../vault/database.ts";
import { destroyInbox } from "../sync/inbox-reader.ts";
import { toName, withRelay } from "./account.ts";

/** @throws ClientError `not-found` */
export function parseId(id: string): Uint8Array {
  try {
    return parseHex(id);
  } catch (error) {
    if (error instanceof WireError) throw new ClientError("not-found", { cause: error });
    throw error;
  }
}

export async function makeInvite(
  core: Core,
  input: { readonly reusable: boolean; readonly expiresInMs: number },
): Promise<InviteView> {
  const row = await withRelay(core, core.account().relayUrl, () => createInvite(core, input));
  return toInviteView(row, core.clock.now());
}

export function listInvites(core: Core): Promise<readonly InviteView[]> {
  return core.db.transaction((tx) =>
    tx.all<InviteRow>("SELECT * FROM invites ORDER BY id DESC").map((row) => toInviteView(row, core.clock.now())),
  );
}

export async function revokeInvite(core: Core, id: string): Promise<void> {
  const row = found(
    await core.db.transaction((tx) => tx.get<InviteRow>("SELECT * FROM invites WHERE id = ?", Number(id) || 0)),
  );
  await write(core, (tx, afterwards) => {
    tx.run("UPDATE invites SET state = 'revoked' WHERE id = ? AND state = 'open'", row.id);
    afterwards.emit({ type: "invites-changed" });
  });
  await destroyInbox(core, row);
}

/** What a link would do. */
export async function previewLink(core: Core, link: string): Promise<LinkPreview> {
  let invite;
  try {
    invite = parseLink(link);
  } catch (error) {
    if (error instanceof ClientError) return { type: "not-an-invite" };
    throw error;
  }
  if (!core.transport.canReach(invite.relayUrl)) return { type: "other-relay", relayUrl: invite.relayUrl };
  if (core.knownAccount !== undefined) {
    if (toHex(core.knownAccount.identityKey) === toHex(invite.identityKey)) return { type: "own" };
    const contact = await core.db.transaction((tx) => contactRow(tx, invite.identityKey));
    if (contact?.state === "active")
      return { type: "known", contactId: toHex(invite.identityKey), conversationId: toHex(contact.group_id) };
  }
  if (invite.expiresAt <= core.clock.now()) return { type: "expired" };
  return {
    type: "invite",
    inviterId: toHex(invite.identityKey),
    relayUrl: invite.relayUrl,
    reusable: invite.reusable,
    expiresAt: invite.expiresAt,
  };
}

export async function acceptInvite(
  core: Core,
  link: string,
): Promise<{ readonly requestId: string; readonly accountId: string }> {
  core.account();
  const preview = await previewLink(core, link);
  switch (preview.type) {
    case "own":
    case "not-an-invite":
      throw new ClientError("bad-link");
    case "known":
      throw new ClientError("already-known");
    case "expired":
      throw new ClientError("link-expired");
    case "other-relay":
      throw new ClientError("other-relay");
    case "invite": {
      const invite = parseLink(link);
      const attempt = await withRelay(core, invite.relayUrl, () => sendJoinRequest(core, invite));
      return { requestId: `sent-${String(attempt)}`, accountId: preview.inviterId };
    }
  }
}

export function listContacts(core: Core): Promise<readonly ContactView[]> {
  return core.db.transaction((tx) => contactViews(tx, core.account()));
}

export function getContact(core: Core, id: string): Promise<ContactView> {
  return core.db.transaction((tx) => toContactView(tx, core.account(), found(contactRow(tx, parseId(id)))));
}

/** One change of a contact's row, told to whoever shows contacts. */
async function change(core: Core, id: string, work: (tx: Transaction, identity: number) => void): Promise<void> {
  await write(core, (tx, afterwards) => {
    work(tx, found(contactRow(tx, parseId(id))).identity);
    afterwards.emit({ type: "contacts-changed" });
    afterwards.emit({ type: "conversations-changed" });
    // The recovery kit holds it, too.
    afterwards.run(() => {
      core.wakeContacts();
    });
  });
}

export function renameContact(core: Core, id: string, name: string): Promise<void> {
  const label = name.trim() === "" ? "" : toName(name);
  return change(core, id, (tx, identity) => {
    tx.run("UPDATE contacts SET label = ? WHERE identity = ?", label, identity);
  });
}

export function setVerified(core: Core, id: string, verified: boolean): Promise<void> {
  return change(core, id, (tx, identity) => {
    tx.run("UPDATE contacts SET verified = ? WHERE identity = ?", verified ? 1 : 0, identity);
  });
}

export async function verifyByQr(
  core: Core,
  id: string,
  scanned: string,
): Promise<"verified" | "mismatch" | "not-a-code"> {
  await getContact(core, id);
  // The contact exists, so its id is its identity key.
  const outcome = compareSafetyQr(scanned, core.account().identityKey, parseId(id) as IdentityKey);
  if (outcome === "verified") await setVerified(core, id, true);
  return outcome;
}

export function setBlocked(core: Core, id: string, blocked: boolean): Promise<void> {
  return change(core, id, (tx, identity) => {
    tx.run("UPDATE contacts SET blocked = ? WHERE identity = ?", blocked ? 1 : 0, identity);
  });
}

export function acknowledgeDevices(core: Core, id: string): Promise<void> {
  return change(core, id, (tx, identity) => {
    tx.run("UPDATE contacts SET seen_list = ? WHERE identity = ?", heldList(tx, identity)?.list.seq ?? 0, identity);
  });
}
