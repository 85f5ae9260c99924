import { useRef, type KeyboardEvent, type MouseEvent, type ReactNode } from "react";
import type { ConversationKind, MessageView } from "@stonechat/core/client-api";
import { Avatar } from "../design/Avatar.tsx";
import { Banner } from "../design/Banner.tsx";
import { cx } from "../design/cx.ts";
import { Icon } from "../design/icons.tsx";
import { formatDay, formatTime } from "../locales/format.ts";
import { t, type TextId } from "../locales/texts.ts";
import type { MessageRow as Row } from "./build-rows.ts";
import { describeNotice, describeState, previewMessage } from "./describe.ts";
import { MessageBubble } from "./MessageBubble.tsx";
import { ReactionBar } from "./ReactionBar.tsx";
import { useLongPress } from "./use-long-press.ts";
import css from "./MessageRow.module.css";

interface MessageRowProps {
  readonly row: Row;
  readonly kind: ConversationKind;
  /** Reached by Tab; the others by the arrow keys. */
  readonly current: boolean;
  readonly flashed: boolean;
  readonly onMenu: (message: MessageView, anchor: HTMLElement) => void;
  readonly onJump: (id: string) => void;
}

/** One line of the list: a day, the line above new messages, a notice, or a message with its menu and reactions. */
export function MessageRow({ row, kind, current, flashed, onMenu, onJump }: MessageRowProps): ReactNode {
  switch (row.type) {
    case "day":
      return (
        <div className={css["day"]}>
          <span>{formatDay(row.at, Date.now())}</span>
        </div>
      );
    case "new":
      return (
        <div className={css["new"]} role="separator" aria-label={t("conversation.new-messages")}>
          <span>{t("conversation.new-messages")}</span>
        </div>
      );
    case "beginning":
      return <Beginning own={kind === "own"} />;
    case "notice":
      return <NoticeRow message={row.message} />;
    case "message":
      return <Message row={row} kind={kind} current={current} flashed={flashed} onMenu={onMenu} onJump={onJump} />;
  }
}

function Beginning({ own }: { readonly own: boolean }): ReactNode {
  return (
    <p className={css["beginning"]}>
      <Icon name="lock" size="small" />
      <span>{t(own ? "conversation.beginning-own" : "conversation.beginning")}</span>
    </p>
  );
}

function NoticeRow({ message }: { readonly message: MessageView }): ReactNode {
  if (message.body.type !== "notice") return null;
  const { notice } = message.body;
  // What a put-back means stands above everything, and in the settings: here it only says where it was.
  if (notice.type === "alarm" && notice.alarm !== "relay-put-back") {
    return (
      <div className={css["alarm"]}>
        <Banner
          tone="danger"
          icon="warning"
          title={describeNotice(notice)}
          text={t(`alarm.${notice.alarm}.text` satisfies TextId)}
        />
      </div>
    );
  }
  return (
    <div className={css["notice"]}>
      <p>
        {notice.type === "devices-changed" && <Icon name="device" size="small" />}
        {notice.type === "alarm" && <Icon name="warning" size="small" />}
        {notice.type === "timer-changed" && <Icon name="timer" size="small" />}
        {describeNotice(notice)}
      </p>
    </div>
  );
}

function Message({
  row,
  kind,
  current,
  flashed,
  onMenu,
  onJump,
}: MessageRowProps & { readonly row: Extract<Row, { type: "message" }> }): ReactNode {
  const { message, first, last } = row;
  const group = kind === "group";
  const anchor = useRef<HTMLButtonElement>(null);
  const openMenu = (): void => {
    if (anchor.current !== null) onMenu(message, anchor.current);
  };
  const longPress = useLongPress(openMenu);
  const onContextMenu = (event: MouseEvent): void => {
    // A selection or a link keeps the browser's own menu.
    if (
      getSelection()?.isCollapsed === false ||
      (event.target instanceof Element && event.target.closest("a") !== null)
    )
      return;
    event.preventDefault();
    openMenu();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    if (event.key !== "Enter" && event.key !== "ContextMenu" && !(event.key === "F10" && event.shiftKey)) return;
    event.preventDefault();
    openMenu();
  };
  return (
    <article
      className={cx(
        css["row"],
        message.fromSelf ? css["own"] : css["other"],
        last && css["last"],
        flashed && css["flashed"],
      )}
      aria-label={nameOf(message)}
      tabIndex={current ? 0 : -1}
      data-message={message.id}
      onContextMenu={onContextMenu}
      onKeyDown={onKeyDown}
      {...longPress}
    >
      {group && !message.fromSelf && (
        <span className={css["avatar"]}>
          {last && <Avatar id={message.fromId} name={message.fromName} size="small" />}
        </span>
      )}
      <div className={css["stack"]}>
        <div className={css["line"]}>
          <MessageBubble
            message={message}
            first={first}
            last={last}
            named={group && !message.fromSelf}
            onJump={onJump}
          />
          <button
            ref={anchor}
            type="button"
            tabIndex={current ? 0 : -1}
            className={css["more"]}
            aria-haspopup="menu"
            aria-label={t("message.menu")}
            onClick={openMenu}
          >
            <Icon name="more" />
          </button>
        </div>
        {message.reactions.length > 0 && <ReactionBar message={message} focusable={current} />}
        {message.fromSelf && (message.state === "failed" || message.state === "expired") && (
          <p className={css["failed"]}>{describeState(message.state)}</p>
        )}
      </div>
    </article>
  );
}

/** What a screen reader says of a message as a whole. */
function nameOf(message: MessageView): string {
  const text = previewMessage(message);
  const name = message.fromSelf ? t("message.you") : message.fromName;
  const spoken = t("message.spoken", { name, text, time: formatTime(message.sentAt) });
  return message.fromSelf && message.state !== "received" ? `${spoken} ${describeState(message.state)}` : spoken;
}
