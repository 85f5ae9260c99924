import type { Client } from "@stonechat/core";

/** Methods that belong to the process that owns the core, or have a form of their own between processes. */
type LocalMethod = "start" | "close" | "onEvent";
/** A name of the {@link Client} that another process of the same profile may call. */
export type SharedMethod = Exclude<keyof Client, LocalMethod>;

/**
 * Everything another process may call, and nothing else. `query` may be asked again after the owner went away;
 * a `change` may have happened already, so that is left to the person.
 */
const METHODS: Readonly<Record<SharedMethod, "query" | "change">> = {
  connection: "query",
  checkConnection: "query",
  settle: "query",
  account: "query",
  createAccount: "change",
  setName: "change",
  devices: "query",
  putBacks: "query",
  acknowledgePutBack: "query",
  settings: "query",
  setSettings: "change",
  createInvite: "change",
  invites: "query",
  revokeInvite: "change",
  previewLink: "query",
  acceptInvite: "change",
  requests: "query",
  acceptRequest: "change",
  declineRequest: "change",
  contacts: "query",
  contact: "query",
  renameContact: "change",
  setVerified: "change",
  verifyByQr: "change",
  setBlocked: "change",
  acknowledgeDevices: "change",
  conversations: "query",
  conversation: "query",
  members: "query",
  createGroup: "change",
  addMembers: "change",
  removeMember: "change",
  setRole: "change",
  renameGroup: "change",
  leaveGroup: "change",
  continueGroup: "change",
  clearConversation: "change",
  setDraft: "change",
  setTimer: "change",
  messages: "query",
  message: "query",
  send: "change",
  react: "change",
  edit: "change",
  deleteForEveryone: "change",
  deleteForMe: "change",
  markRead: "query",
  readers: "query",
  search: "query",
  download: "query",
  cancelTransfer: "change",
  openAttachment: "change",
  openViewOnce: "change",
  burn: "query",
  vault: "query",
  changeSecret: "change",
  recognisesSecret: "change",
  setDuressPin: "change",
  addHiddenVault: "change",
  lockSettings: "query",
  setLockSettings: "change",
  recoveryKit: "change",
  recoveryKitMadeAt: "query",
  revokeRecoveryKit: "change",
  restoreFromKit: "change",
  prepareTravel: "change",
};

/** Whether `name` may be called from another process. */
export function isSharedMethod(name: string): name is SharedMethod {
  return Object.hasOwn(METHODS, name);
}

/** Whether the call does no harm when it is made twice. */
export function isRepeatable(name: SharedMethod): boolean {
  return METHODS[name] === "query";
}

/** All names, for tests and for the proxy. */
export function sharedMethods(): readonly SharedMethod[] {
  return Object.keys(METHODS).filter(isSharedMethod);
}
