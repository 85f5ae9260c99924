import { useEffect } from "react";
import { t } from "../locales/texts.ts";
import { mayNotify, showNotice } from "../platform/notices-of-system.ts";
import { useClient } from "../state/client-context.ts";
import { deservesNotice } from "./notification.ts";

/** Says that something came, and never what or from whom. Ends, and takes its notice away, with the open app. */
export function Notifier(): null {
  const { client } = useClient();
  useEffect(() => {
    let put: (() => void) | undefined;
    const putAway = (): void => {
      put?.();
      put = undefined;
    };
    const isInFront = (): boolean => document.visibilityState === "visible" && document.hasFocus();
    const end = client.onEvent((event) => {
      if (!mayNotify() || !deservesNotice(event, isInFront())) return;
      putAway();
      put = showNotice(t("notify.message"));
    });
    addEventListener("focus", putAway);
    return () => {
      end();
      removeEventListener("focus", putAway);
      putAway();
    };
  }, [client]);
  return null;
}
