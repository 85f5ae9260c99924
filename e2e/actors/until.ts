import { setTimeout as delay } from "node:timers/promises";

const PAUSE_MS = 100;

/**
 * Asks `look` again and again until it gives something, and gives that.
 *
 * @param what - What is waited for, for the message of the error.
 * @throws Error when `timeoutMs` are over.
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  timeoutMs = 30_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await delay(PAUSE_MS);
  }
}
