/** Room for about fifteen messages of 1 KiB. A write beyond it costs the same as another write. */
export const GATHER_BYTES = 16 * 1024;
/** Buffers that are lent at a time, and that are kept for the next turn: 4 MiB. */
const MAX_BUFFERS = 256;

/** Whoever gathers what goes to one socket. */
export interface Gatherer {
  /** Hands over all that was gathered, and gives its buffer back. */
  flush(): void;
}

/**
 * Lets what goes to one socket within a turn of the event loop leave in one system call, and lends the memory for it. One
 * for all sockets.
 */
export class Gathering {
  #holding: Gatherer[] = [];
  readonly #spare: Uint8Array[] = [];

  /** A buffer of {@link GATHER_BYTES}. `flush` is called at the end of the turn, or earlier if too many gather. */
  lend(gatherer: Gatherer): Uint8Array {
    if (this.#holding.length === MAX_BUFFERS) this.#flush();
    if (this.#holding.length === 0) setImmediate(this.#flush);
    this.#holding.push(gatherer);
    return this.#spare.pop() ?? new Uint8Array(GATHER_BYTES);
  }

  /** Takes a buffer back that nothing reads any more. */
  giveBack(buffer: Uint8Array): void {
    if (this.#spare.length < MAX_BUFFERS) this.#spare.push(buffer);
  }

  readonly #flush = (): void => {
    const holding = this.#holding;
    this.#holding = [];
    for (const gatherer of holding) gatherer.flush();
  };
}
