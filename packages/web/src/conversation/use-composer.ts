import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";
import type { Client, ConversationId, ConversationView, MessageView } from "@stonechat/core/client-api";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { MAX_TEXT_BYTES, utf8Length } from "../text/message-length.ts";
import { batchFiles } from "./batch-files.ts";
import { isViewable } from "./open-attachment.ts";
import { prepareFile, type PendingFile } from "./prepare-file.ts";
import { readDraft, useDraft } from "./use-draft.ts";

/** What the message being written refers to. */
export type ComposerMode =
  { readonly type: "new" } | { readonly type: "reply" | "edit"; readonly message: MessageView };

interface ComposerOf {
  readonly conversation: ConversationView;
  readonly mode: ComposerMode;
  readonly onModeChange: (mode: ComposerMode) => void;
  readonly area: RefObject<HTMLTextAreaElement | null>;
}

/** What is being written, and what can be done with it. */
export interface ComposerState {
  readonly text: string;
  readonly setText: (change: string | ((old: string) => string)) => void;
  readonly files: readonly PendingFile[];
  readonly addFiles: (added: readonly File[]) => void;
  readonly removeFile: (id: number) => void;
  /** Files of sent messages that are still being encrypted; until then the messages are nowhere to be seen. */
  readonly preparing: readonly PendingFile[];
  /** Seconds after which this one message disappears; 0: as the conversation says. */
  readonly timerSeconds: number;
  readonly setTimerSeconds: (seconds: number) => void;
  /** Whether the one file can be opened one time only; undefined where it cannot be asked for. */
  readonly viewOnce: boolean | undefined;
  readonly setViewOnce: (once: boolean) => void;
  readonly sendable: boolean;
  readonly send: () => void;
  readonly leaveMode: () => void;
}

/** A message that refers to none. */
export const NEW: ComposerMode = { type: "new" };

/** What is being written in a conversation, and how it is sent. */
export function useComposer({ conversation, mode, onModeChange, area }: ComposerOf): ComposerState {
  const { client } = useClient();
  const [text, setText] = useState(() => readDraft(conversation));
  const [files, setFiles] = useState<readonly PendingFile[]>([]);
  const [preparing, setPreparing] = useState<readonly PendingFile[]>([]);
  const [timerSeconds, setTimerSeconds] = useState(0);
  const [wantsOnce, setViewOnce] = useState(false);
  const viewOnce = mayBeOnce(files) && mode.type !== "edit" ? wantsOnce : undefined;
  const draft = useDraft(conversation, text, mode.type !== "edit");
  const sendable = utf8Length(text) <= MAX_TEXT_BYTES && (text.trim() !== "" || files.length > 0);
  useEditMode(mode, setText, draft.read);
  useEffect(() => {
    if (mode.type !== "new") area.current?.focus();
  }, [area, mode]);
  useGrowingArea(area, text);

  const addFiles = (added: readonly File[]): void => {
    void act(async () => {
      for (const file of added) {
        const pending = await prepareFile(file);
        setFiles((old) => [...old, pending]);
      }
    });
    area.current?.focus();
  };
  const leaveMode = (): void => {
    onModeChange(NEW);
  };
  const send = (): void => {
    if (!sendable) return;
    const sent = { text: text.trim(), files, mode, timerSeconds, viewOnce };
    setText("");
    setFiles([]);
    setTimerSeconds(0);
    setViewOnce(false);
    leaveMode();
    draft.forget();
    area.current?.focus();
    setPreparing((now) => [...now, ...sent.files]);
    void act(() => {
      if (sent.mode.type === "edit") return client.edit(conversation.id, sent.mode.message.id, sent.text);
      return sendAll(client, conversation.id, sent);
    }).then((done) => {
      setPreparing((now) => now.filter((file) => !sent.files.includes(file)));
      if (done) return;
      // Nothing is lost: what was refused comes back, unless something else is already being written.
      setText((now) => (now === "" ? sent.text : now));
      setFiles((now) => (now.length === 0 ? sent.files : now));
      setTimerSeconds(sent.timerSeconds);
      setViewOnce(sent.viewOnce === true);
    });
  };
  const removeFile = (id: number): void => {
    setFiles((old) => old.filter((file) => file.id !== id));
  };
  return {
    text,
    setText,
    files,
    addFiles,
    removeFile,
    preparing,
    timerSeconds,
    setTimerSeconds,
    viewOnce,
    setViewOnce,
    sendable,
    send,
    leaveMode,
  };
}

interface Written {
  readonly text: string;
  readonly files: readonly PendingFile[];
  readonly mode: ComposerMode;
  readonly timerSeconds: number;
  readonly viewOnce: boolean | undefined;
}

/**
 * Sends a text with its files; more files than one message holds follow in further messages, and so does the text of
 * a file that can be opened once.
 */
async function sendAll(client: Client, id: ConversationId, written: Written): Promise<void> {
  const { text, files, mode, timerSeconds } = written;
  const [first = [], ...more] = batchFiles(files).map((batch) => batch.map(({ input }) => input));
  const timer = timerSeconds === 0 ? {} : { timerSeconds };
  const reply = mode.type === "reply" ? { replyTo: mode.message.id } : {};
  const once = written.viewOnce === true;
  await client.send(id, {
    text: once ? "" : text,
    ...reply,
    ...timer,
    ...(first.length > 0 ? { attachments: first } : {}),
    ...(once ? { viewOnce: true } : {}),
  });
  if (once && text !== "") await client.send(id, { text, ...timer });
  for (const attachments of more) await client.send(id, { text: "", attachments, ...timer });
}

/** Exactly one picture, recording or film of a kind that every browser shows. */
function mayBeOnce(files: readonly PendingFile[]): boolean {
  const [file, ...more] = files;
  return file !== undefined && more.length === 0 && isViewable(file.input);
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

/** As tall as its text, up to what the style sheet allows. */
function useGrowingArea(area: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const element = area.current;
    if (element === null || CSS.supports("field-sizing", "content")) return;
    element.style.blockSize = "auto";
    element.style.blockSize = `${String(element.scrollHeight)}px`;
  }, [area, text]);
}
