import { Suspense, useImperativeHandle, useRef, useState, type KeyboardEvent, type ReactNode, type Ref } from "react";
import type { ConversationView } from "@stonechat/core/client-api";
import { useMedia } from "../app/use-media.ts";
import { IconButton } from "../design/Button.tsx";
import { LazyEmojiSheet } from "../emoji/lazy-emoji.ts";
import { t } from "../locales/texts.ts";
import { ComposerBar } from "./ComposerBar.tsx";
import { PendingFiles } from "./PendingFiles.tsx";
import { Room, TextBox } from "./TextBox.tsx";
import { useComposer, type ComposerMode } from "./use-composer.ts";
import css from "./Composer.module.css";

export interface ComposerHandle {
  readonly addFiles: (files: readonly File[]) => void;
  readonly focus: () => void;
}

interface ComposerProps {
  readonly conversation: ConversationView;
  readonly mode: ComposerMode;
  readonly onModeChange: (mode: ComposerMode) => void;
  readonly handle: Ref<ComposerHandle>;
}

/** Where a message is written: text, emoji, files; keeps the draft. Enter sends where there is a real keyboard. */
export function Composer({ conversation, mode, onModeChange, handle }: ComposerProps): ReactNode {
  const area = useRef<HTMLTextAreaElement>(null);
  const [picking, setPicking] = useState(false);
  const touch = useMedia("(pointer: coarse)");
  const { text, setText, files, removeFile, addFiles, sendable, send, leaveMode } = useComposer({
    conversation,
    mode,
    onModeChange,
    area,
  });
  useImperativeHandle(handle, () => ({ addFiles, focus: () => area.current?.focus() }));

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !touch) {
      event.preventDefault();
      send();
    }
    if (event.key === "Escape" && mode.type !== "new") {
      event.preventDefault();
      leaveMode();
    }
  };
  const insert = (emoji: string): void => {
    const at = area.current;
    setText((old) =>
      at === null ? old + emoji : old.slice(0, at.selectionStart) + emoji + old.slice(at.selectionEnd),
    );
    setPicking(false);
  };

  return (
    <div className={css["composer"]}>
      {mode.type !== "new" && <ComposerBar mode={mode} onClose={leaveMode} />}
      {files.length > 0 && <PendingFiles files={files} onRemove={removeFile} />}
      <div className={css["line"]}>
        {mode.type !== "edit" && <FileButton onFiles={addFiles} />}
        <TextBox
          area={area}
          text={text}
          touch={touch}
          onText={setText}
          onKeyDown={onKeyDown}
          onFiles={addFiles}
          onEmoji={() => {
            setPicking(true);
          }}
        />
        <IconButton
          icon={mode.type === "edit" ? "check" : "send"}
          look="filled"
          label={mode.type === "edit" ? t("composer.save") : t("composer.send")}
          isDisabled={!sendable}
          onPress={send}
        />
      </div>
      <Room text={text} />
      {picking && (
        <Suspense fallback={null}>
          <LazyEmojiSheet
            onPick={insert}
            onClose={() => {
              setPicking(false);
            }}
          />
        </Suspense>
      )}
    </div>
  );
}

function FileButton({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }): ReactNode {
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton icon="clip" label={t("composer.attach")} onPress={() => chooser.current?.click()} />
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        aria-label={t("composer.attach")}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}
