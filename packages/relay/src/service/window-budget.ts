/**
 * Sums by key within stretches of time that follow each other. Cheaper than a bucket for each key where there are very many:
 * all are forgotten at once when a stretch ends.
 */
export class WindowBudget {
  readonly #windowMs: number;
  readonly #spent = new Map<string, number>();
  #window = 0;

  /** @param windowMs - How long a stretch is, in milliseconds. */
  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** What was spent under this key in the stretch that `now` lies in. */
  spent(key: string, now: number): number {
    this.#look(now);
    return this.#spent.get(key) ?? 0;
  }

  spend(key: string, amount: number, now: number): void {
    this.#spent.set(key, this.spent(key, now) + amount);
  }

  /** A clock that was set, back or ahead, begins a new stretch. */
  #look(now: number): void {
    const window = Math.floor(now / this.#windowMs);
    if (window === this.#window) return;
    this.#window = window;
    this.#spent.clear();
  }
}
