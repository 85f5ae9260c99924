import { DecryptError, equalSecrets, hpkeOpen, kemKeyPair, labelled, sha256, verify } from "@stonechat/crypto";
import {
  joinRequest,
  joinRequestBody,
  toHex,
  toInviteLink,
  WireError,
  type Entry,
  type Invite,
  type JoinRequestBody,
  type TokenHash,
} from "@stonechat/protocol";
import { ClientError, type InviteView } from "../client-api.ts";
import { write, type CoreContext } from "../context.ts";
import { uploadPublic } from "../attachments/secret-blobs.ts";
import { DeviceListError } from "../identity/device-lists.ts";
import { identityRow, nameOf, setProfileName, storeLists } from "../identity/identity-store.ts";
import { MlsError } from "../mls/contract.ts";
import { InboxReader } from "../sync/inbox-reader.ts";
import type { Transaction } from "../vault/database.ts";
import type { SqlRow } from "../vault/sql-value.ts";
import { deriveInviteSecrets, proofContent, proveInvite } from "./invite-secrets.ts";
import { requestView } from "./request-rows.ts";

export type InviteRow = SqlRow & {
  readonly id: number;
  readonly link: string;
  readonly relay_url: string;
  readonly log_id: Uint8Array;
  readonly secret: Uint8Array;
  readonly kem_private_key: Uint8Array;
  readonly read_token: Uint8Array;
  readonly owner_token: Uint8Array;
  readonly created_at: number;
  readonly expires_at: number;
  readonly reusable: number;
  readonly state: string;
  readonly next_seq: number;
};

/** So many may wait for the user; whoever floods a reusable link gets no further. */
const MAX_REQUESTS = 200;
const MAX_LIFETIME_MS = 30 * 86_400_000;

/** Makes an invite: its log, the blob with its KEM key, then the row. @throws ClientError @throws RelayUnavailable */
export async function createInvite(
  core: CoreContext,
  input: { readonly reusable: boolean; readonly expiresInMs: number },
): Promise<InviteRow> {
  if (!(input.expiresInMs >= 60_000 && input.expiresInMs <= MAX_LIFETIME_MS)) throw new ClientError("bad-value");
  const account = core.account();
  const { link } = core.relays.at(account.relayUrl);
  const now = core.clock.now();
  const expiresAt = now + Math.floor(input.expiresInMs);
  const secret = core.random.bytes(32);
  const secrets = deriveInviteSecrets(secret);
  const kem = kemKeyPair(core.random);
  const readToken = core.random.bytes(32);
  const ownerToken = core.random.bytes(32);
  const reply = await link.request(
    {
      type: "create",
      logId: secrets.logId,
      readHash: sha256(readToken) as TokenHash,
      appendHash: sha256(secrets.appendToken) as TokenHash,
      ownerHash: sha256(ownerToken) as TokenHash,
      admission: account.admission,
    },
    "done",
  );
  if (reply.type === "error")
    throw new ClientError(reply.code === "not-admitted" ? "not-admitted" : "relay-unreachable");
  await uploadPublic(core, account.relayUrl, secrets.keyBlobId, kem.publicKey, Math.ceil(input.expiresInMs / 1000));
  const invite: Invite = {
    reusable: input.reusable,
    identityKey: account.identityKey,
    secret,
    kemKeyHash: sha256(kem.publicKey),
    expiresAt,
    relayUrl: account.relayUrl,
  };
  return write(core, (tx, afterwards) => {
    tx.run(
      `INSERT INTO invites (link, relay_url, log_id, secret, kem_private_key, read_token, owner_token, created_at, expires_at, reusable, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')`,
      toInviteLink(invite),
      account.relayUrl,
      secrets.logId,
      secret,
      kem.privateKey,
      readToken,
      ownerToken,
      now,
      expiresAt,
      input.reusable ? 1 : 0,
    );
    const row = tx.get<InviteRow>("SELECT * FROM invites WHERE log_id = ?", secrets.logId);
    if (row === undefined) throw new RangeError("the invite was not stored");
    afterwards.emit({ type: "invites-changed" });
    afterwards.run(() => {
      core.wakeContacts();
    });
    return row;
  });
}

