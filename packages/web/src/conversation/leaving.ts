/** A link the user touched and has not yet agreed to follow. */
let asked: string | undefined;
const listeners = new Set<() => void>();

/** Asks before the browser leaves for `href`. */
export function askToLeave(href: string): void {
  change(href);
}

export function stopAsking(): void {
  change(undefined);
}

export function readAsked(): string | undefined {
  return asked;
}

export function onAsked(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function change(href: string | undefined): void {
  asked = href;
  for (const listener of listeners) listener();
}
