import { signKeyPairFromSeed } from "@stonechat/crypto";
import {
  toHex,
  type GroupId,
  type IdentityKey,
  type KitContact,
  type KitFile,
  type SignedDeviceList,
} from "@stonechat/protocol";
import { ClientError, type RestoreInput, type RestoreView } from "../client-api.ts";
import { foundAccount, toName, toRelayUrl, withRelay } from "../commands/account.ts";
import { insertContact } from "../contacts/contact-rows.ts";
import { keepPools } from "../contacts/contact-pools.ts";
import { write, type Writing } from "../context.ts";
import { createConversation } from "../conversations/create.ts";
import type { Core } from "../core.ts";
import { createAccountKeys, type Account } from "../identity/account.ts";
import { checkChain, DeviceListError, toListHead } from "../identity/device-lists.ts";
import { heldChain, heldList, identityRow, setProfileName, storeLists } from "../identity/identity-store.ts";
import { enqueue } from "../sync/outbox.ts";
import { addIntent } from "../sync/staged-commit.ts";
import { adoptKit } from "./kit.ts";
import { fetchKit, type FoundKit } from "./kit-blob.ts";
import { parseKit, type ParsedKit } from "./kit-code.ts";
import { deriveReturnLog, deriveReturnSecret, identitySeed, type KitSlot } from "./kit-secrets.ts";
import { introduce, keepReturnAddress } from "./return-address.ts";
import { expectGroup, pendingKit } from "./returning.ts";
import { dueRevocations, revokeGuards } from "./revocations.ts";
import { sealReturn } from "./sealed-return.ts";

const LISTS_TTL_SECONDS = 30 * 86_400;

/**
 * Makes this profile a new device of the kit's account, the only one that its new device list names. Contacts are written
 * to anew, each in a group of two; groups are asked for again; nothing that was said comes back.
 */
export async function restoreFromKit(core: Core, input: RestoreInput): Promise<RestoreView> {
  if (core.knownAccount !== undefined) throw new ClientError("account-exists");
  const kit = parseKit(input.kit);
  const url = input.relayUrl ?? kit.relayUrl;
  if (url === undefined) throw new ClientError("relay-unknown");
  const relayUrl = toRelayUrl(core, url);
  const found: FoundKit = await withRelay(core, relayUrl, () => fetchKit(core, relayUrl, kit.seed));
  if (found.type === "refused" && input.withoutFile !== true) throw new ClientError("kit-damaged");
  const file = found.type === "found" && input.withoutFile !== true ? found.file : undefined;
  const account = newDevice(core, kit, relayUrl, file, input);
  const earlier = longestChain(core, account.identityKey, kit.deviceLists, file?.deviceLists ?? []);
  const view = await withRelay(core, relayUrl, () =>
    foundAccount(core, account, earlier, (tx) => {
      if (file === undefined) return;
      pendingKit.save(tx, file);
      dueRevocations.save(tx, file.revocations);
      adoptKit(tx, file.madeAt, found.type === "found" ? found.slot : (0 satisfies KitSlot));
    }),
  );
  const counts = await bringBack(core);
  const guardRecords = file?.revocations.length ?? 0;
  const left = await revokeGuards(core);
  core.wakeContacts();
  return {
    account: view,
    file: file === undefined ? "missing" : "found",
    ...counts,
    guardRecords,
    guardRecordsRevoked: guardRecords - left,
  };
}

function newDevice(
  core: Core,
  { seed }: ParsedKit,
  relayUrl: string,
  file: KitFile | undefined,
  input: RestoreInput,
): Account {
  const identity = signKeyPairFromSeed(seed);
  const code = (input.admissionCode ?? "").trim();
  const admission = code === "" ? (file?.admission ?? new Uint8Array(0)) : new TextEncoder().encode(code);
  if (admission.length > 64) throw new ClientError("not-admitted");
  return {
    ...createAccountKeys(core.random),
    identityKey: identity.publicKey as IdentityKey,
    identityPrivateKey: identity.privateKey,
    name: toName(file?.name ?? input.name ?? ""),
    deviceName: toName(input.deviceName),
    relayUrl,
    admission,
    ownGroupId: core.random.bytes(32) as GroupId,
    createdAt: core.clock.now(),
    poolId: core.random.bytes(32),
    poolOwnerToken: core.random.bytes(32),
    poolSecret: core.random.bytes(32),
  };
}

/**
 * The chain that the new list continues. Paper and relay may know different ends of one chain, never two chains.
 *
 * @throws ClientError `kit-damaged`
 */
