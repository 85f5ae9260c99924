import { useEffect, useRef, useState, type ReactNode } from "react";
import type { MessageView } from "@stonechat/core/client-api";
import { t } from "../locales/texts.ts";
import { previewMessage } from "./describe.ts";
import css from "./Announcer.module.css";

/** Reads new messages out. The list itself is silent, because scrolling draws old ones anew. */
export function Announcer({
  messages,
  loaded,
}: {
  readonly messages: readonly MessageView[];
  readonly loaded: boolean;
}): ReactNode {
  const [spoken, setSpoken] = useState("");
  const heard = useRef<number>(undefined);
  useEffect(() => {
    if (!loaded) return;
    const newest = messages.at(-1)?.order ?? 0;
    if (heard.current !== undefined) {
      const fresh = messages.filter(({ order, fromSelf }) => order > (heard.current ?? 0) && !fromSelf);
      const last = fresh.at(-1);
      if (last !== undefined) {
        setSpoken(
          fresh.length === 1
            ? t("conversation.announce", { name: last.fromName, text: previewMessage(last) })
            : t("conversation.announce-many", { count: fresh.length }),
        );
      }
    }
    heard.current = Math.max(heard.current ?? 0, newest);
  }, [messages, loaded]);
  return (
    <p className={css["spoken"]} aria-live="polite">
      {spoken}
    </p>
  );
}
