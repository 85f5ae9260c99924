/**
 * The notes of the notepad that covers the app: they are what they seem, kept in clear for everybody who looks. Nothing
 * of a vault ever comes here.
 */
export interface Note {
  readonly id: string;
  readonly text: string;
}

const KEY = "notes";
const MAX_NOTES = 500;

export function readNotes(): readonly Note[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isNote).slice(0, MAX_NOTES) : [];
  } catch {
    return []; // storage switched off, or somebody else's data
  }
}

export function keepNotes(notes: readonly Note[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(notes.filter(({ text }) => text.trim() !== "").slice(0, MAX_NOTES)));
  } catch {
    // Storage switched off or full: the notes last until the page is closed.
  }
}

/** Notes that hold what is looked for, all of them for nothing. */
export function findNotes(notes: readonly Note[], query: string): readonly Note[] {
  const wanted = query.trim().toLocaleLowerCase();
  return wanted === "" ? notes : notes.filter(({ text }) => text.toLocaleLowerCase().includes(wanted));
}

function isNote(value: unknown): value is Note {
  return (
    typeof value === "object" &&
    value !== null &&
    "id" in value &&
    "text" in value &&
    typeof value.id === "string" &&
    typeof value.text === "string"
  );
}
