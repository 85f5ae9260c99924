import { writeFile } from "node:fs/promises";
import {
  ClientError,
  type AccountView,
  type AttachmentView,
  type BurnOutcome,
  type Client,
  type ClientErrorCode,
  type ClientEvent,
  type ContactView,
  type ConversationView,
  type InviteView,
  type LinkPreview,
  type MemberView,
  type MessageView,
  type PutBackView,
  type RequestView,
  type VaultView,
} from "@stonechat/core";

/** 2026-11-22T12:00:00Z. */
export const NOON = Date.UTC(2026, 10, 22, 12);

/** An id of so many digits that begins with `start`. */
export function idOf(start: string, digits = 64): string {
  return start.padEnd(digits, "0");
}

export function contactOf(start: string, name: string, more: Partial<ContactView> = {}): ContactView {
  return {
    id: idOf(`a${start}`),
    name,
    profileName: name,
    conversationId: idOf(`c${start}`),
    verified: false,
    blocked: false,
    deviceCount: 1,
    devicesChanged: false,
    safetyNumber: Array.from({ length: 12 }, (_, group) => String(10_000 + group)).join(" "),
    safetyQr: "STONECHAT-SAFETY",
    ...more,
  };
}

export function conversationOf(start: string, name: string, more: Partial<ConversationView> = {}): ConversationView {
  return {
    id: idOf(`c${start}`),
    kind: "direct",
    name,
    memberCount: 2,
    unread: 0,
    lastActivityAt: NOON,
    draft: "",
    timerSeconds: 0,
    verified: false,
    state: "active",
    ownRole: "admin",
    ...more,
  };
}

export function messageOf(start: string, text: string, more: Partial<MessageView> = {}): MessageView {
  return {
    id: idOf(`e${start}`, 32),
    conversationId: idOf("c1"),
    fromId: idOf("a1"),
    fromName: "Bea",
    fromSelf: false,
    sentAt: NOON,
    receivedAt: NOON,
    order: NOON,
    body: { type: "text", text },
    attachments: [],
    reactions: [],
    state: "received",
    canEdit: false,
    canDeleteForEveryone: false,
    ...more,
  };
}

export function attachmentOf(start: string, name: string, more: Partial<AttachmentView> = {}): AttachmentView {
  return {
    id: idOf(`f${start}`, 32),
    name,
    mediaType: "text/plain",
    kind: "file",
    size: 5,
    transfer: { state: "remote" },
    ...more,
  };
}

/** A core in memory. State is set by the test; what the command did is in `calls`. */
export class FakeClient implements Client {
  readonly calls: [method: string, ...args: unknown[]][] = [];
  accountView: AccountView | undefined = {
    id: idOf("a0"),
    name: "Ada",
    relayUrl: "http://relay.test",
    deviceId: idOf("d0"),
    ownConversationId: idOf("c0"),
  };
  contactViews: ContactView[] = [];
  conversationViews: ConversationView[] = [];
  memberViews: MemberView[] = [];
  messageViews: MessageView[] = [];
  inviteViews: InviteView[] = [];
  requestViews: RequestView[] = [];
  putBackViews: readonly PutBackView[] = [];
  preview: LinkPreview = {
    type: "invite",
    inviterId: idOf("a9"),
    relayUrl: "http://relay.test",
    reusable: false,
    expiresAt: NOON,
  };
  state: "connecting" | "online" | "offline" | "outdated" = "online";
  /** Refusals by method. */
  refusals: Partial<Record<keyof Client, ClientErrorCode>> = {};
  /** Content of every attachment; undefined means that it cannot be had. */
  content: string | undefined = "hello";
  vaultView: VaultView | undefined;
  burnOutcome: BurnOutcome = "burned";
  started = false;
  closed = false;
  readonly #listeners = new Set<(event: ClientEvent) => void>();

  /** Tells everybody who listens. */
  emit(event: ClientEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  called(method: string): unknown[] | undefined {
    return this.calls.find(([name]) => name === method)?.slice(1);
  }

  #take(method: keyof Client, ...args: unknown[]): void {
    if (this.closed) throw new Error(`${method} after close`);
    this.calls.push([method, ...args]);
    const code = this.refusals[method];
    if (code !== undefined) throw new ClientError(code);
  }

  async start(): Promise<void> {
    this.#take("start");
    this.started = true;
  }

  async close(): Promise<void> {
    this.#take("close");
    this.closed = true;
  }

