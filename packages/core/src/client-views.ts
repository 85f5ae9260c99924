/**
 * What a screen, a terminal or a bot can ask of the client core, and what it hears from it. Everything here is plain,
 * structured-cloneable data, so that a page can talk to a core in a worker and hold no key.
 *
 * Times are milliseconds since 1970 ({@link Instant}). Identifiers are lower-case hex strings.
 */

/** Hex of an account's identity key. Two accounts are the same if and only if this is. */
export type AccountId = string;
export type ConversationId = string;
/** Hex of a message's 16-byte id; the same on every device. */
export type MessageId = string;
export type InviteId = string;
export type RequestId = string;
export type AttachmentId = string;
/** Milliseconds since 1970-01-01T00:00Z. */
export type Instant = number;

export interface AccountView {
  readonly id: AccountId;
  readonly name: string;
  readonly relayUrl: string;
  readonly deviceId: string;
  readonly ownConversationId: ConversationId;
  /** Another device of the account removed this one, as a restore from the recovery kit does: it can send no more. */
  readonly removed?: boolean;
}

/** What goes on the printed page. Whoever has it can become this account. */
export interface RecoveryKitView {
  /** 25 English words, in every language. */
  readonly words: readonly string[];
  /** The same secret and the relay's address, for a QR code. */
  readonly qr: string;
  readonly relayUrl: string;
  readonly accountId: AccountId;
  readonly name: string;
  readonly madeAt: Instant;
  /** The file with the contacts lies at the relay until then, unless this device refreshes it, which it does by itself. */
  readonly keptUntil: Instant;
}

export interface RestoreInput {
  /** The words, in any case and spacing, or the text of the QR code. */
  readonly kit: string;
  /** Needed with words. With a QR code it replaces the relay that the code names. */
  readonly relayUrl?: string;
  /** Taken if the relay has lost the kit's file; else the account keeps its name. */
  readonly name?: string;
  readonly deviceName: string;
  readonly admissionCode?: string;
  /** Restores the identity alone, for when the relay's file was refused with `kit-damaged`. */
  readonly withoutFile?: boolean;
}

/** What came back. */
export interface RestoreView {
  readonly account: AccountView;
  /** `missing`: the relay has no file of this kit, or the kit was revoked: the identity is back, contacts and groups are not. */
  readonly file: "found" | "missing";
  /** Contacts that were asked to talk to this device from now on. */
  readonly contacts: number;
  readonly groups: number;
  /** Guard records of lost devices, and how many of them their guards have destroyed. */
  readonly guardRecords: number;
  readonly guardRecordsRevoked: number;
}

/** The code of a vault that lies at the relay. Lost code, lost vault. */
export interface TravelView {
  /** 12 English words, in every language. */
  readonly words: readonly string[];
  /** The same secret and the relay's address, for a QR code. */
  readonly qr: string;
  readonly relayUrl: string;
  /** The relay keeps the vault so long and no longer. */
  readonly keptUntil: Instant;
  /** Bytes that lie at the relay. */
  readonly bytes: number;
}

export interface DeviceView {
  readonly id: string;
  readonly name: string;
  readonly addedAt: Instant;
  readonly current: boolean;
}

/** `offline`: no network or relay unreachable; the core retries by itself. `outdated`: the relay speaks only other versions. */
export type ConnectionState = "connecting" | "online" | "offline" | "outdated";

export interface InviteView {
  readonly id: InviteId;
  readonly link: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly reusable: boolean;
  readonly state: "open" | "used" | "expired" | "revoked";
}

/** What a link would do, without doing it. `other-relay`: this host cannot reach the link's relay. */
export type LinkPreview =
  | {
      readonly type: "invite";
      readonly inviterId: AccountId;
      readonly relayUrl: string;
      readonly reusable: boolean;
      readonly expiresAt: Instant;
    }
  | { readonly type: "own" }
  | { readonly type: "known"; readonly contactId: AccountId; readonly conversationId: ConversationId }
  | { readonly type: "expired" }
  | { readonly type: "other-relay"; readonly relayUrl: string }
  | { readonly type: "not-an-invite" };

/** Something that waits for the user's decision. */
export type RequestView =
  /** Somebody used an invite of mine. */
  | {
      readonly type: "contact";
      readonly id: RequestId;
      readonly accountId: AccountId;
      readonly name: string;
      readonly receivedAt: Instant;
      readonly inviteCreatedAt: Instant;
      readonly looksLike?: string;
    }
  /** A contact added me to a group. */
  | {
      readonly type: "group";
      readonly id: RequestId;
      readonly conversationId: ConversationId;
      readonly name: string;
      readonly fromId: AccountId;
      readonly fromName: string;
      readonly memberCount: number;
      readonly receivedAt: Instant;
    }
  /** I used an invite and wait for its maker. */
  | { readonly type: "sent"; readonly id: RequestId; readonly accountId: AccountId; readonly sentAt: Instant };

