import {
  lazy,
  Suspense,
  useImperativeHandle,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
} from "react";
import type { ConversationView } from "@stonechat/core/client-api";
import { useMedia } from "../app/use-media.ts";
import { IconButton } from "../design/Button.tsx";
import { LazyEmojiSheet } from "../emoji/lazy-emoji.ts";
import { t } from "../locales/texts.ts";
import { ComposerBar } from "./ComposerBar.tsx";
import { PreparingBar, TimerBar, ViewOnceSwitch } from "./MessageExtras.tsx";
import { PendingFiles } from "./PendingFiles.tsx";
import { Room, TextBox } from "./TextBox.tsx";
import { useComposer, type ComposerMode, type ComposerState } from "./use-composer.ts";
import css from "./Composer.module.css";

const TimerSheet = lazy(async () => ({ default: (await import("../timer/TimerSheet.tsx")).TimerSheet }));

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
  const [timing, setTiming] = useState(false);
  const composer = useComposer({ conversation, mode, onModeChange, area });
  const { text, setText, addFiles, send, leaveMode } = composer;
  const editing = mode.type === "edit";
  const openTimer = (): void => {
    setTiming(true);
  };
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
      <Above mode={mode} composer={composer} />
      <div className={css["line"]}>
        {!editing && <FileButton onFiles={addFiles} />}
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
          onTimer={editing ? undefined : openTimer}
        />
        <IconButton
          icon={editing ? "check" : "send"}
          look="filled"
          label={editing ? t("composer.save") : t("composer.send")}
          isDisabled={!composer.sendable}
          onPress={send}
        />
      </div>
      <Room text={text} />
      {timing && (
        <MessageTimer
          conversation={conversation}
          composer={composer}
          onClose={() => {
            setTiming(false);
            area.current?.focus();
          }}
        />
      )}
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

/** Asks when this one message disappears. */
function MessageTimer({
  conversation,
  composer,
  onClose,
}: {
  readonly conversation: ConversationView;
  readonly composer: ComposerState;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <Suspense fallback={null}>
      <TimerSheet
        title={t("composer.timer")}
        text={t(conversation.timerSeconds === 0 ? "composer.timer-alone" : "composer.timer-text")}
        seconds={composer.timerSeconds}
        below={conversation.timerSeconds}
        none={t("composer.timer-none")}
        onChosen={composer.setTimerSeconds}
        onClose={onClose}
      />
    </Suspense>
  );
}

/** What goes with the text or says something about it. */
function Above({ mode, composer }: { readonly mode: ComposerMode; readonly composer: ComposerState }): ReactNode {
  const { files, preparing, timerSeconds, viewOnce } = composer;
  return (
    <>
      {preparing.length > 0 && <PreparingBar files={preparing} />}
      {mode.type !== "new" && <ComposerBar mode={mode} onClose={composer.leaveMode} />}
      {files.length > 0 && <PendingFiles files={files} onRemove={composer.removeFile} />}
      {viewOnce !== undefined && <ViewOnceSwitch on={viewOnce} onChange={composer.setViewOnce} />}
      {timerSeconds > 0 && (
        <TimerBar
          seconds={timerSeconds}
          onClose={() => {
            composer.setTimerSeconds(0);
          }}
        />
      )}
    </>
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
