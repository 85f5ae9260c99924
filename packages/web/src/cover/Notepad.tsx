import { useEffect, useRef, useState, type ReactNode } from "react";
import { Button, IconButton } from "../design/Button.tsx";
import { Field } from "../design/Field.tsx";
import { t } from "../locales/texts.ts";
import { findNotes, keepNotes, readNotes, type Note } from "./notes.ts";
import css from "./Notepad.module.css";

/** So long the title is held to leave the cover. */
const HOLD_MS = 3_000;

interface NotepadProps {
  /**
   * Takes what was searched for with Enter, which may be the secret. Nothing is said about what came of it. Returns
   * whether it has the form of a secret, which is not left standing in the field.
   */
  readonly onTry: (text: string) => boolean;
  /** The title was held: whoever does so knows what this is, and wants to see it. */
  readonly onReveal: () => void;
}

/** A notepad that works, in place of the lock screen. A secret in its search field, then Enter, unlocks. */
export function Notepad({ onTry, onReveal }: NotepadProps): ReactNode {
  const [notes, setNotes] = useState(readNotes);
  const [query, setQuery] = useState("");
  const [open, setOpen] = useState<string>();
  useEffect(() => {
    keepNotes(notes);
  }, [notes]);
  const found = findNotes(notes, query);
  const note = notes.find(({ id }) => id === open);
  if (note !== undefined) {
    return (
      <Editor
        note={note}
        onChange={(text) => {
          setNotes(notes.map((one) => (one.id === note.id ? { ...one, text } : one)));
        }}
        onDelete={() => {
          setNotes(notes.filter(({ id }) => id !== note.id));
          setOpen(undefined);
        }}
        onBack={() => {
          setOpen(undefined);
        }}
      />
    );
  }
  return (
    <main className={css["page"]}>
      <header className={css["header"]}>
        <HeldTitle onHeld={onReveal} />
        <IconButton
          icon="plus"
          label={t("notes.new")}
          onPress={() => {
            const id = String(1 + Math.max(0, ...notes.map((one) => Number(one.id) || 0)));
            setNotes([{ id, text: "" }, ...notes]);
            setOpen(id);
          }}
        />
      </header>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (onTry(query)) setQuery("");
        }}
      >
        <Field label={t("notes.search")} type="search" value={query} onChange={setQuery} autoComplete="off" />
      </form>
      <ul className={css["list"]}>
        {found.map(({ id, text }) => (
          <li key={id}>
            <Button
              look="plain"
              wide
              onPress={() => {
                setOpen(id);
              }}
            >
              {text.trim().split("\n", 1)[0] ?? ""}
            </Button>
          </li>
        ))}
      </ul>
      <p className={css["empty"]} role="status">
        {found.length === 0 && t(notes.length === 0 ? "notes.empty" : "list.nothing-found")}
      </p>
    </main>
  );
}

/** A heading; held for three seconds by finger, mouse or key it leads out of the cover. */
function HeldTitle({ onHeld }: { readonly onHeld: () => void }): ReactNode {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const end = (): void => {
    clearTimeout(timer.current);
  };
  const begin = (): void => {
    end();
    timer.current = setTimeout(onHeld, HOLD_MS);
  };
  useEffect(() => end, []);
  return (
    <h1
      className={css["title"]}
      tabIndex={0}
      onPointerDown={begin}
      onPointerUp={end}
      onPointerLeave={end}
      onPointerCancel={end}
      onKeyDown={(event) => {
        if (event.key === "Enter" && !event.repeat) begin();
      }}
      onKeyUp={end}
      onBlur={end}
    >
      {t("notes.title")}
    </h1>
  );
}

function Editor({
  note,
  onChange,
  onDelete,
  onBack,
}: {
  readonly note: Note;
  readonly onChange: (text: string) => void;
  readonly onDelete: () => void;
  readonly onBack: () => void;
}): ReactNode {
  return (
    <main className={css["page"]}>
      <header className={css["header"]}>
        <IconButton icon="back" label={t("action.back")} onPress={onBack} />
        <h1 className={css["title"]}>{t("notes.note")}</h1>
        <IconButton icon="trash" label={t("notes.delete")} onPress={onDelete} />
      </header>
      <textarea
        className={css["text"]}
        // Of nothing the browser would say that it goes from left to right.
        dir={note.text === "" ? undefined : "auto"}
        // Whoever opens a note writes.
        autoFocus
        aria-label={t("notes.note")}
        value={note.text}
        onChange={(event) => {
          onChange(event.currentTarget.value);
        }}
      />
    </main>
  );
}
