import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
} from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import type { ConversationView, MessageId, MessageView } from "@stonechat/core/client-api";
import { Icon } from "../design/icons.tsx";
import { formatNumber } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import type { Messages } from "../state/use-messages.ts";
import { buildRows, type MessageRow as Row } from "./build-rows.ts";
import { MessageMenu, type MenuActions } from "./MessageMenu.tsx";
import { MessageRow } from "./MessageRow.tsx";
import { Announcer } from "./Announcer.tsx";
import css from "./MessageList.module.css";

interface MessageListProps {
  readonly conversation: ConversationView;
  readonly messages: Messages;
  readonly actions: MenuActions;
}

const NEAR_END_PX = 80;
const NEAR_START_PX = 600;
const FLASH_MS = 1_600;

/** The messages of one conversation, oldest first. Draws only what is in view, and follows the newest. */
export function MessageList({ conversation, messages: source, actions }: MessageListProps): ReactNode {
  const { messages, hasOlder, loaded, prepended, firstUnreadId, loadOlder } = source;
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const rows = useMemo(() => buildRows(messages, firstUnreadId), [messages, firstUnreadId]);
  const [menu, setMenu] = useState<{ readonly message: MessageView; readonly anchor: HTMLElement }>();
  const [focusedId, setFocusedId] = useState<MessageId>();
  const { flashed, jumpTo } = useJump(rows, list, source);
  const { atEnd, missed, onScroll, toNewest } = useFollowing({ scroller, list, rows, messages, loaded, firstUnreadId });
  useMarkRead(conversation, messages, atEnd);

  const currentId = messages.some(({ id }) => id === focusedId) ? focusedId : lastMessageId(rows);
  const focusedIndex = rows.findIndex(({ key }) => key === focusedId);
  const onMenu = useCallback((message: MessageView, anchor: HTMLElement) => {
    setFocusedId(message.id);
    setMenu({ message, anchor });
  }, []);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (step === 0 || !(event.target instanceof HTMLElement) || event.target.dataset["message"] === undefined) return;
    event.preventDefault();
    const from = rows.findIndex(({ key }) => key === currentId);
    for (let index = from + step; index >= 0 && index < rows.length; index += step) {
      const row = rows[index];
      if (row?.type !== "message") continue;
      setFocusedId(row.key);
      list.current?.scrollToIndex(index, { align: "nearest" });
      requestAnimationFrame(() => {
        focusMessage(scroller.current, row.key);
      });
      return;
    }
  };

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
        {loaded && !hasOlder && <Beginning conversation={conversation} />}
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
              group={conversation.kind === "group"}
              current={row.key === currentId}
              flashed={row.key === flashed}
              onMenu={onMenu}
              onJump={jumpTo}
            />
          )}
        </Virtualizer>
      </div>
      {!atEnd && (
        <button
          type="button"
          className={css["newest"]}
          onClick={toNewest}
          aria-label={missed > 0 ? t("conversation.to-newest-count", { count: missed }) : t("conversation.to-newest")}
        >
          <Icon name="down" />
          {missed > 0 && (
            <span className={css["missed"]} aria-hidden="true">
              {formatNumber(missed)}
            </span>
          )}
        </button>
      )}
      <Announcer messages={messages} loaded={loaded} />
      {menu !== undefined && (
        <MessageMenu
          message={messages.find(({ id }) => id === menu.message.id) ?? menu.message}
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

function Beginning({ conversation }: { readonly conversation: ConversationView }): ReactNode {
  return (
    <p className={css["beginning"]}>
      <Icon name="lock" size="small" />
      <span>{t(conversation.kind === "own" ? "conversation.beginning-own" : "conversation.beginning")}</span>
    </p>
  );
}

interface Following {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly list: RefObject<VirtualizerHandle | null>;
  readonly rows: readonly Row[];
  readonly messages: readonly MessageView[];
  readonly loaded: boolean;
  readonly firstUnreadId: MessageId | undefined;
}

/** Stays at the newest message unless the user scrolled away, and counts what came meanwhile. */
function useFollowing({ scroller, list, rows, messages, loaded, firstUnreadId }: Following): {
  readonly atEnd: boolean;
  readonly missed: number;
  readonly onScroll: () => void;
  readonly toNewest: () => void;
} {
  const [atEnd, setAtEnd] = useState(true);
  const [seenOrder, setSeenOrder] = useState<number>();
  const newest = messages.at(-1);
  const following = useRef(true);
  const started = useRef(false);

  const toEnd = useCallback(() => {
    list.current?.scrollToIndex(rows.length - 1, { align: "end" });
  }, [list, rows.length]);

  useLayoutEffect(() => {
    if (!loaded || rows.length === 0) return;
    if (!started.current) {
      started.current = true;
      const unread = rows.findIndex(({ type }) => type === "new");
      if (unread >= 0 && firstUnreadId !== undefined) list.current?.scrollToIndex(unread, { align: "center" });
      else toEnd();
      return;
    }
    if (following.current || newest?.fromSelf === true) toEnd();
    // Only a new message moves the list.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [loaded, newest?.id, rows.length]);

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => {
      if (following.current) toEnd();
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [scroller, toEnd]);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const end = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
    following.current = end;
    setAtEnd(end);
    if (end) setSeenOrder(newest?.order);
  }, [scroller, newest?.order]);

  const seen = seenOrder ?? newest?.order ?? 0;
  const missed = atEnd
    ? 0
    : messages.filter(({ order, fromSelf, body }) => order > seen && !fromSelf && body.type !== "notice").length;
  return { atEnd, missed, onScroll, toNewest: toEnd };
}

/** Scrolls to a message, loading older ones until it is there, and lets it glow for a moment. */
function useJump(
  rows: readonly Row[],
  list: RefObject<VirtualizerHandle | null>,
  { hasOlder, loadOlder }: Messages,
): { readonly flashed: string | undefined; readonly jumpTo: (id: MessageId) => void } {
  const [wanted, setWanted] = useState<MessageId>();
  const [flashed, setFlashed] = useState<MessageId>();
  useEffect(() => {
    if (wanted === undefined) return;
    const index = rows.findIndex(({ key }) => key === wanted);
    if (index < 0 && hasOlder) {
      void loadOlder();
      return;
    }
    setWanted(undefined);
    if (index < 0) return;
    list.current?.scrollToIndex(index, { align: "center" });
    setFlashed(wanted);
  }, [wanted, rows, hasOlder, loadOlder, list]);
  useEffect(() => {
    if (flashed === undefined) return undefined;
    const timer = setTimeout(() => {
      setFlashed(undefined);
    }, FLASH_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [flashed]);
  return { flashed, jumpTo: setWanted };
}

/** Tells the core what was on screen: only while the page is in front and the newest messages are in view. */
function useMarkRead(conversation: ConversationView, messages: readonly MessageView[], atEnd: boolean): void {
  const { client } = useClient();
  const newestReceived = messages.findLast(({ fromSelf }) => !fromSelf)?.id;
  const { id, unread } = conversation;
  useEffect(() => {
    if (newestReceived === undefined || !atEnd || unread === 0) return undefined;
    const mark = (): void => {
      if (document.visibilityState === "visible" && document.hasFocus())
        void act(() => client.markRead(id, newestReceived));
    };
    mark();
    document.addEventListener("visibilitychange", mark);
    addEventListener("focus", mark);
    return () => {
      document.removeEventListener("visibilitychange", mark);
      removeEventListener("focus", mark);
    };
  }, [client, id, newestReceived, atEnd, unread]);
}

function lastMessageId(rows: readonly Row[]): string | undefined {
  return rows.findLast(({ type }) => type === "message")?.key;
}

function focusMessage(scroller: HTMLElement | null, id: MessageId): void {
  scroller?.querySelector<HTMLElement>(`[data-message="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
}
