import { useEffect, useRef } from "react";
import type { ConversationView } from "@stonechat/core/client-api";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";

const DRAFT_DELAY_MS = 400;

/** Keeps what is being written in the core, a moment after the last key and when the conversation is left. */
export function useDraft(
  conversation: ConversationView,
  text: string,
  keeps: boolean,
): { readonly read: () => string; readonly forget: () => void } {
  const { client } = useClient();
  const kept = useRef(conversation.draft);
  const pending = useRef<string>(undefined);
  useEffect(() => {
    if (!keeps) return undefined;
    pending.current = text;
    if (text === kept.current) return undefined;
    const timer = setTimeout(save, DRAFT_DELAY_MS);
    return () => {
      clearTimeout(timer);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [text, keeps]);
  useEffect(() => {
    document.addEventListener("visibilitychange", save);
    return () => {
      document.removeEventListener("visibilitychange", save);
      save();
    };
    // Once for the conversation's life on screen.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  function save(): void {
    const next = pending.current;
    if (next === undefined || next === kept.current) return;
    kept.current = next;
    pending.current = undefined;
    void act(() => client.setDraft(conversation.id, next));
  }

  return {
    read: () => pending.current ?? kept.current,
    forget: () => {
      pending.current = "";
      save();
    },
  };
}
