import {
  Suspense,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  type RefObject,
} from "react";
import type { Client, ConversationId, ConversationView, MessageId, MessageView } from "@stonechat/core/client-api";
import { useMedia } from "../app/use-media.ts";
import { IconButton } from "../design/Button.tsx";
import { LazyEmojiSheet } from "../emoji/lazy-emoji.ts";
import { formatNumber } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { MAX_TEXT_BYTES, utf8Length, WARN_TEXT_BYTES } from "../text/message-length.ts";
import { batchFiles } from "./batch-files.ts";
import { ComposerBar } from "./ComposerBar.tsx";
import { PendingFiles } from "./PendingFiles.tsx";
import { prepareFile, type PendingFile } from "./prepare-file.ts";
import css from "./Composer.module.css";

/** What the message being written refers to. */
export type ComposerMode =
  { readonly type: "new" } | { readonly type: "reply" | "edit"; readonly message: MessageView };

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

const DRAFT_DELAY_MS = 400;
const NEW: ComposerMode = { type: "new" };

/** Where a message is written: text, emoji, files; keeps the draft. Enter sends where there is a real keyboard. */
export function Composer({ conversation, mode, onModeChange, handle }: ComposerProps): ReactNode {
  const { client } = useClient();
  const [text, setText] = useState(conversation.draft);
  const [files, setFiles] = useState<readonly PendingFile[]>([]);
  const [picking, setPicking] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const draft = useDraft(conversation, text, mode.type !== "edit");
  const touch = useMedia("(pointer: coarse)");
  const bytes = utf8Length(text);
  const tooLong = bytes > MAX_TEXT_BYTES;
  const sendable = !tooLong && (text.trim() !== "" || files.length > 0);

  const addFiles = (added: readonly File[]): void => {
    void act(async () => {
      for (const file of added) {
        const pending = await prepareFile(file);
        setFiles((old) => [...old, pending]);
      }
    });
    area.current?.focus();
  };
  useImperativeHandle(handle, () => ({ addFiles, focus: () => area.current?.focus() }));

  useEditMode(mode, setText, draft.read);
  useEffect(() => {
    if (mode.type !== "new") area.current?.focus();
  }, [mode]);
  useGrowingArea(area, text);

  const leaveMode = (): void => {
    onModeChange(NEW);
  };
  const send = (): void => {
    if (!sendable) return;
    const sent = { text: text.trim(), files, mode };
    setText("");
    setFiles([]);
    leaveMode();
    draft.forget();
    area.current?.focus();
    void act(() => {
      if (sent.mode.type === "edit") return client.edit(conversation.id, sent.mode.message.id, sent.text);
      return sendAll(
        client,
        conversation.id,
        sent.text,
        sent.files,
        sent.mode.type === "reply" ? sent.mode.message.id : undefined,
      );
    }).then((done) => {
      if (done) return;
      // Nothing is lost: what was refused comes back, unless something else is already being written.
      setText((now) => (now === "" ? sent.text : now));
      setFiles((now) => (now.length === 0 ? sent.files : now));
    });
  };

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
      {files.length > 0 && (
        <PendingFiles
          files={files}
          onRemove={(id) => {
            setFiles((old) => old.filter((file) => file.id !== id));
          }}
        />
      )}
      <div className={css["line"]}>
        {mode.type !== "edit" && (
          <IconButton icon="clip" label={t("composer.attach")} onPress={() => chooser.current?.click()} />
        )}
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          aria-label={t("composer.attach")}
          onChange={(event) => {
            addFiles([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
        <TextBox
          area={area}
          text={text}
          touch={touch}
          invalid={tooLong}
          described={bytes > WARN_TEXT_BYTES}
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
      <Room bytes={bytes} />
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

interface TextBoxProps {
  readonly area: RefObject<HTMLTextAreaElement | null>;
  readonly text: string;
  readonly touch: boolean;
  readonly invalid: boolean;
  readonly described: boolean;
  readonly onText: (text: string) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onEmoji: () => void;
}

function TextBox({
  area,
  text,
  touch,
  invalid,
  described,
  onText,
  onKeyDown,
  onFiles,
  onEmoji,
}: TextBoxProps): ReactNode {
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
        dir="auto"
        value={text}
        placeholder={t("composer.placeholder")}
        aria-label={t("composer.label")}
        aria-invalid={invalid}
        aria-describedby={described ? "composer-room" : undefined}
        enterKeyHint={touch ? "enter" : "send"}
        onChange={(event) => {
          onText(event.currentTarget.value);
        }}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
      <IconButton icon="smile" label={t("composer.emoji")} onPress={onEmoji} />
    </div>
  );
}

/** How much room is left, once it matters. */
function Room({ bytes }: { readonly bytes: number }): ReactNode {
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

/** Sends a text with its files; more files than one message holds follow in further messages. */
async function sendAll(
  client: Client,
  id: ConversationId,
  text: string,
  files: readonly PendingFile[],
  replyTo: MessageId | undefined,
): Promise<void> {
  const [first = [], ...more] = batchFiles(files).map((batch) => batch.map(({ input }) => input));
  await client.send(id, {
    text,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(first.length > 0 ? { attachments: first } : {}),
  });
  for (const attachments of more) await client.send(id, { text: "", attachments });
}

/** Editing puts the old text into the box; leaving it brings the draft back. */
function useEditMode(mode: ComposerMode, setText: (text: string) => void, readDraft: () => string): void {
  const editing = useRef(false);
  useEffect(() => {
    if (mode.type === "edit") {
      editing.current = true;
      setText(mode.message.body.type === "text" ? mode.message.body.text : "");
    } else if (editing.current) {
      editing.current = false;
      setText(readDraft());
    }
    // Only a change of mode changes the text.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [mode]);
}

/** Keeps what is being written in the core, a moment after the last key and when the conversation is left. */
function useDraft(
  conversation: ConversationView,
  text: string,
  keeps: boolean,
): { readonly read: () => string; readonly forget: () => void } {
  const { client } = useClient();
  const kept = useRef(conversation.draft);
  const pending = useRef<string>(undefined);
  useEffect(() => {
    if (!keeps || text === kept.current) return undefined;
    pending.current = text;
    const timer = setTimeout(save, DRAFT_DELAY_MS);
    return () => {
      clearTimeout(timer);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [text, keeps]);
  useEffect(() => {
    document.addEventListener("visibilitychange", save);
    return () => {
      document.removeEventListener("visibilitychange", save);
      save();
    };
    // Once for the conversation's life on screen.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  function save(): void {
    const next = pending.current;
    if (next === undefined || next === kept.current) return;
    kept.current = next;
    pending.current = undefined;
    void act(() => client.setDraft(conversation.id, next));
  }

  return {
    read: () => pending.current ?? kept.current,
    forget: () => {
      pending.current = "";
      save();
    },
  };
}

/** As tall as its text, up to what the style sheet allows. */
function useGrowingArea(area: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const element = area.current;
    if (element === null || CSS.supports("field-sizing", "content")) return;
    element.style.blockSize = "auto";
    element.style.blockSize = `${String(element.scrollHeight)}px`;
  }, [area, text]);
}
