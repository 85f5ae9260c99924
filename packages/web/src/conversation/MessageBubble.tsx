import type { ReactNode } from "react";
import type { MessageId, MessageView } from "@stonechat/core/client-api";
import { cx } from "../design/cx.ts";
import { Icon } from "../design/icons.tsx";
import { formatMoment, formatTime } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { countLoneEmoji } from "../text/emoji-only.ts";
import { hueOf } from "../text/initials.ts";
import { AttachmentCard } from "./AttachmentCard.tsx";
import { describePreview } from "./describe.ts";
import { isPicture } from "./media-content.ts";
import { Countdown } from "../timer/Countdown.tsx";
import { MessageText } from "./MessageText.tsx";
import { Ticks } from "./Ticks.tsx";
import { ViewOnceCard } from "./ViewOnceCard.tsx";
import css from "./MessageBubble.module.css";

interface MessageBubbleProps {
  readonly message: MessageView;
  readonly first: boolean;
  readonly last: boolean;
  /** In groups the sender's name stands above the first bubble. */
  readonly named: boolean;
  readonly onJump: (id: MessageId) => void;
}

/** What one message says: name, quote, attachments, words, time and ticks. */
export function MessageBubble({ message, first, last, named, onJump }: MessageBubbleProps): ReactNode {
  const { body } = message;
  const lone =
    body.type === "text" &&
    message.attachments.length === 0 &&
    message.viewOnce === undefined &&
    message.replyTo === undefined
      ? countLoneEmoji(body.text)
      : 0;
  const showsMeta =
    last ||
    message.editedAt !== undefined ||
    message.timerSeconds !== undefined ||
    message.state === "waiting" ||
    message.state === "failed" ||
    message.state === "expired";
  const text = body.type === "text" ? body.text : "";
  const pictures = message.viewOnce === undefined ? message.attachments.filter(isPicture) : [];
  const onlyPicture = text === "" && pictures.length > 0 && pictures.length === message.attachments.length;
  return (
    <div
      className={cx(
        css["bubble"],
        message.fromSelf ? css["own"] : css["other"],
        first && css["first"],
        last && css["last"],
        lone > 0 && css["lone"],
        body.type === "deleted" && css["deleted"],
        onlyPicture && css["picture"],
        pictures.length > 0 && css["withPicture"],
      )}
    >
      {named && first && (
        <p className={css["name"]} data-hue={hueOf(message.fromId)} dir="auto">
          {message.fromName}
        </p>
      )}
      {message.replyTo !== undefined && <Quote quote={message.replyTo} onJump={onJump} />}
      {message.viewOnce !== undefined && <ViewOnceCard message={message} />}
      {message.viewOnce === undefined &&
        message.attachments.map((attachment) => (
          <AttachmentCard key={attachment.id} message={message} attachment={attachment} />
        ))}
      {body.type === "deleted" && (
        <p className={css["aside"]}>
          <Icon name="block" size="small" />{" "}
          {t(
            message.fromSelf
              ? "message.deleted-own"
              : body.byModerator
                ? "message.deleted-moderator"
                : "message.deleted",
          )}
        </p>
      )}
      {body.type === "unsupported" && (
        <p className={css["aside"]}>
          <Icon name="info" size="small" /> {t("message.unsupported")}
        </p>
      )}
      {text !== "" && (
        <div className={css["text"]} dir="auto">
          <MessageText text={text} />
          {showsMeta && <Meta message={message} />}
        </div>
      )}
      {text === "" && showsMeta && (
        <div className={css["metaAlone"]}>
          <Meta message={message} />
        </div>
      )}
    </div>
  );
}

function Meta({ message }: { readonly message: MessageView }): ReactNode {
  return (
    <span className={css["meta"]} dir={document.documentElement.dir}>
      {message.editedAt !== undefined && message.body.type === "text" && <span>{t("message.edited")}</span>}
      <Countdown message={message} />
      <time dateTime={new Date(message.sentAt).toISOString()} title={formatMoment(message.sentAt)}>
        {formatTime(message.sentAt)}
      </time>
      {message.fromSelf && message.body.type !== "deleted" && <Ticks state={message.state} />}
    </span>
  );
}

function Quote({
  quote,
  onJump,
}: {
  readonly quote: NonNullable<MessageView["replyTo"]>;
  readonly onJump: (id: MessageId) => void;
}): ReactNode {
  return (
    <button
      type="button"
      className={css["quote"]}
      onClick={() => {
        onJump(quote.id);
      }}
    >
      <span className={css["spoken"]}>{t("message.jump-to-quoted")}</span>
      <span className={css["quoteName"]} dir="auto">
        {quote.fromSelf ? t("message.you") : quote.fromName}
      </span>
      <span className={css["quoteText"]} dir="auto">
        {describePreview(quote.preview)}
      </span>
    </button>
  );
}
