import { useEffect } from "react";
import type { ConversationView, MessageView } from "@stonechat/core/client-api";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";

/** Tells the core what was on screen: only while the page is in front and the newest messages are in view. */
export function useMarkRead(conversation: ConversationView, messages: readonly MessageView[], atEnd: boolean): void {
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
