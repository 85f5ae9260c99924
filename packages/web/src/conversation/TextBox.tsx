import type { ClipboardEvent, KeyboardEvent, ReactNode, RefObject } from "react";
import { IconButton } from "../design/Button.tsx";
import { formatNumber } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { MAX_TEXT_BYTES, utf8Length, WARN_TEXT_BYTES } from "../text/message-length.ts";
import css from "./Composer.module.css";

interface TextBoxProps {
  readonly area: RefObject<HTMLTextAreaElement | null>;
  readonly text: string;
  readonly touch: boolean;
  readonly onText: (text: string) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onEmoji: () => void;
  /** Chooses when this one message disappears; undefined while an old one is edited. */
  readonly onTimer: (() => void) | undefined;
}

/** The box one writes in. Pasted files become attachments; pasted text is plain text. */
export function TextBox({ area, text, touch, onText, onKeyDown, onFiles, onEmoji, onTimer }: TextBoxProps): ReactNode {
  const bytes = utf8Length(text);
  const onPaste = (event: ClipboardEvent): void => {
    const pasted = [...event.clipboardData.files];
    if (pasted.length === 0) return; // a text area takes text as plain text by itself
    event.preventDefault();
    onFiles(pasted);
  };
  return (
    <div className={css["box"]}>
      <textarea
        ref={area}
        className={css["area"]}
        rows={1}
        // Of nothing the browser would say that it goes from left to right.
        dir={text === "" ? undefined : "auto"}
        value={text}
        placeholder={t("composer.placeholder")}
        aria-label={t("composer.label")}
        aria-invalid={bytes > MAX_TEXT_BYTES}
        aria-describedby={bytes > WARN_TEXT_BYTES ? "composer-room" : undefined}
        enterKeyHint={touch ? "enter" : "send"}
        onChange={(event) => {
          onText(event.currentTarget.value);
        }}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
      {onTimer !== undefined && <IconButton icon="timer" label={t("composer.timer")} onPress={onTimer} />}
      <IconButton icon="smile" label={t("composer.emoji")} onPress={onEmoji} />
    </div>
  );
}

/** How much room is left, once it matters. */
export function Room({ text }: { readonly text: string }): ReactNode {
  const bytes = utf8Length(text);
  if (bytes <= WARN_TEXT_BYTES) return null;
  const tooLong = bytes > MAX_TEXT_BYTES;
  return (
    <p id="composer-room" role="status" className={tooLong ? css["tooLong"] : css["room"]}>
      {tooLong
        ? t("composer.too-long", { count: formatNumber(bytes - MAX_TEXT_BYTES) })
        : t("composer.room", { count: formatNumber(MAX_TEXT_BYTES - bytes) })}
    </p>
  );
}