  onEvent(listener: (event: ClientEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async connection(): Promise<"connecting" | "online" | "offline" | "outdated"> {
    return this.state;
  }

  async checkConnection(): Promise<void> {
    this.#take("checkConnection");
  }

  async settle(timeoutMs: number): Promise<boolean> {
    this.#take("settle", timeoutMs);
    return this.state === "online";
  }

  async account(): Promise<AccountView | undefined> {
    return this.accountView;
  }

  async createAccount(input: Parameters<Client["createAccount"]>[0]): Promise<AccountView> {
    this.#take("createAccount", input);
    this.accountView = {
      id: idOf("a0"),
      name: input.name,
      relayUrl: input.relayUrl,
      deviceId: idOf("d0"),
      ownConversationId: idOf("c0"),
    };
    return this.accountView;
  }

  async setName(name: string): Promise<void> {
    this.#take("setName", name);
  }

  async devices(): ReturnType<Client["devices"]> {
    return [{ id: idOf("d0"), name: "test-machine", addedAt: NOON, current: true }];
  }

  async putBacks(): ReturnType<Client["putBacks"]> {
    return this.putBackViews;
  }

  async acknowledgePutBack(relayUrl: string): Promise<void> {
    this.#take("acknowledgePutBack");
    this.putBackViews = this.putBackViews.map((view) =>
      view.relayUrl === relayUrl ? { ...view, acknowledged: true } : view,
    );
  }

  async settings(): ReturnType<Client["settings"]> {
    return { readReceipts: true };
  }

  async setSettings(): Promise<void> {
    this.#take("setSettings");
  }

  async vault(): ReturnType<Client["vault"]> {
    return this.vaultView;
  }

  async changeSecret(...args: Parameters<Client["changeSecret"]>): Promise<void> {
    this.#take("changeSecret", ...args);
  }

  async recognisesSecret(): Promise<boolean> {
    return true;
  }

  async setDuressPin(pin: string | undefined): Promise<void> {
    this.#take("setDuressPin", pin);
  }

  async addHiddenVault(pin: string): Promise<void> {
    this.#take("addHiddenVault", pin);
  }

  async lockSettings(): ReturnType<Client["lockSettings"]> {
    return { softAfterMs: undefined, hardAfterMs: undefined, hiddenAfterMs: undefined };
  }

  async setLockSettings(): Promise<void> {
    this.#take("setLockSettings");
  }

  async recoveryKit(): ReturnType<Client["recoveryKit"]> {
    this.#take("recoveryKit");
    return {
      words: Array.from({ length: 25 }, () => "anchor"),
      qr: "STONECHAT-KIT",
      relayUrl: "http://relay.test",
      accountId: idOf("a0"),
      name: "Ada",
      madeAt: NOON,
      keptUntil: NOON + 30 * 86_400_000,
    };
  }

  async recoveryKitMadeAt(): ReturnType<Client["recoveryKitMadeAt"]> {
    return undefined;
  }

  async revokeRecoveryKit(): Promise<void> {
    this.#take("revokeRecoveryKit");
  }

  async restoreFromKit(input: Parameters<Client["restoreFromKit"]>[0]): ReturnType<Client["restoreFromKit"]> {
    this.#take("restoreFromKit", input);
    const account = await this.createAccount({
      name: "Ada",
      relayUrl: "http://relay.test",
      deviceName: input.deviceName,
    });
    return { account, file: "found", contacts: 1, groups: 0, guardRecords: 0, guardRecordsRevoked: 0 };
  }

  async prepareTravel(): ReturnType<Client["prepareTravel"]> {
    this.#take("prepareTravel");
    return {
      words: Array.from({ length: 12 }, () => "anchor"),
      qr: "STONECHAT-TRAVEL",
      relayUrl: "http://relay.test",
      keptUntil: NOON + 30 * 86_400_000,
      bytes: 1 << 26,
    };
  }

  async createInvite(input: Parameters<Client["createInvite"]>[0]): Promise<InviteView> {
    this.#take("createInvite", input);
    return {
      id: idOf("b1", 32),
      link: "http://relay.test/#i/AAAA",
      createdAt: NOON,
      expiresAt: NOON + input.expiresInMs,
      reusable: input.reusable,
      state: "open",
    };
  }

  async invites(): Promise<readonly InviteView[]> {
    return this.inviteViews;
  }

  async revokeInvite(id: string): Promise<void> {
    this.#take("revokeInvite", id);
  }

  async previewLink(): Promise<LinkPreview> {
    return this.preview;
  }

  async acceptInvite(link: string): ReturnType<Client["acceptInvite"]> {
    this.#take("acceptInvite", link);
    return { requestId: idOf("9", 32), accountId: idOf("a1") };
  }

  async requests(): Promise<readonly RequestView[]> {
    return this.requestViews;
  }

  async acceptRequest(id: string): ReturnType<Client["acceptRequest"]> {
    this.#take("acceptRequest", id);
    return { conversationId: idOf("c1") };
  }

  async declineRequest(id: string): Promise<void> {
    this.#take("declineRequest", id);
  }

  async contacts(): Promise<readonly ContactView[]> {
    return this.contactViews;
  }

  async contact(id: string): Promise<ContactView> {
    return found(this.contactViews.find((contact) => contact.id === id));
  }

  async renameContact(id: string, name: string): Promise<void> {
    this.#take("renameContact", id, name);
  }

  async setVerified(id: string, verified: boolean): Promise<void> {
    this.#take("setVerified", id, verified);
  }

  async verifyByQr(): ReturnType<Client["verifyByQr"]> {
    return "verified";
  }

  async setBlocked(id: string, blocked: boolean): Promise<void> {
    this.#take("setBlocked", id, blocked);
  }

  async acknowledgeDevices(id: string): Promise<void> {
    this.#take("acknowledgeDevices", id);
  }

  async conversations(): Promise<readonly ConversationView[]> {
    return this.conversationViews;
  }

  async conversation(id: string): Promise<ConversationView> {
    return found(this.conversationViews.find((conversation) => conversation.id === id));
  }

  async members(): Promise<readonly MemberView[]> {
    return this.memberViews;
  }

  async createGroup(input: Parameters<Client["createGroup"]>[0]): Promise<ConversationView> {
    this.#take("createGroup", input);
    const made = conversationOf("7", input.name, { kind: "group", memberCount: 1 });
    this.conversationViews.push({ ...made, memberCount: input.contactIds.length + 1 });
    return made;
  }

  async addMembers(id: string, contactIds: readonly string[]): Promise<void> {
    this.#take("addMembers", id, contactIds);
  }

  async removeMember(id: string, memberId: string): Promise<void> {
    this.#take("removeMember", id, memberId);
  }

  async setRole(id: string, memberId: string, role: string): Promise<void> {
    this.#take("setRole", id, memberId, role);
  }

  async renameGroup(id: string, name: string): Promise<void> {
    this.#take("renameGroup", id, name);
  }

  async leaveGroup(id: string): Promise<void> {
    this.#take("leaveGroup", id);
  }

  async continueGroup(id: string, without?: string): Promise<ConversationView> {
    this.#take("continueGroup", id, without);
    return this.conversation(id);
  }

  async clearConversation(id: string): Promise<void> {
    this.#take("clearConversation", id);
  }

  async setDraft(id: string, text: string): Promise<void> {
    this.#take("setDraft", id, text);
  }

  async setTimer(id: string, seconds: number): Promise<void> {
    this.#take("setTimer", id, seconds);
  }

  async messages(
    id: string,
    page: { readonly before?: number; readonly limit: number },
  ): ReturnType<Client["messages"]> {
    const { before } = page;
    const all = this.messageViews
      .filter((message) => message.conversationId === id && (before === undefined || message.order < before))
      .sort((one, other) => one.order - other.order);
    return { messages: all.slice(-page.limit), hasOlder: all.length > page.limit };
  }

  async message(id: string, messageId: string): Promise<MessageView> {
    return found(this.messageViews.find((message) => message.conversationId === id && message.id === messageId));
  }

  async send(id: string, input: Parameters<Client["send"]>[1]): Promise<MessageView> {
    this.#take("send", id, input);
    const message = messageOf("5", input.text, {
      conversationId: id,
      fromSelf: true,
      state: this.state === "online" ? "sent" : "waiting",
    });
    this.messageViews.push(message);
    return { ...message, state: "waiting" };
  }

  async react(...args: Parameters<Client["react"]>): Promise<void> {
    this.#take("react", ...args);
  }

  async edit(...args: Parameters<Client["edit"]>): Promise<void> {
    this.#take("edit", ...args);
  }

  async deleteForEveryone(...args: Parameters<Client["deleteForEveryone"]>): Promise<void> {
    this.#take("deleteForEveryone", ...args);
  }

  async deleteForMe(...args: Parameters<Client["deleteForMe"]>): Promise<void> {
    this.#take("deleteForMe", ...args);
  }

  async markRead(...args: Parameters<Client["markRead"]>): Promise<void> {
    this.#take("markRead", ...args);
  }

  async readers(_id: string, messageId: string): ReturnType<Client["readers"]> {
    return { messageId, readers: [] };
  }

  async search(query: string, limit: number): ReturnType<Client["search"]> {
    this.#take("search", query, limit);
    return this.messageViews.slice(0, limit).map((message) => ({ message, conversationName: "Bea" }));
  }

  async download(id: string, messageId: string, attachmentId: string): Promise<void> {
    this.#take("download", id, messageId, attachmentId);
    const state: AttachmentView["transfer"] =
      this.content === undefined ? { state: "failed", reason: "gone" } : { state: "local" };
    this.messageViews = this.messageViews.map((message) =>
      message.id === messageId
        ? { ...message, attachments: message.attachments.map((attachment) => ({ ...attachment, transfer: state })) }
        : message,
    );
  }

  async cancelTransfer(...args: Parameters<Client["cancelTransfer"]>): Promise<void> {
    this.#take("cancelTransfer", ...args);
  }

  async openAttachment(id: string, messageId: string, attachmentId: string, target: unknown): Promise<unknown> {
    this.#take("openAttachment", id, messageId, attachmentId, target);
    await writeFile(String(target), this.content ?? "");
    return undefined;
  }

  async openViewOnce(id: string, messageId: string, attachmentId: string, target: unknown): Promise<unknown> {
    this.#take("openViewOnce", id, messageId, attachmentId, target);
    await writeFile(String(target), this.content ?? "");
    return undefined;
  }

  async burn(): ReturnType<Client["burn"]> {
    this.#take("burn");
    return this.burnOutcome;
  }
}

function found<View>(view: View | undefined): View {
  if (view === undefined) throw new ClientError("not-found");
  return view;
}
