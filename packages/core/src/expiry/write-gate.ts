/**
 * Keeps everybody but the database from writing files while the vault is re-keyed. Who writes looks at {@link held}
 * immediately before, with nothing awaited in between:
 *
 * ```ts
 * while (gate.held) await gate.released();
 * file.write(bytes, at);
 * ```
 */
export class WriteGate {
  #held = 0;
  #waiting: (() => void)[] = [];

  get held(): boolean {
    return this.#held > 0;
  }

  /** From here until the function it returns is called, nobody writes. */
  hold(): () => void {
    this.#held += 1;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#held -= 1;
      if (this.#held > 0) return;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const go of waiting) go();
    };
  }

  /** Resolves when it may be worth to look again. */
  released(): Promise<void> {
    if (this.#held === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
