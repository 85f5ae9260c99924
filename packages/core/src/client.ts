import { initCrypto, mlsPrimitives } from "@stonechat/crypto";
import * as account from "./commands/account.ts";
import * as attachments from "./commands/attachments.ts";
import * as contacts from "./commands/contacts.ts";
import * as conversations from "./commands/conversations.ts";
import * as messages from "./commands/messages.ts";
import * as vault from "./commands/vault.ts";
import type { Client } from "./client-api.ts";
import { ClientError, type ClientEvent, type TravelView } from "./client-api.ts";
import { acceptRequest, declineRequest } from "./contacts/requests.ts";
import { requestViews } from "./contacts/request-rows.ts";
import { Core } from "./core.ts";
import type { CorePorts } from "./core-ports.ts";
import { tellUnsent } from "./content/unsent.ts";
import { ExpiringDatabase } from "./expiry/expiring-database.ts";
import { loadAccount } from "./identity/account.ts";
import { createMls, type Mls } from "./mls/index.ts";
import { kitMadeAt, makeKit, revokeKit } from "./recovery/kit.ts";
import { isRemoved } from "./recovery/removed.ts";
import { restoreFromKit } from "./recovery/restore.ts";
import { acknowledgePutBack, listPutBacks } from "./sync/runs.ts";
import { isOnJourney, noteJourney } from "./travel/claim.ts";
import { planJourney, uploadVault } from "./travel/prepare-travel.ts";
import { StorageError } from "./ports/storage-error.ts";
import { DATABASE_FILE } from "./vault/container/index.ts";
import { openDatabase } from "./vault/database.ts";
import { MIGRATIONS } from "./vault/schema.ts";
import type { Sqlite } from "./vault/sqlite-module.ts";

/** What a host gives to {@link createClient}. */
export interface ClientPorts extends CorePorts {
  readonly sqlite: Sqlite;
  /** For the simulator only: another implementation of the MLS boundary. */
  readonly mls?: Mls;
}

/**
 * Opens the profile and makes the client. Nothing leaves this device before {@link Client.start}.
 *
 * @throws StorageError `busy` if another process or tab has the profile open, `newer-version`, `corrupt`, `full`, `io`.
 */
export async function createClient(ports: ClientPorts): Promise<Client> {
  await initCrypto();
  return toClient(ports, await openCore(ports));
}

async function openCore(ports: ClientPorts): Promise<Core> {
  const { sqlite, files, clock, report } = ports;
  const opened = await openDatabase({ sqlite, files, name: DATABASE_FILE, migrations: MIGRATIONS });
  try {
    const db = await ExpiringDatabase.open(opened, clock, report);
    const mls = ports.mls ?? createMls({ primitives: mlsPrimitives(ports.random), now: () => ports.clock.now() });
    await tellUnsentIfPossible(db, ports);
    return new Core(ports, db, mls, await db.transaction((tx) => loadAccount(tx)));
  } catch (error) {
    // Or the profile would be busy until the program ends.
    await opened.close();
    throw error;
  }
}

/** A full disk does not keep its owner out: then it is told at another opening. */
async function tellUnsentIfPossible(db: ExpiringDatabase, { random, clock }: ClientPorts): Promise<void> {
  try {
    await db.transaction((tx) => {
      tellUnsent(tx, random, clock.now());
    });
  } catch (error) {
    if (!(error instanceof StorageError && error.code === "full")) throw error;
  }
}

/** Storage failures become what a person can act on. */
async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StorageError)
      throw new ClientError(error.code === "full" ? "storage-full" : "storage-failed", { cause: error });
    throw error;
  }
}

/** What one core can do. Hearing its events and travelling outlive it. */
type Commands = Omit<Client, "onEvent" | "prepareTravel">;

