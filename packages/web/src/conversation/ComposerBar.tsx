import type { ReactNode } from "react";
import { IconButton } from "../design/Button.tsx";
import { Icon } from "../design/icons.tsx";
import { isolate } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import type { ComposerMode } from "./use-composer.ts";
import { previewMessage } from "./describe.ts";
import css from "./ComposerBar.module.css";

interface ComposerBarProps {
  readonly mode: Exclude<ComposerMode, { readonly type: "new" }>;
  readonly onClose: () => void;
}

/** Above the text: which message is answered or edited. */
export function ComposerBar({ mode, onClose }: ComposerBarProps): ReactNode {
  const { message } = mode;
  const answering = message.fromSelf
    ? t("composer.replying-own")
    : t("composer.replying", { name: isolate(message.fromName) });
  return (
    <div className={css["bar"]}>
      <Icon name={mode.type === "edit" ? "compose" : "reply"} />
      <div className={css["text"]}>
        <p className={css["title"]} dir="auto">
          {mode.type === "edit" ? t("composer.editing") : answering}
        </p>
        <p className={css["quote"]} dir="auto">
          {previewMessage(message)}
        </p>
      </div>
      <IconButton
        icon="close"
        look="small"
        label={mode.type === "edit" ? t("composer.stop-editing") : t("composer.stop-replying")}
        onPress={onClose}
      />
    </div>
  );
}
