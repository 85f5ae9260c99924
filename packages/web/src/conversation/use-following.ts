import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";
import type { VirtualizerHandle } from "virtua";
import type { MessageId, MessageView } from "@stonechat/core/client-api";
import type { MessageRow as Row } from "./build-rows.ts";

const NEAR_END_PX = 80;

interface Following {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly list: RefObject<VirtualizerHandle | null>;
  readonly rows: readonly Row[];
  readonly messages: readonly MessageView[];
  readonly loaded: boolean;
  readonly firstUnreadId: MessageId | undefined;
}

/** Stays at the newest message unless the user scrolled away, and counts what came meanwhile. */
export function useFollowing({ scroller, list, rows, messages, loaded, firstUnreadId }: Following): {
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
