import {
  parseRelayUrl,
  toHex,
  WireError,
  type GroupId,
  type LogId,
  type SignedDeviceList,
  type TokenHash,
} from "@stonechat/protocol";
import { sha256 } from "@stonechat/crypto";
import { ClientError, type AccountView, type DeviceView, type SettingsView } from "../client-api.ts";
import { write } from "../context.ts";
import type { Core } from "../core.ts";
import { insertConversation, conversationByRow } from "../conversations/conversation-record.ts";
import { enterEpoch, exportEpochKeys, toEpochMembers } from "../conversations/epoch.ts";
import { createAccountKeys, saveAccount, toDeviceKeys, type Account } from "../identity/account.ts";
import { signNextList } from "../identity/device-lists.ts";
import { heldChain, heldList, identityRow, setProfileName, storeLists } from "../identity/identity-store.ts";
import { RelayUnavailable } from "../sync/relay-link.ts";
import type { Transaction } from "../vault/database.ts";
import { deviceList } from "@stonechat/protocol";
import { enqueue } from "../sync/outbox.ts";

const REACH_TIMEOUT_MS = 15_000;
const DAY_MS = 86_400_000;
const NAME_BYTES = 128;

/** A name as it is kept: without space around it, composed, not empty, at most 128 bytes. @throws ClientError */
export function toName(text: string): string {
  const name = text
    .normalize("NFC")
    .replace(/[\p{Cc}\u2028\u2029]/gu, " ")
    .trim();
  if (name === "" || !name.isWellFormed()) throw new ClientError("empty");
  if (new TextEncoder().encode(name).length > NAME_BYTES) throw new ClientError("too-long");
  return name;
}

/** @param removed - Whether this device is none of the account's any more. */
export function toAccountView(account: Account, removed = false): AccountView {
  return {
    id: toHex(account.identityKey),
    name: account.name,
    relayUrl: account.relayUrl,
    deviceId: toHex(account.deviceKey),
    ownConversationId: toHex(account.ownGroupId),
    ...(removed ? { removed } : {}),
  };
}

/** Waits for the connection. @throws ClientError `relay-unreachable`, `relay-outdated` */
export async function reach(core: Core, relayUrl: string): Promise<void> {
  const { link } = core.relays.at(relayUrl);
  link.hurry();
  let failed = false;
  await core.progress.until(() => {
    failed ||= link.state === "offline" || link.state === "outdated";
    return Promise.resolve(link.state === "online" || failed);
  }, REACH_TIMEOUT_MS);
  if (link.state === "outdated") throw new ClientError("relay-outdated");
  if (link.state !== "online") throw new ClientError("relay-unreachable");
}

/** Runs what needs the relay now. @throws ClientError `relay-unreachable` */
export async function withRelay<T>(core: Core, relayUrl: string, work: () => Promise<T>): Promise<T> {
  await reach(core, relayUrl);
  try {
    return await work();
  } catch (error) {
    if (error instanceof RelayUnavailable) throw new ClientError("relay-unreachable", { cause: error });
    throw error;
  }
}

/** Makes an account: keys, the first device list, the own conversation and its log. Nothing is kept if the relay refuses. */
export async function createAccount(
  core: Core,
  input: {
    readonly name: string;
    readonly relayUrl: string;
    readonly admissionCode?: string;
    readonly deviceName: string;
  },
): Promise<AccountView> {
  if (core.knownAccount !== undefined) throw new ClientError("account-exists");
  const relayUrl = toRelayUrl(core, input.relayUrl);
  const admission = new TextEncoder().encode((input.admissionCode ?? "").trim());
  if (admission.length > 64) throw new ClientError("not-admitted");
  const account = newAccount(core, input, relayUrl, admission);
  return withRelay(core, relayUrl, () => foundAccount(core, account, [], () => undefined));
}

/**
 * Makes the own conversation of an account with this device alone, and signs the device list that says so.
 *
 * @param earlier - The chain that the list continues.
 * @param also - What is stored in the same transaction.
 */
