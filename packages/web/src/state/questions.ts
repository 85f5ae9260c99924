import type {
  AccountId,
  ClientEvent,
  ConnectionState,
  ContactView,
  ConversationId,
  ConversationView,
  DeviceView,
  Instant,
  InviteView,
  LockSettings,
  MemberView,
  RequestView,
  PutBackView,
  SettingsView,
  VaultView,
} from "@stonechat/core/client-api";
import type { Question } from "./live.ts";

const on =
  (...types: readonly ClientEvent["type"][]) =>
  (event: ClientEvent) =>
    types.includes(event.type);

export const connectionQuestion: Question<ConnectionState> = {
  key: "connection",
  ask: (client) => client.connection(),
  concerns: on("connection"),
};
export const conversationsQuestion: Question<readonly ConversationView[]> = {
  key: "conversations",
  ask: (client) => client.conversations(),
  concerns: on("conversations-changed", "messages-changed", "contacts-changed"),
};
export const contactsQuestion: Question<readonly ContactView[]> = {
  key: "contacts",
  ask: (client) => client.contacts(),
  concerns: on("contacts-changed"),
};
export const requestsQuestion: Question<readonly RequestView[]> = {
  key: "requests",
  ask: (client) => client.requests(),
  concerns: on("requests-changed"),
};
export const invitesQuestion: Question<readonly InviteView[]> = {
  key: "invites",
  ask: (client) => client.invites(),
  concerns: on("invites-changed", "requests-changed", "contacts-changed"),
};
export const devicesQuestion: Question<readonly DeviceView[]> = {
  key: "devices",
  ask: (client) => client.devices(),
  concerns: on("account-changed"),
};
export const putBacksQuestion: Question<readonly PutBackView[]> = {
  key: "put-backs",
  ask: (client) => client.putBacks(),
  concerns: on("alarm", "settings-changed"),
};
export const settingsQuestion: Question<SettingsView> = {
  key: "settings",
  ask: (client) => client.settings(),
  concerns: on("settings-changed"),
};

export const vaultQuestion: Question<VaultView | "none"> = {
  key: "vault",
  ask: async (client) => (await client.vault()) ?? "none",
  concerns: on("settings-changed"),
};
export const lockSettingsQuestion: Question<LockSettings> = {
  key: "lock-settings",
  ask: (client) => client.lockSettings(),
  concerns: on("settings-changed"),
};
export const kitMadeAtQuestion: Question<Instant | "never"> = {
  key: "kit-made-at",
  ask: async (client) => (await client.recoveryKitMadeAt()) ?? "never",
  concerns: on("settings-changed", "account-changed"),
};

export function conversationQuestion(id: ConversationId): Question<ConversationView> {
  return {
    key: `conversation:${id}`,
    ask: (client) => client.conversation(id),
    concerns: (event) =>
      event.type === "conversations-changed" || event.type === "contacts-changed" || concernsConversation(event, id),
  };
}

export function membersQuestion(id: ConversationId): Question<readonly MemberView[]> {
  return {
    key: `members:${id}`,
    ask: (client) => client.members(id),
    concerns: (event) =>
      event.type === "conversations-changed" || event.type === "contacts-changed" || concernsConversation(event, id),
  };
}

export function contactQuestion(id: AccountId): Question<ContactView> {
  return { key: `contact:${id}`, ask: (client) => client.contact(id), concerns: on("contacts-changed") };
}

function concernsConversation(event: ClientEvent, id: ConversationId): boolean {
  return "conversationId" in event && event.conversationId === id;
}
