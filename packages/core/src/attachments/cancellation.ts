import { AttachmentError } from "./attachment-error.ts";

/** Tells running work that its result is not wanted any more. */
export class Cancellation {
  #cancelled = false;
  readonly #listeners = new Set<() => void>();

  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** Ends the work at its next step. A second call does nothing. */
  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  /** @throws AttachmentError `cancelled` */
  check(): void {
    if (this.#cancelled) throw new AttachmentError("cancelled");
  }

  /** Calls `listener` when cancelled. Returns what takes it back. */
  onCancel(listener: () => void): () => void {
    if (this.#cancelled) listener();
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * What `work` gives, unless cancelled first; then nobody waits for `work` any more, and its failure is no news.
   *
   * @throws AttachmentError `cancelled`, at once when cancelled.
   */
  async race<T>(work: Promise<T>): Promise<T> {
    let forget: (() => void) | undefined;
    const cancelled = new Promise<never>((_, reject) => {
      forget = this.onCancel(() => {
        reject(new AttachmentError("cancelled"));
      });
    });
    try {
      return await Promise.race([work, cancelled]);
    } finally {
      forget?.();
    }
  }
}
