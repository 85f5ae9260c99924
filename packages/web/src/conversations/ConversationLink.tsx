import type { ReactNode } from "react";
import type { ConversationView, SearchHit } from "@stonechat/core/client-api";
import { ADDRESS, navigate } from "../app/router.ts";
import { describePreview, previewMessage } from "../conversation/describe.ts";
import { requestJump } from "../conversation/jump-request.ts";
import { Ticks } from "../conversation/Ticks.tsx";
import { Avatar } from "../design/Avatar.tsx";
import { cx } from "../design/cx.ts";
import { Icon } from "../design/icons.tsx";
import { formatBrief, formatMoment, formatNumber } from "../locales/format.ts";
import { t, type TextId } from "../locales/texts.ts";
import { conversationName } from "./conversation-name.ts";
import css from "./ConversationLink.module.css";

/** One conversation in the list: name, last words, time, and what is unread or wrong. */
export function ConversationLink({
  conversation,
  chosen,
}: {
  readonly conversation: ConversationView;
  readonly chosen: boolean;
}): ReactNode {
  const route = { screen: "conversation", id: conversation.id } as const;
  const { lastMessage, unread } = conversation;
  return (
    <a
      className={cx(css["row"], chosen && css["chosen"], unread > 0 && css["unread"])}
      href={ADDRESS}
      aria-current={chosen ? "page" : undefined}
      onClick={(event) => {
        event.preventDefault();
        navigate(route);
      }}
    >
      <Avatar
        id={conversation.contactId ?? conversation.id}
        name={conversation.name}
        kind={conversation.kind === "direct" ? "person" : conversation.kind}
      />
      <span className={css["text"]}>
        <span className={css["top"]}>
          <span className={css["name"]} dir="auto">
            {conversationName(conversation)}
          </span>
          {conversation.verified && conversation.kind === "direct" && (
            <span className={css["verified"]} role="img" aria-label={t("contact.verified")}>
              <Icon name="shieldCheck" size="small" />
            </span>
          )}
          {lastMessage !== undefined && (
            <time
              className={css["time"]}
              dateTime={new Date(lastMessage.sentAt).toISOString()}
              title={formatMoment(lastMessage.sentAt)}
            >
              {formatBrief(lastMessage.sentAt, Date.now())}
            </time>
          )}
        </span>
        <span className={css["bottom"]}>
          <span className={css["preview"]} dir="auto">
            <Preview conversation={conversation} />
          </span>
          {unread > 0 && (
            <span className={css["badge"]}>
              <span aria-hidden="true">{formatNumber(unread)}</span>
              <span className={css["spoken"]}>{t("list.unread", { count: unread })}</span>
            </span>
          )}
          {unread === 0 &&
            lastMessage?.fromSelf === true &&
            conversation.kind !== "own" &&
            conversation.draft === "" && (
              <span className={css["ticks"]}>
                <Ticks state={lastMessage.state} />
              </span>
            )}
        </span>
      </span>
    </a>
  );
}

function Preview({ conversation }: { readonly conversation: ConversationView }): ReactNode {
  const { lastMessage, draft, state, kind } = conversation;
  if (state !== "active") {
    return (
      <span className={state === "broken" ? css["broken"] : undefined}>
        <Icon name={state === "broken" ? "warning" : "block"} size="small" />{" "}
        {t(`list.state-${state}` satisfies TextId)}
      </span>
    );
  }
  if (draft !== "")
    return (
      <>
        <em className={css["draft"]}>{t("list.draft")}</em> {draft}
      </>
    );
  if (lastMessage === undefined) return t(kind === "own" ? "list.own-hint" : "list.no-messages");
  const { preview } = lastMessage;
  const text = describePreview(preview);
  const icon =
    preview.type === "attachment" ? (
      <>
        <Icon name={preview.kind === "image" ? "image" : preview.kind === "file" ? "clip" : "play"} size="small" />{" "}
      </>
    ) : null;
  if (kind === "group" && preview.type !== "notice")
    return (
      <>
        {lastMessage.fromSelf ? t("message.you") : lastMessage.fromName}: {icon}
        {text}
      </>
    );
  return (
    <>
      {icon}
      {text}
    </>
  );
}

/** A message that was found. */
export function HitLink({ hit }: { readonly hit: SearchHit }): ReactNode {
  const { message } = hit;
  const route = { screen: "conversation", id: message.conversationId } as const;
  return (
    <a
      className={css["row"]}
      href={ADDRESS}
      onClick={(event) => {
        event.preventDefault();
        requestJump({ conversationId: message.conversationId, messageId: message.id });
        navigate(route);
      }}
    >
      <Avatar id={message.fromId} name={message.fromName} />
      <span className={css["text"]}>
        <span className={css["top"]}>
          <span className={css["name"]} dir="auto">
            {hit.conversationName === "" ? t("conversation.own") : hit.conversationName}
          </span>
          <time className={css["time"]} dateTime={new Date(message.sentAt).toISOString()}>
            {formatBrief(message.sentAt, Date.now())}
          </time>
        </span>
        <span className={css["hit"]} dir="auto">
          {message.fromSelf ? t("message.you") : message.fromName}: {previewMessage(message)}
        </span>
      </span>
    </a>
  );
}
