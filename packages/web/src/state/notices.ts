/** A short line that appears for some seconds, and is read out. */
export interface Notice {
  readonly id: number;
  readonly tone: "info" | "error";
  readonly text: string;
}

const SHOWN_MS = 6_000;
let notices: readonly Notice[] = [];
let nextId = 0;
const listeners = new Set<() => void>();

/** Shows a line. The same line is not shown twice at once. */
export function notify(notice: { readonly tone: "info" | "error"; readonly text: string }): void {
  if (notices.some(({ text }) => text === notice.text)) return;
  const id = nextId++;
  change([...notices, { id, ...notice }].slice(-3));
  setTimeout(() => {
    dismiss(id);
  }, SHOWN_MS);
}

export function dismiss(id: number): void {
  change(notices.filter((notice) => notice.id !== id));
}

/** For locking: nothing of before stays on the screen. */
export function dismissAll(): void {
  change([]);
}

export function readNotices(): readonly Notice[] {
  return notices;
}

export function onNotices(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function change(next: readonly Notice[]): void {
  notices = next;
  for (const listener of listeners) listener();
}
