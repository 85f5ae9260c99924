/** So many items at most go into one message, so that the other side never works on one for long. */
const MAX_ITEMS = 256;

/** Gathers what is said in one turn of the event loop, and says it in few messages, in order. */
export class Batcher<T> {
  readonly #send: (items: readonly T[]) => void;
  #items: T[] = [];

  constructor(send: (items: readonly T[]) => void) {
    this.#send = send;
  }

  add(item: T): void {
    this.#items.push(item);
    if (this.#items.length === 1) setImmediate(this.#flush);
    else if (this.#items.length >= MAX_ITEMS) this.#flush();
  }

  readonly #flush = (): void => {
    if (this.#items.length === 0) return;
    const items = this.#items;
    this.#items = [];
    this.#send(items);
  };
}