export function toInviteView(row: InviteRow, now: number): InviteView {
  const state = row.state === "open" && row.expires_at <= now ? "expired" : row.state;
  return {
    id: String(row.id),
    link: row.link,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    reusable: row.reusable === 1,
    state: state === "used" || state === "expired" || state === "revoked" ? state : "open",
  };
}

export function openInvites(tx: Transaction, now: number): readonly InviteRow[] {
  return tx.all<InviteRow>("SELECT * FROM invites WHERE state = 'open' AND expires_at > ?", now);
}

/** Waits at an invite's log for those who use the link. */
export function readInvite(core: CoreContext, invite: InviteRow): InboxReader {
  return new InboxReader(core, invite, {
    receive: (entry) => receiveRequest(core, invite, entry),
    // Expired or destroyed at the relay; the row's own expiry says so to the user.
    refused: () => Promise.resolve(),
  });
}

async function receiveRequest(core: CoreContext, invite: InviteRow, entry: Entry): Promise<"more" | "done"> {
  const used = await write(core, async (tx, afterwards) => {
    tx.run("UPDATE invites SET next_seq = ? WHERE id = ?", entry.seq + 1, invite.id);
    const body = await openJoinRequest(core, invite, entry);
    const row = tx.get<InviteRow>("SELECT * FROM invites WHERE id = ? AND state = 'open'", invite.id);
    if (body === undefined || row === undefined || row.expires_at <= core.clock.now()) return false;
    const waiting = tx.get<{ count: number }>("SELECT count(*) AS count FROM requests")?.count ?? 0;
    if (waiting >= MAX_REQUESTS) return false;
    const identity = identityRow(tx, body.identityKey);
    if (toHex(body.identityKey) === toHex(core.account().identityKey)) return false;
    if (tx.get("SELECT 1 AS one FROM contacts WHERE identity = ? AND blocked = 1", identity) !== undefined)
      return false;
    try {
      storeLists(tx, body.identityKey, body.deviceLists, core.clock.now());
    } catch (error) {
      if (error instanceof DeviceListError || error instanceof WireError) return false;
      throw error;
    }
    setProfileName(tx, identity, body.profile.name);
    tx.run("DELETE FROM requests WHERE type = 'contact' AND identity = ?", identity);
    tx.run(
      "INSERT INTO requests (type, identity, name, data, received_at, invite_created_at) VALUES ('contact', ?, ?, ?, ?, ?)",
      identity,
      nameOf(tx, identity),
      joinRequestBody.encode(body),
      core.clock.now(),
      row.created_at,
    );
    if (row.reusable === 0) tx.run("UPDATE invites SET state = 'used' WHERE id = ?", row.id);
    const request = requestView(tx, "contact", identity);
    if (request !== undefined) afterwards.emit({ type: "request", request });
    afterwards.emit({ type: "requests-changed" });
    afterwards.emit({ type: "invites-changed" });
    return row.reusable === 0;
  });
  return used ? "done" : "more";
}

/** The request in an entry, or undefined if it is not one that the link's holder made for us. */
async function openJoinRequest(core: CoreContext, row: InviteRow, entry: Entry): Promise<JoinRequestBody | undefined> {
  try {
    const opened = hpkeOpen(row.kem_private_key, labelled("join request", row.log_id), new Uint8Array(0), entry.body);
    const { body, proof, signature } = joinRequest.decode(opened);
    const decoded = joinRequestBody.decode(body);
    const own = core.account().identityKey;
    if (!equalSecrets(proof, proveInvite(row.secret, own, decoded.identityKey, body))) return undefined;
    if (!verify("invite request", proofContent(own, decoded.identityKey, body), signature, decoded.identityKey))
      return undefined;
    // Without one, whoever said yes would write to nobody.
    if (decoded.keyPackages.length === 0) return undefined;
    for (const keyPackage of decoded.keyPackages) {
      const checked = await core.mls.verifyKeyPackage(keyPackage);
      if (toHex(checked.identityKey) !== toHex(decoded.identityKey)) return undefined;
    }
    return decoded;
  } catch (error) {
    if (error instanceof WireError || error instanceof DecryptError || error instanceof MlsError) return undefined;
    throw error;
  }
}
