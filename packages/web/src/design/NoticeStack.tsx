import { useSyncExternalStore, type ReactNode } from "react";
import { dismiss, onNotices, readNotices } from "../state/notices.ts";
import { t } from "../locales/texts.ts";
import { IconButton } from "./Button.tsx";
import { Icon } from "./icons.tsx";
import css from "./NoticeStack.module.css";

/** Short lines above the lower edge; read out as they appear. */
export function NoticeStack(): ReactNode {
  const notices = useSyncExternalStore(onNotices, readNotices);
  return (
    <div className={css["stack"]} role="status" data-react-aria-top-layer="true">
      {notices.map((notice) => (
        <div key={notice.id} className={css["notice"]}>
          <Icon name={notice.tone === "error" ? "warning" : "info"} />
          <p className={css["text"]}>{notice.text}</p>
          <IconButton
            icon="close"
            look="small"
            label={t("action.dismiss")}
            onPress={() => {
              dismiss(notice.id);
            }}
          />
        </div>
      ))}
    </div>
  );
}