export interface ContactView {
  readonly id: AccountId;
  /** The label I gave, else the name they gave themselves. */
  readonly name: string;
  readonly profileName: string;
  readonly conversationId: ConversationId;
  readonly verified: boolean;
  readonly blocked: boolean;
  readonly deviceCount: number;
  /** The contact's set of devices changed and I have not looked since. */
  readonly devicesChanged: boolean;
  /** 60 digits in 12 groups of 5, the same on both sides. */
  readonly safetyNumber: string;
  /** What my QR code for verification holds; the other side scans it. */
  readonly safetyQr: string;
}

export type Role = "admin" | "member";

export interface MemberView {
  readonly id: AccountId;
  readonly name: string;
  readonly self: boolean;
  readonly role: Role;
  readonly deviceCount: number;
  readonly contact: boolean;
  readonly verified: boolean;
  /** Added, but has not agreed yet. */
  readonly invited: boolean;
}

export type ConversationKind = "direct" | "group" | "own";

export interface ConversationView {
  readonly id: ConversationId;
  readonly kind: ConversationKind;
  readonly name: string;
  readonly memberCount: number;
  readonly unread: number;
  readonly lastMessage?: {
    readonly id: MessageId;
    readonly preview: MessagePreview;
    readonly fromSelf: boolean;
    readonly fromName: string;
    readonly sentAt: Instant;
    readonly state: DeliveryState;
  };
  readonly lastActivityAt: Instant;
  readonly draft: string;
  /** Messages written from now on disappear so many seconds after they were read, or sent; 0: they stay. */
  readonly timerSeconds: number;
  /** Contact of a direct conversation. */
  readonly contactId?: AccountId;
  readonly verified: boolean;
  /** Of a broken group that can go on in another; see `continueGroup`. */
  readonly continuation?: ContinuationView;
  /** `left`, `removed`: nothing can be sent any more. `broken`: needs a new invitation or a continuation; an alarm says why. `blocked`: contact blocked by me. */
  readonly state: "active" | "left" | "removed" | "broken" | "blocked";
  readonly ownRole: Role;
}

/** Who can continue a group that ended. */
export interface ContinuationView {
  /** `self`: this device, as an admin's. `admin`: only another. `nobody`: a new group has to be made. */
  readonly by: "self" | "admin" | "nobody";
  /** Whose commit ended the group, if that is sure. A device of an admin then continues it without him, by itself. */
  readonly offenderId?: AccountId;
  readonly offenderName?: string;
}

/** What stands for a message in lists and quotes. UI words come from the UI. */
export type MessagePreview =
  | { readonly type: "text"; readonly text: string }
  | {
      readonly type: "attachment";
      readonly name: string;
      readonly kind: AttachmentKind;
      readonly count: number;
      readonly text: string;
    }
  /** Media that can be opened once; says nothing of what it is. */
  | { readonly type: "view-once"; readonly opened: boolean }
  | { readonly type: "deleted" }
  | { readonly type: "notice"; readonly notice: Notice }
  | { readonly type: "unsupported" };

/** Own messages: `waiting` (queued here), `sent` (acknowledged by the relay), `delivered`, `read` (by all other members), `failed`, `expired` (no device fetched it in time). */
export type DeliveryState = "waiting" | "sent" | "delivered" | "read" | "failed" | "expired" | "received";

export type AttachmentKind = "file" | "image" | "audio" | "video";

export interface AttachmentView {
  readonly id: AttachmentId;
  readonly name: string;
  readonly mediaType: string;
  readonly kind: AttachmentKind;
  readonly size: number;
  readonly width?: number;
  readonly height?: number;
  /** Small JPEG or WebP picture carried in the message. */
  readonly thumbnail?: Uint8Array;
  readonly transfer:
    | { readonly state: "remote" }
    | { readonly state: "uploading" | "downloading" | "paused"; readonly done: number; readonly total: number }
    | { readonly state: "local" }
    | { readonly state: "failed"; readonly reason: "gone" | "damaged" | "too-large" | "cancelled" };
}

export interface ReactionView {
  readonly emoji: string;
  readonly fromIds: readonly AccountId[];
  readonly fromNames: readonly string[];
  readonly self: boolean;
}

/** Lines of the conversation that nobody wrote. `byName` and `names` are labels of that moment. */
export type Notice =
  | { readonly type: "created"; readonly byName: string }
  | { readonly type: "member-added"; readonly byName: string; readonly names: readonly string[] }
  | { readonly type: "member-removed"; readonly byName: string; readonly names: readonly string[] }
  | { readonly type: "member-left"; readonly names: readonly string[] }
  | { readonly type: "renamed"; readonly byName: string; readonly name: string }
  /** `seconds` is 0 if messages written from then on stay. */
  | { readonly type: "timer-changed"; readonly byName: string; readonly seconds: number }
  | { readonly type: "role-changed"; readonly byName: string; readonly names: readonly string[]; readonly role: Role }
  | { readonly type: "devices-changed"; readonly names: readonly string[] }
  | { readonly type: "connected"; readonly names: readonly string[] }
  /** The group had ended by a commit that nobody could follow, and goes on in another. `names` are those left out. */
  | { readonly type: "continued"; readonly byName: string; readonly names: readonly string[] }
  /** A message of one's own with so many files was still being encrypted when the program ended or the vault was locked. */
  | { readonly type: "not-sent"; readonly files: number }
  | { readonly type: "missing"; readonly count: number; readonly reason: "gap" | "expired" | "unreadable" }
  | { readonly type: "alarm"; readonly alarm: AlarmType };