/** The client over a core; after a journey that was given up, over the next one. */
function toClient(ports: ClientPorts, opened: Core): Client {
  let core = opened;
  let commands = toCommands(core);
  const listeners = new Set<(event: ClientEvent) => void>();
  const tell = (event: ClientEvent): void => {
    for (const listener of [...listeners]) listener(event);
  };
  core.listen(tell);
  const onEvent: Client["onEvent"] = (listener) => {
    // The same function listens as often as it was given.
    const own = (event: ClientEvent): void => {
      listener(event);
    };
    listeners.add(own);
    return () => {
      listeners.delete(own);
    };
  };
  const prepareTravel = (): Promise<TravelView> => {
    const wasStarted = core.started;
    return travel(core, tell, async () => {
      core = await openCore(ports);
      commands = toCommands(core);
      core.listen(tell);
      if (wasStarted) await core.start();
    });
  };
  const names = [...Object.keys(commands), "prepareTravel"];
  const translate = translation(() => ({ ...commands, prepareTravel }));
  // The same names and parameters; only failures differ.
  return { onEvent, ...Object.fromEntries(names.map((name) => [name, translate(name)])) } as unknown as Client;
}

function toCommands(core: Core): Commands {
  return {
    start: () => core.start(),
    close: () => core.stop(),
    connection: () => Promise.resolve(core.connection()),
    checkConnection() {
      core.relays.hurry();
      return Promise.resolve();
    },
    async settle(timeoutMs) {
      return core.progress.until(async () => {
        if (!(await core.settled())) return false;
        // What is owed goes now: a short-lived program may not be there for the usual delay.
        await core.receipts.flush();
        return core.settled();
      }, timeoutMs);
    },

    async account() {
      const { knownAccount } = core;
      if (knownAccount === undefined) return undefined;
      return account.toAccountView(knownAccount, await core.db.transaction((tx) => isRemoved(tx)));
    },
    createAccount: (input) => account.createAccount(core, input),
    setName: (name) => account.setName(core, name),
    devices: () => account.listDevices(core),
    putBacks: () => listPutBacks(core),
    acknowledgePutBack: (relayUrl) => acknowledgePutBack(core, relayUrl),
    settings: () => account.loadSettings(core),
    setSettings: (settings) => account.saveSettings(core, settings),

    createInvite: (input) => contacts.makeInvite(core, input),
    invites: () => contacts.listInvites(core),
    revokeInvite: (id) => contacts.revokeInvite(core, id),
    previewLink: (link) => contacts.previewLink(core, link),
    acceptInvite: (link) => contacts.acceptInvite(core, link),
    requests: () => core.db.transaction((tx) => requestViews(tx)),
    acceptRequest: async (id) => ({ conversationId: await acceptRequest(core, id) }),
    declineRequest: (id) => declineRequest(core, id),

    contacts: () => contacts.listContacts(core),
    contact: (id) => contacts.getContact(core, id),
    renameContact: (id, name) => contacts.renameContact(core, id, name),
    setVerified: (id, verified) => contacts.setVerified(core, id, verified),
    verifyByQr: (id, scanned) => contacts.verifyByQr(core, id, scanned),
    setBlocked: (id, blocked) => contacts.setBlocked(core, id, blocked),
    acknowledgeDevices: (id) => contacts.acknowledgeDevices(core, id),

    conversations: () => conversations.listConversations(core),
    conversation: (id) => conversations.getConversation(core, id),
    members: (id) => conversations.listMembers(core, id),
    createGroup: (input) => conversations.createGroup(core, input),
    addMembers: (id, contactIds) => conversations.addMembers(core, id, contactIds),
    removeMember: (id, memberId) => conversations.removeMember(core, id, memberId),
    setRole: (id, memberId, role) => conversations.setRole(core, id, memberId, role),
    renameGroup: (id, name) => conversations.renameGroup(core, id, name),
    leaveGroup: (id) => conversations.leaveGroup(core, id),
    continueGroup: (id, without) => conversations.continueGroup(core, id, without),
    clearConversation: (id) => conversations.clearConversation(core, id),
    setDraft: (id, text) => conversations.setDraft(core, id, text),
    setTimer: (id, seconds) => conversations.setTimer(core, id, seconds),

    messages: (id, page) => messages.listMessages(core, id, page),
    message: (id, messageId) => messages.getMessage(core, id, messageId),
    send: (id, input) => messages.sendMessage(core, id, input),
    react: (id, messageId, emoji, remove) => messages.react(core, id, messageId, emoji, remove),
    edit: (id, messageId, text) => messages.editMessage(core, id, messageId, text),
    deleteForEveryone: (id, messageId) => messages.deleteForEveryone(core, id, messageId),
    deleteForMe: (id, messageId) => messages.deleteForMe(core, id, messageId),
    markRead: (id, messageId) => messages.markRead(core, id, messageId),
    readers: (id, messageId) => messages.getReaders(core, id, messageId),
    search: (query, limit) => messages.searchMessages(core, query, limit),

    ...attachmentCommands(core),
    burn: () => core.forgetting.burn(),

    vault: () => Promise.resolve(core.vault?.view()),
    changeSecret: (input) => vault.openVault(core).changeSecret(input),
    recognisesSecret: (secret) => vault.openVault(core).recognises(secret),
    setDuressPin: (pin) => vault.setDuressPin(core, pin),
    addHiddenVault: (pin) => vault.openVault(core).addHidden(pin),
    lockSettings: () => vault.loadLockSettings(core),
    setLockSettings: (settings) => vault.saveLockSettings(core, settings),

    ...recoveryCommands(core),
  };
}

