import type { ClientEvent } from "./client-events.ts";
import type {
  AccountId,
  AccountView,
  AttachmentId,
  BurnOutcome,
  ConnectionState,
  ContactView,
  ConversationId,
  ConversationView,
  DeviceView,
  Instant,
  InviteId,
  InviteView,
  LinkPreview,
  MemberView,
  MessageId,
  MessagePage,
  MessageView,
  PutBackView,
  ReadersView,
  RecoveryKitView,
  RequestId,
  RequestView,
  RestoreInput,
  RestoreView,
  Role,
  SearchHit,
  SendInput,
  SettingsView,
  TravelView,
} from "./client-views.ts";
import type { LockSettings, VaultView } from "./vault-api.ts";

export * from "./vault-api.ts";
export * from "./client-error.ts";
export * from "./client-events.ts";
export * from "./client-views.ts";

/** The client core as hosts see it. Every method may throw {@link ClientError}. */
export interface Client {
  /** Begins to talk to the relay. Until then nothing leaves this device. */
  start(): Promise<void>;
  /** Stops talking, finishes what is being written, and closes the database. */
  close(): Promise<void>;
  /** Hears everything from now on. Returns what ends it. */
  onEvent(listener: (event: ClientEvent) => void): () => void;
  connection(): Promise<ConnectionState>;
  /** The host noticed something: another network, waking, being looked at. Sees now whether the relay still hears us. */
  checkConnection(): Promise<void>;
  /** Resolves when everything queued has been acknowledged and everything the relay held when asked has been read, or `false` after `timeoutMs`. */
  settle(timeoutMs: number): Promise<boolean>;

  account(): Promise<AccountView | undefined>;
  createAccount(input: {
    readonly name: string;
    readonly relayUrl: string;
    readonly admissionCode?: string;
    readonly deviceName: string;
  }): Promise<AccountView>;
  setName(name: string): Promise<void>;
  devices(): Promise<readonly DeviceView[]>;
  /** Relays that were put back to an earlier state, the newest first. Each is also told once as an `alarm`. */
  putBacks(): Promise<readonly PutBackView[]>;
  /** The person has read that this relay was put back. */
  acknowledgePutBack(relayUrl: string): Promise<void>;
  settings(): Promise<SettingsView>;
  setSettings(settings: SettingsView): Promise<void>;

  createInvite(input: { readonly reusable: boolean; readonly expiresInMs: number }): Promise<InviteView>;
  invites(): Promise<readonly InviteView[]>;
  revokeInvite(id: InviteId): Promise<void>;
  previewLink(link: string): Promise<LinkPreview>;
  /** Asks the link's maker to connect. The contact appears when they have answered. */
  acceptInvite(link: string): Promise<{ readonly requestId: RequestId; readonly accountId: AccountId }>;
  requests(): Promise<readonly RequestView[]>;
  acceptRequest(id: RequestId): Promise<{ readonly conversationId: ConversationId }>;
  declineRequest(id: RequestId): Promise<void>;

  contacts(): Promise<readonly ContactView[]>;
  contact(id: AccountId): Promise<ContactView>;
  renameContact(id: AccountId, name: string): Promise<void>;
  setVerified(id: AccountId, verified: boolean): Promise<void>;
  /** Compares a scanned verification QR code with what it must be; marks the contact verified if it matches. */
  verifyByQr(id: AccountId, scanned: string): Promise<"verified" | "mismatch" | "not-a-code">;
  setBlocked(id: AccountId, blocked: boolean): Promise<void>;
  acknowledgeDevices(id: AccountId): Promise<void>;

  conversations(): Promise<readonly ConversationView[]>;
  conversation(id: ConversationId): Promise<ConversationView>;
  members(id: ConversationId): Promise<readonly MemberView[]>;
  createGroup(input: { readonly name: string; readonly contactIds: readonly AccountId[] }): Promise<ConversationView>;
  addMembers(id: ConversationId, contactIds: readonly AccountId[]): Promise<void>;
  removeMember(id: ConversationId, memberId: AccountId): Promise<void>;
  setRole(id: ConversationId, memberId: AccountId, role: Role): Promise<void>;
  renameGroup(id: ConversationId, name: string): Promise<void>;
  leaveGroup(id: ConversationId): Promise<void>;
  /**
   * Goes on in another group, in the place of one that ended by a commit that nobody can follow; perhaps without a member.
   * For admins. The members are led there, or asked. The conversation has another id from then on.
   */
  continueGroup(id: ConversationId, without?: AccountId): Promise<ConversationView>;
  /** Removes a conversation that has ended, or the messages of one that has not, from this device only. */
  clearConversation(id: ConversationId): Promise<void>;
  setDraft(id: ConversationId, text: string): Promise<void>;
  /**
   * Lets messages written from now on disappear `seconds` after they were read, or stay if it is 0. In groups for admins.
   * @throws ClientError `not-allowed`; `bad-value` unless a whole number up to {@link MAX_TIMER_SECONDS}.
   */
  setTimer(id: ConversationId, seconds: number): Promise<void>;

