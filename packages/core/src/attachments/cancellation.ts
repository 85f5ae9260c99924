import type { WriteGate } from "../expiry/write-gate.ts";
import { AttachmentError } from "./attachment-error.ts";

/** Tells running work that its result is not wanted any more, or that it must not write for a while. */
export class Cancellation {
  readonly #gate: WriteGate | undefined;
  #cancelled = false;
  readonly #listeners = new Set<() => void>();

  constructor(gate?: WriteGate) {
    this.#gate = gate;
  }

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

  /** Nobody may write to files now: see {@link WriteGate}. */
  isHeld(): boolean {
    return this.#gate?.held === true;
  }

  /** Resolves when it may be worth to look again. @throws AttachmentError `cancelled` */
  async released(): Promise<void> {
    await this.race(this.#gate?.released() ?? Promise.resolve());
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
