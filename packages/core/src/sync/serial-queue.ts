/** Runs one piece of work at a time, in the order of asking: what keeps a group's state from being changed twice at once. */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Nothing runs and nothing waits. */
  get idle(): boolean {
    return this.#waiting === 0;
  }

  run<T>(work: () => Promise<T> | T): Promise<T> {
    this.#waiting += 1;
    const result = this.#tail.then(work);
    // The failure belongs to the caller, who holds `result`; the next piece of work must run all the same.
    this.#tail = result
      .then(
        () => undefined,
        () => undefined,
      )
      .then(() => {
        this.#waiting -= 1;
      });
    return result;
  }
}
