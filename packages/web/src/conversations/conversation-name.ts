import type { ConversationView } from "@stonechat/core/client-api";
import { t } from "../locales/texts.ts";

/** What a conversation is called; the own group has a name of ours. */
export function conversationName(conversation: Pick<ConversationView, "kind" | "name">): string {
  if (conversation.kind === "own") return t("conversation.own");
  return conversation.name === "" ? t("conversation.unnamed") : conversation.name;
}
