import { Suspense, useMemo, useRef, useState, type ReactNode } from "react";
import type { ConversationView, MessageView } from "@stonechat/core/client-api";
import { ActionMenu, type MenuAction } from "../design/ActionMenu.tsx";
import { IconButton } from "../design/Button.tsx";
import { cx } from "../design/cx.ts";
import { LazyEmojiSheet } from "../emoji/lazy-emoji.ts";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { notify } from "../state/notices.ts";
import css from "./MessageMenu.module.css";

/** What the menu leaves to the conversation. */
export interface MenuActions {
  readonly reply: (message: MessageView) => void;
  readonly edit: (message: MessageView) => void;
  readonly remove: (message: MessageView) => void;
  readonly readers: (message: MessageView) => void;
}

interface MessageMenuProps {
  readonly message: MessageView;
  readonly conversation: ConversationView;
  readonly anchor: HTMLElement;
  readonly actions: MenuActions;
  readonly onClose: () => void;
}

const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

/** What one can do with a message: react, reply, copy, edit, see its readers, delete. */
export function MessageMenu({ message, conversation, anchor, actions, onClose }: MessageMenuProps): ReactNode {
  const { client } = useClient();
  const anchorRef = useRef<HTMLElement>(anchor);
  const [picking, setPicking] = useState(false);
  const live = message.body.type === "text";
  const active = conversation.state === "active";
  const react = (emoji: string): void => {
    const mine = message.reactions.some((reaction) => reaction.emoji === emoji && reaction.self);
    onClose();
    void act(() => client.react(message.conversationId, message.id, emoji, mine));
  };
  const items = useMemo(() => listActions(message, active, actions), [message, active, actions]);
  if (picking) {
    return (
      <Suspense fallback={null}>
        <LazyEmojiSheet onPick={react} onClose={onClose} />
      </Suspense>
    );
  }
  const quick = live && active && (
    <div className={css["quick"]} role="group" aria-label={t("message.react")}>
      {QUICK.map((emoji) => {
        const mine = message.reactions.some((reaction) => reaction.emoji === emoji && reaction.self);
        return (
          <button
            key={emoji}
            type="button"
            className={cx(css["emoji"], mine && css["mine"])}
            aria-pressed={mine}
            aria-label={t("message.react-with", { emoji })}
            onClick={() => {
              react(emoji);
            }}
          >
            {emoji}
          </button>
        );
      })}
      <IconButton
        icon="plus"
        look="small"
        label={t("message.react-more")}
        onPress={() => {
          setPicking(true);
        }}
      />
    </div>
  );
  return (
    <ActionMenu
      label={t("message.menu")}
      anchor={anchorRef}
      open
      onClose={onClose}
      actions={items}
      above={quick === false ? undefined : quick}
    />
  );
}

function listActions(message: MessageView, active: boolean, actions: MenuActions): readonly MenuAction[] {
  const { body } = message;
  const items: MenuAction[] = [];
  if (active && body.type === "text")
    items.push({
      id: "reply",
      icon: "reply",
      label: t("message.reply"),
      onAction: () => {
        actions.reply(message);
      },
    });
  if (active && message.canEdit && body.type === "text")
    items.push({
      id: "edit",
      icon: "compose",
      label: t("message.edit"),
      onAction: () => {
        actions.edit(message);
      },
    });
  if (body.type === "text" && body.text !== "") {
    const { text } = body;
    items.push({
      id: "copy",
      icon: "copy",
      label: t("message.copy"),
      onAction: () =>
        void act(async () => {
          await navigator.clipboard.writeText(text);
          notify({ tone: "info", text: t("action.copied") });
        }),
    });
  }
  items.push({
    id: "readers",
    icon: "eye",
    label: t("message.readers"),
    onAction: () => {
      actions.readers(message);
    },
  });
  items.push({
    id: "delete",
    icon: "trash",
    label: t("message.delete"),
    danger: true,
    onAction: () => {
      actions.remove(message);
    },
  });
  return items;
}
