import { useEffect, useRef, useState, type ReactNode } from "react";
import type { MessageId, MessageView } from "@stonechat/core/client-api";
import { t } from "../locales/texts.ts";
import { previewMessage } from "./describe.ts";
import css from "./Announcer.module.css";

/** Reads new messages out; what has disappeared is not there to be read again. The list itself is silent, because scrolling draws old ones anew. */
export function Announcer({
  messages,
  loaded,
}: {
  readonly messages: readonly MessageView[];
  readonly loaded: boolean;
}): ReactNode {
  const [spoken, setSpoken] = useState<{ readonly id: MessageId; readonly text: string }>();
  const heard = useRef<number>(undefined);
  useEffect(() => {
    if (!loaded) return;
    const newest = messages.at(-1)?.order ?? 0;
    if (heard.current !== undefined) {
      const fresh = messages.filter(({ order, fromSelf }) => order > (heard.current ?? 0) && !fromSelf);
      const last = fresh.at(-1);
      if (last !== undefined) {
        setSpoken({
          id: last.id,
          text:
            fresh.length === 1
              ? t("conversation.announce", { name: last.fromName, text: previewMessage(last) })
              : t("conversation.announce-many", { count: fresh.length }),
        });
      }
    }
    heard.current = Math.max(heard.current ?? 0, newest);
  }, [messages, loaded]);
  return (
    <p className={css["spoken"]} aria-live="polite">
      {spoken !== undefined && messages.some(({ id }) => id === spoken.id) && spoken.text}
    </p>
  );
}
