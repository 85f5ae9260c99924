import { useState, useSyncExternalStore, type ReactNode } from "react";
import { Sheet } from "../design/Sheet.tsx";
import { Button } from "../design/Button.tsx";
import { t } from "../locales/texts.ts";
import { showHost } from "../text/show-host.ts";
import { notify } from "../state/notices.ts";
import { onAsked, readAsked, stopAsking } from "./leaving.ts";
import css from "./LeaveConfirm.module.css";

/** Names the real host of a link, and follows it only when told to. */
export function LeaveConfirm(): ReactNode {
  const href = useSyncExternalStore(onAsked, readAsked);
  const [kept, setKept] = useState("");
  if (href !== undefined && href !== kept) setKept(href); // still drawn while the dialog closes
  const shown = href ?? kept;
  const mail = shown.startsWith("mailto:");
  return (
    <Sheet
      role="alertdialog"
      title={mail ? t("leave.mail-title") : t("leave.title")}
      open={href !== undefined}
      onClose={stopAsking}
      closable={false}
    >
      {shown !== "" && (
        <p className={css["host"]} dir="ltr">
          {showHost(shown)}
        </p>
      )}
      <p className={css["address"]} dir="ltr">
        {shown}
      </p>
      {shown.startsWith("http:") && <p>{t("leave.unencrypted")}</p>}
      <div className={css["actions"]}>
        <Button
          look="plain"
          icon="copy"
          onPress={() => {
            stopAsking();
            void navigator.clipboard.writeText(shown).then(() => {
              notify({ tone: "info", text: t("action.copied") });
            });
          }}
        >
          {t("action.copy")}
        </Button>
        <span className={css["gap"]} />
        <Button onPress={stopAsking}>{t("action.cancel")}</Button>
        <Button
          look="primary"
          onPress={() => {
            stopAsking();
            window.open(shown, "_blank", "noopener,noreferrer");
          }}
        >
          {t("leave.open")}
        </Button>
      </div>
    </Sheet>
  );
}
