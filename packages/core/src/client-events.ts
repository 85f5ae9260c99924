import type {
  AccountId,
  AlarmType,
  AttachmentView,
  ConnectionState,
  ContactView,
  ConversationId,
  MessageId,
  MessageView,
  RequestView,
} from "./client-views.ts";

/** Something changed: ask again for what you show. `message` and the like also say what came, for terminals and bots. */
export type ClientEvent =
  | { readonly type: "connection"; readonly state: ConnectionState }
  | { readonly type: "account-changed" }
  | { readonly type: "conversations-changed" }
  | { readonly type: "contacts-changed" }
  | { readonly type: "requests-changed" }
  | { readonly type: "invites-changed" }
  | { readonly type: "settings-changed" }
  /** Messages of one conversation were added or changed. */
  | {
      readonly type: "messages-changed";
      readonly conversationId: ConversationId;
      readonly messageIds: readonly MessageId[];
    }
  | { readonly type: "message"; readonly message: MessageView; readonly conversationName: string }
  | {
      readonly type: "reaction";
      readonly conversationId: ConversationId;
      readonly messageId: MessageId;
      readonly fromId: AccountId;
      readonly fromName: string;
      readonly emoji: string;
      readonly removed: boolean;
    }
  | { readonly type: "edit"; readonly message: MessageView; readonly conversationName: string }
  | {
      readonly type: "delete";
      readonly conversationId: ConversationId;
      readonly messageId: MessageId;
      readonly fromId: AccountId;
      readonly fromName: string;
    }
  | {
      readonly type: "receipt";
      readonly conversationId: ConversationId;
      readonly messageIds: readonly MessageId[];
      readonly fromId: AccountId;
      readonly fromName: string;
      readonly state: "delivered" | "read";
    }
  | {
      readonly type: "member-added" | "member-removed";
      readonly conversationId: ConversationId;
      readonly conversationName: string;
      readonly byId: AccountId;
      readonly byName: string;
      readonly memberIds: readonly AccountId[];
      readonly memberNames: readonly string[];
    }
  | { readonly type: "contact"; readonly contact: ContactView }
  | { readonly type: "request"; readonly request: RequestView }
  | {
      readonly type: "alarm";
      readonly alarm: AlarmType;
      readonly conversationId?: ConversationId;
      readonly accountId?: AccountId;
      readonly relayUrl?: string;
    }
  /** A group goes on in another one; the conversation is the same and has another id from now on. */
  | {
      readonly type: "conversation-continued";
      readonly conversationId: ConversationId;
      readonly previousId: ConversationId;
    }
  /** The vault on its way to the relay, in bytes. */
  | { readonly type: "travel"; readonly done: number; readonly total: number }
  | {
      readonly type: "transfer";
      readonly conversationId: ConversationId;
      readonly messageId: MessageId;
      readonly attachment: AttachmentView;
    };
