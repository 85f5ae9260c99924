import { DecryptError, equalSecrets, hpkeOpen, hpkeSeal, kemKeyPair, labelled, sha256, sign } from "@stonechat/crypto";
import {
  groupWelcome,
  joinRequest,
  joinRequestBody,
  parseInviteLink,
  WireError,
  type Entry,
  type Invite,
  type KemPublicKey,
  type LogId,
  type Signature,
  type Token,
  type TokenHash,
} from "@stonechat/protocol";
import { ClientError } from "../client-api.ts";
import { write, type CoreContext } from "../context.ts";
import { downloadPublic } from "../attachments/secret-blobs.ts";
import { fetchJoinState, joinConversation, JoinRefused } from "../conversations/join.ts";
import { insertNotice } from "../content/notices.ts";
import { heldChain, identityKeyOf, identityRow, nameOf } from "../identity/identity-store.ts";
import { describeReturnAddress } from "../recovery/return-address.ts";
import { enqueue } from "../sync/outbox.ts";
import { InboxReader } from "../sync/inbox-reader.ts";
import type { SqlRow } from "../vault/sql-value.ts";
import { contactRow, insertContact, toContactView } from "./contact-rows.ts";
import { deriveInviteSecrets, proofContent, proveInvite } from "./invite-secrets.ts";
import { createKeyPackage, describeOwnPool } from "./own-pool.ts";

const NO_DATA = new Uint8Array(0);

/** @throws ClientError `bad-link` */
export function parseLink(link: string): Invite {
  try {
    return parseInviteLink(link);
  } catch (error) {
    if (error instanceof WireError) throw new ClientError("bad-link", { cause: error });
    throw error;
  }
}

/** Uses an invite: asks its maker to connect, and waits at a log of our own for the answer. @throws ClientError @throws RelayUnavailable */
export async function sendJoinRequest(core: CoreContext, invite: Invite): Promise<number> {
  const account = core.account();
  const { link } = core.relays.at(invite.relayUrl);
  const secrets = deriveInviteSecrets(invite.secret);
  const inviterKemKey = await downloadPublic(core, invite.relayUrl, secrets.keyBlobId, 1216);
  if (inviterKemKey === undefined || !equalSecrets(sha256(inviterKemKey), invite.kemKeyHash))
    throw new ClientError("link-expired");
  const replyLog = core.random.bytes(32) as LogId;
  const [readToken, ownerToken, replyAppendToken] = [
    core.random.bytes(32),
    core.random.bytes(32),
    core.random.bytes(32) as Token,
  ];
  const kem = kemKeyPair(core.random);
  const made = await link.request(
    {
      type: "create",
      logId: replyLog,
      readHash: sha256(readToken) as TokenHash,
      appendHash: sha256(replyAppendToken) as TokenHash,
      ownerHash: sha256(ownerToken) as TokenHash,
      admission: account.admission,
    },
    "done",
  );
  if (made.type === "error") throw new ClientError(made.code === "not-admitted" ? "not-admitted" : "relay-unreachable");
  return write(core, async (tx, afterwards) => {
    const own = identityRow(tx, account.identityKey);
    const keyPackage = await createKeyPackage(core, tx, account, "join");
    const body = joinRequestBody.encode({
      identityKey: account.identityKey,
      deviceLists: heldChain(tx, own),
      profile: { name: account.name },
      keyPackages: [keyPackage.keyPackage],
      replyLog,
      replyAppendToken,
      replyKemKey: kem.publicKey as KemPublicKey,
    });
    const proof = proveInvite(invite.secret, invite.identityKey, account.identityKey, body);
    const signature = sign(
      "invite request",
      proofContent(invite.identityKey, account.identityKey, body),
      account.identityPrivateKey,
    ) as Signature;
    const sealed = hpkeSeal(
      inviterKemKey,
      labelled("join request", secrets.logId),
      NO_DATA,
      joinRequest.encode({ body, proof, signature }),
      core.random,
    );
    tx.run(
      "INSERT INTO deliveries (relay_url, log_id, append_token, entry_id, ttl_seconds, body) VALUES (?, ?, ?, ?, ?, ?)",
      invite.relayUrl,
      secrets.logId,
      secrets.appendToken,
      core.random.bytes(16),
      Math.max(60, Math.ceil((invite.expiresAt - core.clock.now()) / 1000)),
      sealed,
    );
    tx.run(
      "INSERT INTO join_attempts (identity, relay_url, log_id, read_token, owner_token, kem_private_key, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
      identityRow(tx, invite.identityKey),
      invite.relayUrl,
      replyLog,
      readToken,
      ownerToken,
      kem.privateKey,
      core.clock.now(),
    );
    afterwards.emit({ type: "requests-changed" });
    afterwards.run(() => {
      core.wakeContacts();
    });
    return tx.get<{ id: number }>("SELECT id FROM join_attempts WHERE log_id = ?", replyLog)?.id ?? 0;
  });
}

