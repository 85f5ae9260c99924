import type { ReactNode } from "react";
import { cx } from "../design/cx.ts";
import { IconButton } from "../design/Button.tsx";
import { Icon } from "../design/icons.tsx";
import { SwitchRow } from "../design/Row.tsx";
import { formatSpan } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import type { PendingFile } from "./prepare-file.ts";
import css from "./MessageExtras.module.css";

/** Above the text: that this one message disappears sooner than the others. */
export function TimerBar({ seconds, onClose }: { readonly seconds: number; readonly onClose: () => void }): ReactNode {
  return (
    <div className={css["bar"]} role="status">
      <Icon name="timer" />
      <p className={css["text"]}>{t("composer.timer-set", { time: formatSpan(seconds) })}</p>
      <IconButton icon="close" look="small" label={t("composer.timer-clear")} onPress={onClose} />
    </div>
  );
}

/** Above the text: that files which were sent are being encrypted. Drawn only if that takes a while. */
export function PreparingBar({ files }: { readonly files: readonly PendingFile[] }): ReactNode {
  return (
    <div className={cx(css["bar"], css["late"])} role="status">
      <Icon name="lock" />
      <p className={css["text"]}>{t("composer.preparing", { count: files.length })}</p>
    </div>
  );
}

/** Whether the one file can be opened one time only. */
export function ViewOnceSwitch({
  on,
  onChange,
}: {
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}): ReactNode {
  return (
    <div className={css["once"]}>
      <SwitchRow
        icon="once"
        title={t("composer.view-once")}
        detail={t("composer.view-once-detail")}
        on={on}
        onChange={onChange}
      />
    </div>
  );
}