/** `ghost-device`: a leaf that its owner's device list does not name. `fork`: members disagree on the group's history. `list-mismatch`: someone was shown another device list. `relay-rollback`: the relay forgot what it had acknowledged, and the conversation cannot go on. `relay-put-back`: the relay was put back to an earlier state, and what is missing there is sent again. */
export type AlarmType =
  "ghost-device" | "fork" | "list-mismatch" | "bad-commit" | "relay-rollback" | "changed-identity" | "relay-put-back";

/** A relay was put back to an earlier state, such as an older backup. */
export interface PutBackView {
  readonly relayUrl: string;
  readonly noticedAt: Instant;
  /** About when that state was made, by the relay's clock. Absent if nothing says. */
  readonly stateOf?: Instant;
  readonly acknowledged: boolean;
}

export interface MessageView {
  readonly id: MessageId;
  readonly conversationId: ConversationId;
  readonly fromId: AccountId;
  readonly fromName: string;
  readonly fromSelf: boolean;
  readonly sentAt: Instant;
  readonly receivedAt: Instant;
  /** Sorts messages as every device sorts them. */
  readonly order: number;
  readonly body:
    | { readonly type: "text"; readonly text: string }
    | { readonly type: "deleted"; readonly byModerator: boolean }
    | { readonly type: "notice"; readonly notice: Notice }
    | { readonly type: "unsupported" };
  readonly attachments: readonly AttachmentView[];
  readonly replyTo?: {
    readonly id: MessageId;
    readonly fromSelf: boolean;
    readonly fromName: string;
    readonly preview: MessagePreview;
  };
  readonly reactions: readonly ReactionView[];
  readonly editedAt?: Instant;
  /** The message disappears so many seconds after it was read or, on the sender's device, sent. */
  readonly timerSeconds?: number;
  /** When it disappears, by this device's clock as it is now; present once the countdown runs. */
  readonly expiresAt?: Instant;
  /**
   * Its one attachment can be opened once, by {@link Client.openViewOnce} only. `opened`: it cannot be opened here any
   * more, and `attachments` is empty. The sender's own is `opened` once it was sent.
   */
  readonly viewOnce?: "unopened" | "opened";
  readonly state: DeliveryState;
  readonly canEdit: boolean;
  readonly canDeleteForEveryone: boolean;
}

export interface MessagePage {
  /** Oldest first. */
  readonly messages: readonly MessageView[];
  readonly hasOlder: boolean;
  /** The first unread message when the page was asked for, for the "new messages" line. */
  readonly firstUnreadId?: MessageId;
}

/** "Who could read this": the members of the message's epoch. */
export interface ReadersView {
  readonly messageId: MessageId;
  readonly readers: readonly {
    readonly id: AccountId;
    readonly name: string;
    readonly deviceCount: number;
    readonly self: boolean;
    readonly deliveredAt?: Instant;
    readonly readAt?: Instant;
  }[];
}

export interface SendInput {
  readonly text: string;
  readonly replyTo?: MessageId;
  readonly attachments?: readonly AttachmentInput[];
  /** Shorter than the conversation's timer, or any where it has none. At most {@link MAX_TIMER_SECONDS}. */
  readonly timerSeconds?: number;
  /** For exactly one attachment, an image, voice note or video, and no text. Its thumbnail is not sent. */
  readonly viewOnce?: boolean;
}

/** The longest timer of messages: 365 days. The shortest is one second. */
export const MAX_TIMER_SECONDS = 365 * 86_400;

/**
 * `burned`: what was deleted can be read no more, nor from an older copy of this device with the right secret.
 * `deleted`: it is off this device, but no guard keeps a part of its vault, if it is in one, so an older copy still has it.
 * `unreachable`: it is off this device; the guards that a vault needs to forget did not answer, so this is tried again.
 */
export type BurnOutcome = "burned" | "deleted" | "unreachable";

/** A file to send. `file` is what the host's file port understands: a `File` in browsers, a path in Node. */
export interface AttachmentInput {
  readonly file: unknown;
  readonly name: string;
  readonly mediaType: string;
  readonly kind: AttachmentKind;
  readonly width?: number;
  readonly height?: number;
  readonly thumbnail?: Uint8Array;
}

export interface SettingsView {
  readonly readReceipts: boolean;
}

export interface SearchHit {
  readonly message: MessageView;
  readonly conversationName: string;
}