export type AttemptRow = SqlRow & {
  readonly id: number;
  readonly identity: number;
  readonly relay_url: string;
  readonly log_id: Uint8Array;
  readonly read_token: Uint8Array;
  readonly owner_token: Uint8Array;
  readonly kem_private_key: Uint8Array;
  readonly created_at: number;
  readonly next_seq: number;
};

/** Waits at the reply log of a join request for the Welcome. */
export function readAnswer(core: CoreContext, attempt: AttemptRow): InboxReader {
  return new InboxReader(core, attempt, {
    receive: (entry) => receiveAnswer(core, attempt, entry),
    refused: () =>
      write(core, (tx, afterwards) => {
        tx.run("DELETE FROM join_attempts WHERE id = ?", attempt.id);
        afterwards.emit({ type: "requests-changed" });
      }),
  });
}

async function receiveAnswer(core: CoreContext, attempt: AttemptRow, entry: Entry): Promise<"more" | "done"> {
  try {
    await joinByAnswer(core, attempt, entry);
    return "done";
  } catch (error) {
    // Whoever wrote this is not the one whose link we used; the true answer may still come.
    if (!(error instanceof JoinRefused || error instanceof WireError || error instanceof DecryptError)) throw error;
    await write(core, (tx) => {
      tx.run("UPDATE join_attempts SET next_seq = ? WHERE id = ?", entry.seq + 1, attempt.id);
    });
    return "more";
  }
}

async function joinByAnswer(core: CoreContext, attempt: AttemptRow, entry: Entry): Promise<void> {
  const answer = groupWelcome.decode(
    hpkeOpen(attempt.kem_private_key, labelled("join answer", attempt.log_id), NO_DATA, entry.body),
  );
  const state = await fetchJoinState(core, answer);
  await write(core, async (tx, afterwards) => {
    const other = identityKeyOf(tx, attempt.identity);
    // The user has taken the request back: who answers it all the same becomes nobody's contact.
    if (tx.run("DELETE FROM join_attempts WHERE id = ?", attempt.id) === 0) throw new JoinRefused();
    const record = await joinConversation(core, tx, answer, state, { kind: "direct", other });
    insertContact(tx, attempt.identity, record.id, core.clock.now());
    insertNotice(tx, core.random, record.id, -1, core.clock.now(), {
      type: "connected",
      names: [nameOf(tx, attempt.identity)],
    });
    const sentAt = core.clock.now();
    enqueue(tx, core.random, record.id, { sentAt, body: describeOwnPool(core.account()) });
    enqueue(tx, core.random, record.id, { sentAt, body: describeReturnAddress(core.account(), other) });
    const row = contactRow(tx, other);
    if (row !== undefined) afterwards.emit({ type: "contact", contact: toContactView(tx, core.account(), row) });
    for (const type of ["contacts-changed", "conversations-changed", "requests-changed"] as const)
      afterwards.emit({ type });
    afterwards.run(() => {
      core.wakeConversation(record.id);
    });
  });
}
