import { useState, type ReactNode } from "react";
import { SwitchRow } from "../design/Row.tsx";
import { t } from "../locales/texts.ts";
import { askToNotify, canNotify, mayNotify, stopNotifying } from "../platform/notices-of-system.ts";
import { notify } from "../state/notices.ts";

/** Turns notifications on, which is when the browser asks, and off. */
export function NotificationRow(): ReactNode {
  const [on, setOn] = useState(mayNotify);
  if (!canNotify()) return null;
  const change = async (wanted: boolean): Promise<void> => {
    if (!wanted) {
      stopNotifying();
      setOn(false);
      return;
    }
    const allowed = await askToNotify();
    setOn(allowed);
    if (!allowed) notify({ tone: "error", text: t("notify.refused") });
  };
  return (
    <SwitchRow
      icon="bell"
      title={t("notify.title")}
      detail={t("notify.detail")}
      on={on}
      onChange={(wanted) => void change(wanted)}
    />
  );
}
