/** So many items at most go into one message, so that the other side never works on one for long. */
const MAX_ITEMS = 256;
/** A message that weighs this much is sent: a few hundred pages together are more than the link takes. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Gathers what is said in one turn of the event loop, and says it in few messages, in order. */
export class Batcher<T> {
  readonly #send: (items: readonly T[]) => void;
  readonly #weigh: (item: T) => number;
  #items: T[] = [];
  #bytes = 0;

  /** @param weigh - Tells about how many bytes an item is, where those can be many. */
  constructor(send: (items: readonly T[]) => void, weigh: (item: T) => number) {
    this.#send = send;
    this.#weigh = weigh;
  }

  add(item: T): void {
    this.#items.push(item);
    this.#bytes += this.#weigh(item);
    if (this.#items.length >= MAX_ITEMS || this.#bytes >= MAX_BYTES) this.#flush();
    else if (this.#items.length === 1) setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    if (this.#items.length === 0) return;
    const items = this.#items;
    this.#items = [];
    this.#bytes = 0;
    this.#send(items);
  };
}