export async function foundAccount(
  core: Core,
  account: Account,
  earlier: readonly SignedDeviceList[],
  also: (tx: Transaction) => void,
): Promise<AccountView> {
  const { relayUrl } = account;
  const logId = core.random.bytes(32) as LogId;
  const step = await core.mls.createGroup({ groupId: account.ownGroupId, device: toDeviceKeys(account) });
  const keys = await exportEpochKeys(step.group);
  const reply = await core.relays.at(relayUrl).link.request(
    {
      type: "create",
      logId,
      readHash: sha256(keys.readToken) as TokenHash,
      appendHash: sha256(keys.appendToken) as TokenHash,
      ownerHash: undefined,
      admission: account.admission,
    },
    "done",
  );
  if (reply.type === "error")
    throw new ClientError(reply.code === "not-admitted" ? "not-admitted" : "relay-unreachable");
  await write(core, async (tx, afterwards) => {
    const now = core.clock.now();
    const identity = { publicKey: account.identityKey, privateKey: account.identityPrivateKey };
    const previous = earlier.length === 0 ? undefined : storeLists(tx, account.identityKey, earlier, now);
    const list = signNextList(identity, [account.deviceKey], previous, now);
    const own = storeLists(tx, account.identityKey, [list.signed], now);
    setProfileName(tx, identityRow(tx, account.identityKey), account.name);
    saveAccount(tx, account);
    also(tx);
    const settings = { kind: "own", name: "", admins: [], whoMayAdd: "admins", timerSeconds: 0 } as const;
    const id = insertConversation(tx, {
      groupId: account.ownGroupId,
      kind: "own",
      relayUrl,
      logId,
      logMade: true,
      settings,
      nextSeq: 0,
      activityAt: now,
    });
    const record = conversationByRow(tx, id);
    if (record === undefined) throw new RangeError("the conversation was not stored");
    await enterEpoch(
      tx,
      record,
      step.group,
      step.changes,
      settings,
      toEpochMembers(step.group, () => own),
    );
    afterwards.emit({ type: "account-changed" });
    afterwards.run(() => {
      core.setAccount(account);
    });
    afterwards.run(() => {
      core.wakeConversation(id);
      core.wakeContacts();
    });
  });
  return toAccountView(account);
}

/** Fresh keys, ids and tokens. @throws ClientError unless both names can be kept. */
function newAccount(
  core: Core,
  { name, deviceName }: { readonly name: string; readonly deviceName: string },
  relayUrl: string,
  admission: Uint8Array,
): Account {
  return {
    ...createAccountKeys(core.random),
    name: toName(name),
    deviceName: toName(deviceName),
    relayUrl,
    admission,
    ownGroupId: core.random.bytes(32) as GroupId,
    createdAt: core.clock.now(),
    poolId: core.random.bytes(32),
    poolOwnerToken: core.random.bytes(32),
    poolSecret: core.random.bytes(32),
  };
}

/** @throws ClientError `bad-value`, `other-relay` */
export function toRelayUrl(core: Core, text: string): string {
  try {
    const url = parseRelayUrl(text);
    if (!core.transport.canReach(url)) throw new ClientError("other-relay");
    return url;
  } catch (error) {
    if (error instanceof WireError) throw new ClientError("bad-value", { cause: error });
    throw error;
  }
}

/** Changes the name that others see; every conversation is told. */
export async function setName(core: Core, text: string): Promise<void> {
  const account: Account = { ...core.account(), name: toName(text) };
  await write(core, (tx, afterwards) => {
    saveAccount(tx, account);
    setProfileName(tx, identityRow(tx, account.identityKey), account.name);
    for (const { id } of tx.all<{ id: number }>(
      "SELECT id FROM conversations WHERE state = 'active' AND kind <> 'own'",
    )) {
      enqueue(tx, core.random, id, { sentAt: core.clock.now(), body: { type: "profile", name: account.name } });
      afterwards.run(() => {
        core.wakeConversation(id);
      });
    }
    afterwards.run(() => {
      core.setAccount(account);
    });
    afterwards.emit({ type: "account-changed" });
    afterwards.emit({ type: "conversations-changed" });
  });
}

export function listDevices(core: Core): Promise<readonly DeviceView[]> {
  const account = core.account();
  return core.db.transaction((tx) => {
    const row = identityRow(tx, account.identityKey);
    const chain = heldChain(tx, row).map(({ list }) => deviceList.decode(list));
    return (heldList(tx, row)?.list.devices ?? []).map((key) => {
      const id = toHex(key);
      const current = id === toHex(account.deviceKey);
      const first = chain.find(({ devices }) => devices.some((device) => toHex(device) === id));
      const addedAt = current ? account.createdAt : (first?.day ?? 0) * DAY_MS;
      return { id, name: current ? account.deviceName : "", addedAt, current };
    });
  });
}

export function loadSettings(core: Core): Promise<SettingsView> {
  return core.db.transaction((tx) => ({
    readReceipts: tx.get<{ value: number }>("SELECT value FROM meta WHERE name = 'read-receipts'")?.value !== 0,
  }));
}

export async function saveSettings(core: Core, settings: SettingsView): Promise<void> {
  await write(core, (tx, afterwards) => {
    tx.run(
      "INSERT INTO meta (name, value) VALUES ('read-receipts', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      settings.readReceipts ? 1 : 0,
    );
    afterwards.emit({ type: "settings-changed" });
  });
}
