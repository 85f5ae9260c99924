import type { ReactNode } from "react";
import type { ConversationId } from "@stonechat/core/client-api";
import { Icon } from "../design/icons.tsx";
import { Empty, PaneBody } from "../design/Pane.tsx";
import { PaneHeader } from "../design/PaneHeader.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { GroupPage } from "../groups/GroupPage.tsx";
import { t } from "../locales/texts.ts";
import { describeError } from "../state/act.ts";
import { useLive } from "../state/live.ts";
import { conversationQuestion } from "../state/questions.ts";
import { ConversationTimer } from "../timer/ConversationTimer.tsx";
import { ClearConversation } from "./ClearConversation.tsx";
import { ContactPage } from "./ContactPage.tsx";

/** What there is to know about a conversation: the contact, the group, or one's own notes. */
export function AboutScreen({ id }: { readonly id: ConversationId }): ReactNode {
  const { value: conversation, error } = useLive(conversationQuestion(id));
  const parent = { screen: "conversation", id } as const;
  if (conversation === undefined) {
    return (
      <>
        <PaneHeader title={t("app.name")} parent={parent} />
        {error === undefined ? (
          <Waiting label={t("app.loading")} />
        ) : (
          <Empty
            picture={<Icon name="warning" size="large" />}
            title={t("conversation.gone")}
            text={describeError(error)}
          />
        )}
      </>
    );
  }
  const title =
    conversation.kind === "group"
      ? t("group.title")
      : conversation.kind === "own"
        ? t("conversation.own")
        : t("contact.title");
  return (
    <>
      <PaneHeader title={title} parent={parent} />
      <PaneBody>
        {conversation.kind === "group" && <GroupPage conversation={conversation} />}
        {conversation.kind === "direct" && conversation.contactId !== undefined && (
          <ContactPage contactId={conversation.contactId} conversation={conversation} />
        )}
        {conversation.kind === "own" && (
          <>
            <Empty picture={<Icon name="note" size="large" />} title={t("conversation.own")} text={t("own.text")} />
            <ConversationTimer conversation={conversation} />
            <ClearConversation conversation={conversation} />
          </>
        )}
      </PaneBody>
    </>
  );
}
