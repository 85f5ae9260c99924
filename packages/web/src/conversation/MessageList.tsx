import { useCallback, useMemo, useRef, useState, type ReactNode } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import type { ConversationView, MessageView } from "@stonechat/core/client-api";
import { Icon } from "../design/icons.tsx";
import { formatNumber } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import type { Messages } from "../state/use-messages.ts";
import { Announcer } from "./Announcer.tsx";
import { buildRows, type MessageRow as Row } from "./build-rows.ts";
import { MessageMenu, type MenuActions } from "./MessageMenu.tsx";
import { MessageRow } from "./MessageRow.tsx";
import { useFollowing } from "./use-following.ts";
import { useJump } from "./use-jump.ts";
import { useMarkRead } from "./use-mark-read.ts";
import { useRoving } from "./use-roving.ts";
import css from "./MessageList.module.css";

interface MessageListProps {
  readonly conversation: ConversationView;
  readonly messages: Messages;
  readonly actions: MenuActions;
}

const NEAR_START_PX = 600;
const BEGINNING: readonly Row[] = [{ type: "beginning", key: "beginning" }];

/** The messages of one conversation, oldest first. Draws only what is in view, and follows the newest. */
export function MessageList({ conversation, messages: source, actions }: MessageListProps): ReactNode {
  const { messages, hasOlder, loaded, prepended, firstUnreadId, loadOlder } = source;
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  // The beginning is a row like the others: what stood outside of the list would be left out when it scrolls to an end.
  const rows = useMemo(
    () => [...(loaded && !hasOlder ? BEGINNING : []), ...buildRows(messages, firstUnreadId)],
    [messages, firstUnreadId, loaded, hasOlder],
  );
  const [menu, setMenu] = useState<{ readonly message: MessageView; readonly anchor: HTMLElement }>();
  const { currentId, focusedIndex, setFocusedId, onKeyDown } = useRoving(rows, list, scroller);
  const { flashed, jumpTo } = useJump(conversation.id, rows, list, source);
  const { atEnd, missed, onScroll, toNewest } = useFollowing({ scroller, list, rows, messages, loaded, firstUnreadId });
  useMarkRead(conversation, messages, atEnd);

  const onMenu = useCallback(
    (message: MessageView, anchor: HTMLElement) => {
      setFocusedId(message.id);
      setMenu({ message, anchor });
    },
    [setFocusedId],
  );

  // What has disappeared takes its menu along.
  const menuMessage = menu === undefined ? undefined : messages.find(({ id }) => id === menu.message.id);
  return (
    <div className={css["area"]}>
      <div
        ref={scroller}
        className={css["scroller"]}
        role="log"
        aria-live="off"
        aria-label={t("conversation.messages")}
        aria-busy={!loaded}
        tabIndex={messages.length === 0 ? 0 : -1}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          const id = event.target.closest<HTMLElement>("[data-message]")?.dataset["message"];
          if (id !== undefined) setFocusedId(id);
        }}
      >
        <div className={css["spacer"]} />
        <Virtualizer
          ref={list}
          scrollRef={scroller}
          data={rows}
          shift={prepended}
          bufferSize={600}
          keepMounted={focusedIndex < 0 ? [] : [focusedIndex]}
          onScroll={(offset) => {
            onScroll();
            if (offset < NEAR_START_PX && hasOlder) void loadOlder();
          }}
        >
          {(row) => (
            <MessageRow
              key={row.key}
              row={row}
              kind={conversation.kind}
              current={row.key === currentId}
              flashed={row.key === flashed}
              onMenu={onMenu}
              onJump={jumpTo}
            />
          )}
        </Virtualizer>
      </div>
      {!atEnd && <ToNewest missed={missed} onPress={toNewest} />}
      <Announcer messages={messages} loaded={loaded} />
      {menu !== undefined && menuMessage !== undefined && (
        <MessageMenu
          message={menuMessage}
          anchor={menu.anchor}
          conversation={conversation}
          actions={actions}
          onClose={() => {
            setMenu(undefined);
          }}
        />
      )}
    </div>
  );
}

function ToNewest({ missed, onPress }: { readonly missed: number; readonly onPress: () => void }): ReactNode {
  const label = missed > 0 ? t("conversation.to-newest-count", { count: missed }) : t("conversation.to-newest");
  return (
    <button type="button" className={css["newest"]} onClick={onPress} aria-label={label}>
      <Icon name="down" />
      {missed > 0 && (
        <span className={css["missed"]} aria-hidden="true">
          {formatNumber(missed)}
        </span>
      )}
    </button>
  );
}
