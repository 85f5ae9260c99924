import type {
  ClientEvent,
  ContactView,
  ConversationView,
  DeviceView,
  InviteView,
  MemberView,
  MessageView,
  RequestView,
} from "@stonechat/core";
import { isoTime } from "./time.ts";

/**
 * What `--json` prints. Scripts rely on these: fields are added, never renamed or removed. Every object has `type`.
 * Source: docs/CLI.md, "JSON objects".
 */
export interface JsonObject {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What became of an attachment on this side. */
export interface SavedAttachment {
  readonly path: string | undefined;
  /** Why there is no file, in one word. */
  readonly problem?: string;
}

export function messageObject(
  message: MessageView,
  conversationName: string,
  saved: ReadonlyMap<string, SavedAttachment> = new Map(),
): JsonObject {
  return {
    type: "message",
    conversation: message.conversationId,
    conversationName,
    from: message.fromName,
    fromId: message.fromId,
    fromSelf: message.fromSelf,
    id: message.id,
    sentAt: isoTime(message.sentAt),
    receivedAt: isoTime(message.receivedAt),
    text: message.body.type === "text" ? message.body.text : "",
    attachments: message.attachments.map((attachment) => {
      const file = saved.get(attachment.id);
      return {
        id: attachment.id,
        name: attachment.name,
        size: attachment.size,
        mediaType: attachment.mediaType,
        path: file?.path ?? null,
        ...(file?.problem === undefined ? {} : { problem: file.problem }),
      };
    }),
    replyTo: message.replyTo?.id ?? null,
    state: message.state,
    reactions: message.reactions.map((reaction) => ({
      emoji: reaction.emoji,
      from: reaction.fromNames,
      fromIds: reaction.fromIds,
    })),
    ...(message.editedAt === undefined ? {} : { editedAt: isoTime(message.editedAt) }),
    ...(message.timerSeconds === undefined ? {} : { timerSeconds: message.timerSeconds }),
    ...(message.expiresAt === undefined ? {} : { expiresAt: isoTime(message.expiresAt) }),
    ...(message.viewOnce === undefined ? {} : { viewOnce: message.viewOnce }),
    ...(message.body.type === "deleted" ? { deleted: true } : {}),
    ...(message.body.type === "unsupported" ? { unsupported: true } : {}),
  };
}

export function contactObject(contact: ContactView): JsonObject {
  return {
    type: "contact",
    id: contact.id,
    name: contact.name,
    profileName: contact.profileName,
    conversation: contact.conversationId,
    verified: contact.verified,
    blocked: contact.blocked,
    devices: contact.deviceCount,
    devicesChanged: contact.devicesChanged,
  };
}

/** @param name - What the conversation is called on this screen: the own group has no name of its own. */
export function conversationObject(conversation: ConversationView, name: string): JsonObject {
  return {
    type: "conversation",
    id: conversation.id,
    name,
    kind: conversation.kind,
    members: conversation.memberCount,
    unread: conversation.unread,
    state: conversation.state,
    ...(conversation.continuation === undefined
      ? {}
      : {
          continuation: {
            by: conversation.continuation.by,
            offender: conversation.continuation.offenderName ?? null,
            offenderId: conversation.continuation.offenderId ?? null,
          },
        }),
    role: conversation.ownRole,
    verified: conversation.verified,
    lastActivityAt: isoTime(conversation.lastActivityAt),
    timerSeconds: conversation.timerSeconds,
    ...(conversation.contactId === undefined ? {} : { contact: conversation.contactId }),
  };
}

export function deviceObject(device: DeviceView): JsonObject {
  return {
    type: "device",
    id: device.id,
    name: device.name,
    addedAt: isoTime(device.addedAt),
    current: device.current,
  };
}

export function memberObject(member: MemberView): JsonObject {
  return {
    type: "member",
    id: member.id,
    name: member.name,
    role: member.role,
    self: member.self,
    contact: member.contact,
    verified: member.verified,
    invited: member.invited,
    devices: member.deviceCount,
  };
}

export function inviteObject(invite: InviteView): JsonObject {
  return {
    type: "invite",
    link: invite.link,
    expires: isoTime(invite.expiresAt),
    id: invite.id,
    reusable: invite.reusable,
    state: invite.state,
    createdAt: isoTime(invite.createdAt),
  };
}

/** @param accepted - The request was accepted without asking. */
export function requestObject(request: RequestView, accepted: boolean): JsonObject {
  const common = { type: "request", id: request.id, kind: request.type };
  switch (request.type) {
    case "contact":
      return {
        ...common,
        name: request.name,
        fromId: request.accountId,
        receivedAt: isoTime(request.receivedAt),
        inviteCreatedAt: isoTime(request.inviteCreatedAt),
        accepted,
        ...(request.looksLike === undefined ? {} : { looksLike: request.looksLike }),
      };
    case "group":
      return {
        ...common,
        name: request.name,
        from: request.fromName,
        fromId: request.fromId,
        conversation: request.conversationId,
        members: request.memberCount,
        receivedAt: isoTime(request.receivedAt),
        accepted,
      };
    case "sent":
      return { ...common, toId: request.accountId, sentAt: isoTime(request.sentAt) };
  }
}

/** The events that `listen` prints beside messages, contacts and requests; undefined for those that only say "look again". */
export function eventObject(event: ClientEvent): JsonObject | undefined {
  switch (event.type) {
    case "reaction":
      return {
        type: "reaction",
        conversation: event.conversationId,
        id: event.messageId,
        from: event.fromName,
        fromId: event.fromId,
        emoji: event.emoji,
        removed: event.removed,
      };
    case "edit":
      return { ...messageObject(event.message, event.conversationName), type: "edit" };
    case "delete":
      return {
        type: "delete",
        conversation: event.conversationId,
        id: event.messageId,
        from: event.fromName,
        fromId: event.fromId,
      };
    case "receipt":
      return {
        type: "receipt",
        conversation: event.conversationId,
        ids: event.messageIds,
        from: event.fromName,
        fromId: event.fromId,
        state: event.state,
      };
    case "member-added":
    case "member-removed":
      return {
        type: event.type,
        conversation: event.conversationId,
        conversationName: event.conversationName,
        by: event.byName,
        byId: event.byId,
        members: event.memberNames,
        memberIds: event.memberIds,
      };
    case "contact":
      return contactObject(event.contact);
    case "conversation-continued":
      return { type: "conversation-continued", conversation: event.conversationId, previous: event.previousId };
    case "alarm":
      return {
        type: "alarm",
        alarm: event.alarm,
        conversation: event.conversationId ?? null,
        account: event.accountId ?? null,
        ...(event.relayUrl === undefined ? {} : { relay: event.relayUrl }),
      };
    case "message":
    case "request":
    case "connection":
    case "account-changed":
    case "conversations-changed":
    case "contacts-changed":
    case "requests-changed":
    case "invites-changed":
    case "settings-changed":
    case "messages-changed":
    case "transfer":
    case "travel":
      return undefined;
  }
}
