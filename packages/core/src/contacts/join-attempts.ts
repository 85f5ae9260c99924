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
import { enqueue } from "../sync/outbox.ts";
import { EntryQueue } from "../sync/entry-queue.ts";
import type { LogReader, Span } from "../sync/subscriptions.ts";
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
export class AnswerReader implements LogReader {
  readonly logId: LogId;
  readonly #core: CoreContext;
  readonly #row: AttemptRow;
  readonly #queue: EntryQueue;
  #done = false;

  constructor(core: CoreContext, row: AttemptRow) {
    this.#core = core;
    this.#row = row;
    this.logId = row.log_id as LogId;
    this.#queue = new EntryQueue(core, row.relay_url, row.next_seq);
  }

  /** Resolves when nothing more is being taken in. */
  finished(): Promise<void> {
    this.#done = true;
    return this.#queue.run(() => undefined);
  }

  position(): { readonly readToken: Token; readonly from: number } | undefined {
    return this.#done ? undefined : { readToken: this.#row.read_token as Token, from: this.#queue.next };
  }

  onEntries(entries: readonly Entry[], span: Span): void {
    this.#queue.take(this, entries, span, (entry) => this.#receive(entry));
  }

  onRefused(): void {
    this.#done = true;
    this.#queue
      .run(() =>
        write(this.#core, (tx, afterwards) => {
          tx.run("DELETE FROM join_attempts WHERE id = ?", this.#row.id);
          afterwards.emit({ type: "requests-changed" });
        }),
      )
      .catch(this.#core.report);
  }

  async #receive(entry: Entry): Promise<void> {
    if (this.#done) return;
    try {
      await this.#join(entry);
      this.#done = true;
    } catch (error) {
      // Whoever wrote this is not the one whose link we used; the true answer may still come.
      if (!(error instanceof JoinRefused || error instanceof WireError || error instanceof DecryptError)) throw error;
      await write(this.#core, (tx) => {
        tx.run("UPDATE join_attempts SET next_seq = ? WHERE id = ?", entry.seq + 1, this.#row.id);
      });
    }
    if (this.#done) await this.#close();
  }

  async #join(entry: Entry): Promise<void> {
    const core = this.#core;
    const answer = groupWelcome.decode(
      hpkeOpen(this.#row.kem_private_key, labelled("join answer", this.logId), NO_DATA, entry.body),
    );
    const state = await fetchJoinState(core, answer);
    await write(core, async (tx, afterwards) => {
      const other = identityKeyOf(tx, this.#row.identity);
      // The user has taken the request back: who answers it all the same becomes nobody's contact.
      if (tx.run("DELETE FROM join_attempts WHERE id = ?", this.#row.id) === 0) throw new JoinRefused();
      const record = await joinConversation(core, tx, answer, state, { kind: "direct", other });
      insertContact(tx, this.#row.identity, record.id, core.clock.now());
      insertNotice(tx, core.random, record.id, -1, core.clock.now(), {
        type: "connected",
        names: [nameOf(tx, this.#row.identity)],
      });
      enqueue(tx, core.random, record.id, { sentAt: core.clock.now(), body: describeOwnPool(core.account()) });
      const row = contactRow(tx, other);
      if (row !== undefined) afterwards.emit({ type: "contact", contact: toContactView(tx, core.account(), row) });
      for (const type of ["contacts-changed", "conversations-changed", "requests-changed"] as const)
        afterwards.emit({ type });
      afterwards.run(() => {
        core.wakeConversation(record.id);
      });
    });
  }

  async #close(): Promise<void> {
    const { link, subscriptions } = this.#core.relays.at(this.#row.relay_url);
    subscriptions.leave(this.logId);
    try {
      await link.request({ type: "destroy", logId: this.logId, ownerToken: this.#row.owner_token as Token }, "done");
    } catch {
      // Out of reach: the log holds nothing that anybody could use, and expires by itself.
    }
  }
}