function longestChain(
  core: Core,
  identity: IdentityKey,
  a: readonly SignedDeviceList[],
  b: readonly SignedDeviceList[],
): readonly SignedDeviceList[] {
  try {
    for (const chain of [a, b]) checkChain(identity, undefined, chain, () => undefined, core.clock.now());
  } catch (error) {
    if (error instanceof DeviceListError) throw new ClientError("kit-damaged", { cause: error });
    throw error;
  }
  const [longer, shorter] = a.length > b.length ? [a, b] : [b, a];
  const heads = longer.map((signed) => toHex(toListHead(signed)));
  if (shorter.some((signed, i) => toHex(toListHead(signed)) !== heads[i])) throw new ClientError("kit-damaged");
  return longer;
}

/** Makes the conversations of a kit that was restored from, if that was not done yet: also after a crash in between. */
export async function bringBack(core: Core): Promise<{ readonly contacts: number; readonly groups: number }> {
  return write(core, async (tx, afterwards) => {
    const file = pendingKit.load(tx);
    if (file === undefined) return { contacts: 0, groups: 0 };
    const writing = { core, tx, afterwards };
    tellLostDevices(writing);
    const asked = new Map<string, number>();
    for (const contact of file.contacts) {
      const conversation = await bringContact(writing, contact);
      if (conversation !== undefined) asked.set(toHex(contact.identityKey), conversation);
    }
    let groups = 0;
    for (const group of file.groups) {
      const admins = group.admins.map((key) => asked.get(toHex(key))).filter((row) => row !== undefined);
      if (admins.length === 0) continue;
      groups += 1;
      expectGroup(tx, group);
      for (const row of admins)
        enqueue(tx, core.random, row, { sentAt: core.clock.now(), body: { type: "rejoin", groupId: group.groupId } });
    }
    pendingKit.clear(tx);
    for (const type of ["contacts-changed", "conversations-changed"] as const) afterwards.emit({ type });
    return { contacts: asked.size, groups };
  });
}

/** @returns The conversation, if the contact was asked to come into it. */
async function bringContact(writing: Writing, contact: KitContact): Promise<number | undefined> {
  const { core, tx, afterwards } = writing;
  const { identityKey, returnAddress } = contact;
  const now = core.clock.now();
  try {
    storeLists(tx, identityKey, contact.deviceLists, now);
  } catch (error) {
    // The kit's maker held them once; a file that says otherwise was not made by this program.
    if (error instanceof DeviceListError) return undefined;
    throw error;
  }
  const identity = identityRow(tx, identityKey);
  setProfileName(tx, identity, contact.name);
  const { id } = await createConversation(core, tx, afterwards, {
    settings: { kind: "direct", name: "", admins: [], whoMayAdd: "admins", timerSeconds: contact.timerSeconds },
  });
  insertContact(tx, identity, id, now);
  tx.run(
    "UPDATE contacts SET label = ?, verified = ?, blocked = ? WHERE identity = ?",
    contact.label,
    contact.verified ? 1 : 0,
    contact.blocked ? 1 : 0,
    identity,
  );
  keepPools(tx, identity, contact.pools);
  if (returnAddress !== undefined) keepReturnAddress(tx, identity, returnAddress);
  if (contact.blocked || returnAddress === undefined || !core.transport.canReach(returnAddress.relayUrl))
    return undefined;
  addIntent(tx, id, {
    type: "add",
    accounts: [{ identityKey, keyPackages: [], via: { type: "return", ...returnAddress } }],
  });
  introduce(core, tx, id, identityKey);
  return id;
}

/** Those that the new list does not name find it in the account's own return log, and know then that they are out. */
function tellLostDevices({ core, tx }: Writing): void {
  const account = core.account();
  const own = identityRow(tx, account.identityKey);
  if (heldList(tx, own)?.list.seq === 0) return;
  const seed = identitySeed(account);
  const { logId, appendToken } = deriveReturnLog(seed);
  const entry = { type: "lists", deviceLists: heldChain(tx, own) } as const;
  tx.run(
    "INSERT INTO deliveries (relay_url, log_id, append_token, entry_id, ttl_seconds, body) VALUES (?, ?, ?, ?, ?, ?)",
    account.relayUrl,
    logId,
    appendToken,
    core.random.bytes(16),
    LISTS_TTL_SECONDS,
    sealReturn(entry, deriveReturnSecret(seed, account.identityKey), logId, core.random),
  );
}