type RecoveryCommands = Pick<Client, "recoveryKit" | "recoveryKitMadeAt" | "revokeRecoveryKit" | "restoreFromKit">;

function recoveryCommands(core: Core): RecoveryCommands {
  return {
    recoveryKit: () => account.withRelay(core, core.account().relayUrl, () => makeKit(core)),
    recoveryKitMadeAt: () => kitMadeAt(core),
    revokeRecoveryKit: () => account.withRelay(core, core.account().relayUrl, () => revokeKit(core)),
    restoreFromKit: (input) => restoreFromKit(core, input),
  };
}

type AttachmentCommands = Pick<Client, "download" | "cancelTransfer" | "openAttachment" | "openViewOnce">;

function attachmentCommands(core: Core): AttachmentCommands {
  return {
    download: async (id, messageId, attachmentId) =>
      core.transfers.download(await attachments.attachmentOf(core, id, messageId, attachmentId)),
    async cancelTransfer(id, messageId, attachmentId) {
      await attachments.attachmentOf(core, id, messageId, attachmentId);
      core.transfers.cancel(attachmentId);
    },
    openAttachment: (id, messageId, attachmentId, target) =>
      attachments.openAttachment(core, id, messageId, attachmentId, target),
    openViewOnce: (id, messageId, attachmentId, target) =>
      attachments.openViewOnce(core, id, messageId, attachmentId, target),
  };
}

/**
 * Closes the core, then uploads the vault: nothing is written while it is copied, and nothing is sent with keys that the
 * copy also has. If that fails the core is opened again, and claims the profile back.
 */
async function travel(
  core: Core,
  tell: (event: ClientEvent) => void,
  reopen: () => Promise<void>,
): Promise<TravelView> {
  const open = vault.openVault(core);
  const { relayUrl, admission } = core.account();
  await account.reach(core, relayUrl);
  const journey = planJourney(core, relayUrl);
  await open.settled();
  await core.db.transaction((tx) => {
    // An earlier one is undecided: this may be the copy that must not go on.
    if (isOnJourney(tx)) throw new ClientError("relay-unreachable");
    noteJourney(tx, journey);
  });
  await core.stop();
  try {
    return await uploadVault(core, open, journey, admission, (done, total) => {
      tell({ type: "travel", done, total });
    });
  } catch (error) {
    await reopen();
    throw error;
  }
}

/** Wraps every asynchronous command alike. */
function translation(current: () => object) {
  return (name: string) =>
    (...parameters: readonly unknown[]): Promise<unknown> =>
      translated(() => {
        const commands = current() as Readonly<Record<string, (...all: readonly unknown[]) => Promise<unknown>>>;
        const command = commands[name];
        if (command === undefined) throw new RangeError("no such command");
        return command(...parameters);
      });
}