  messages(id: ConversationId, page: { readonly before?: number; readonly limit: number }): Promise<MessagePage>;
  message(id: ConversationId, messageId: MessageId): Promise<MessageView>;
  send(id: ConversationId, input: SendInput): Promise<MessageView>;
  react(id: ConversationId, messageId: MessageId, emoji: string, remove: boolean): Promise<void>;
  edit(id: ConversationId, messageId: MessageId, text: string): Promise<void>;
  deleteForEveryone(id: ConversationId, messageId: MessageId): Promise<void>;
  deleteForMe(id: ConversationId, messageId: MessageId): Promise<void>;
  /** Everything up to `messageId` was on screen. */
  markRead(id: ConversationId, messageId: MessageId): Promise<void>;
  readers(id: ConversationId, messageId: MessageId): Promise<ReadersView>;
  search(query: string, limit: number): Promise<readonly SearchHit[]>;

  download(id: ConversationId, messageId: MessageId, attachmentId: AttachmentId): Promise<void>;
  cancelTransfer(id: ConversationId, messageId: MessageId, attachmentId: AttachmentId): Promise<void>;
  /** Decrypts a local attachment into the host's file port, e.g. a `File` in browsers or a path in Node. */
  openAttachment(
    id: ConversationId,
    messageId: MessageId,
    attachmentId: AttachmentId,
    target: unknown,
  ): Promise<unknown>;
  /**
   * Opens the attachment of a view-once message, after fetching it if need be. Then it is gone from this device, also if
   * `target` failed half-way. {@link Client.openAttachment} refuses these.
   * @throws ClientError `not-allowed` if it was opened before, for one's own, and for other messages.
   */
  openViewOnce(id: ConversationId, messageId: MessageId, attachmentId: AttachmentId, target: unknown): Promise<unknown>;
  /** Deletes for good whatever has disappeared, and makes the vault forget it. For when the host locks, and on demand. */
  burn(): Promise<BurnOutcome>;

  /** Undefined where the host keeps the profile without a vault. Methods below then throw {@link ClientError} `bad-value`. */
  vault(): Promise<VaultView | undefined>;
  /** @throws ClientError `wrong-secret`, `bad-secret`, `guards-unreachable`. */
  changeSecret(input: { readonly current: string; readonly next: string }): Promise<void>;
  /** Whether this secret opened this vault; for the soft lock. */
  recognisesSecret(secret: string): Promise<boolean>;
  /** Sets, changes or, with undefined, takes away the duress PIN. Only in the real vault of destroy mode. */
  setDuressPin(pin: string | undefined): Promise<void>;
  /** Conceal mode: makes a hidden vault under this PIN. */
  addHiddenVault(pin: string): Promise<void>;
  lockSettings(): Promise<LockSettings>;
  setLockSettings(settings: LockSettings): Promise<void>;

  /**
   * The recovery kit, for printing; puts its file at the relay, or a fresh one in place of what lies there. Who has it is
   * this account. The same words each time.
   * @throws ClientError `no-account`, `relay-unreachable`, `not-admitted`, `storage-full` if the relay has no room.
   */
  recoveryKit(): Promise<RecoveryKitView>;
  /** When {@link Client.recoveryKit} was last asked for; undefined if never, or revoked since. */
  recoveryKitMadeAt(): Promise<Instant | undefined>;
  /**
   * Takes the kit's file off the relay and stops refreshing it. The words on paper still are the identity key.
   * @throws ClientError `relay-unreachable`.
   */
  revokeRecoveryKit(): Promise<void>;
  /**
   * Makes this profile, which must have no account, a new device of the kit's account; all its other devices are removed.
   * Contacts and groups come back by themselves once their devices are online; messages never.
   * @throws ClientError `account-exists`, `bad-kit` (a word is wrong or missing), `relay-unknown` (words without a relay
   *   URL), `kit-damaged` (what lies at the relay is not what the kit's maker put there), `relay-unreachable`, `not-admitted`.
   */
  restoreFromKit(input: RestoreInput): Promise<RestoreView>;
  /**
   * Uploads the whole encrypted vault, for a journey. Tells `travel` events meanwhile. When it resolves the client is
   * closed, the relay has everything and was asked to show it, and the host calls `VaultDoor.forget`. When it rejects
   * the client runs on and nothing was lost.
   * @throws ClientError `bad-value` without a vault, `relay-unreachable`, `storage-full`, `too-large`, `not-admitted`,
   *   `not-possible` if the relay does not hold what it acknowledged.
   */
  prepareTravel(): Promise<TravelView>;
}
