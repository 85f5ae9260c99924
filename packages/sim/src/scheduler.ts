import { createHash, type Hash } from "node:crypto";

interface Planned {
  readonly at: number;
  readonly order: number;
  readonly label: string;
  run: (() => void) | undefined;
}

/**
 * The simulation's one line of time. Everything that happens is an event of it; between two events all promises run until
 * nothing moves any more. Same seed, same events: {@link traceHash} says so.
 */
export class Scheduler {
  #now: number;
  #order = 0;
  #events = 0;
  readonly #heap: Planned[] = [];
  readonly #trace: Hash = createHash("sha256");
  /** Work outside of microtasks that must end before time goes on. */
  #busy = 0;
  /** Called after each event, when all promises have run. */
  afterEach: () => void = () => undefined;
  /** With `--verbose`: hears each event. */
  observe: ((line: string) => void) | undefined;

  constructor(start: number) {
    this.#now = start;
  }

  /** Milliseconds since 1970, virtual. */
  get now(): number {
    return this.#now;
  }

  get events(): number {
    return this.#events;
  }

  /** Plans `run` in `delayMs`. @returns What cancels it. */
  after(delayMs: number, label: string, run: () => void): () => void {
    this.#order += 1;
    const planned: Planned = { at: this.#now + Math.max(0, Math.ceil(delayMs)), order: this.#order, label, run };
    push(this.#heap, planned);
    return () => {
      planned.run = undefined;
    };
  }

  /** Adds to the trace what happened. */
  note(line: string): void {
    this.#trace.update(`${String(this.#now)} ${line}\n`);
    this.observe?.(`${String(this.#now)} ${line}`);
  }

  /** Runs work that needs more than microtasks; time stands still until it is done. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
    }
  }

  /** Runs events until `done` holds or `deadline` (an instant) has passed; then that is the time. @returns Whether `done` held. */
  async runUntil(deadline: number, done: () => boolean = () => false): Promise<boolean> {
    await this.#drain();
    for (;;) {
      if (done()) return true;
      const next = this.#heap[0];
      if (next === undefined || next.at > deadline) break;
      pop(this.#heap);
      const { run } = next;
      if (run === undefined) continue;
      this.#now = Math.max(this.#now, next.at);
      this.#events += 1;
      this.note(next.label);
      run();
      await this.#drain();
      this.afterEach();
    }
    this.#now = Math.max(this.#now, deadline);
    return done();
  }

  /** Runs events until `work` is settled. @throws Error if it is not within `limitMs`. */
  async waitFor<T>(work: Promise<T>, limitMs: number): Promise<T> {
    const state = { settled: false };
    const settle = (): void => {
      state.settled = true;
    };
    work.then(settle, settle);
    if (!(await this.runUntil(this.#now + limitMs, () => state.settled)))
      throw new Error("simulated work did not end in time");
    return work;
  }

  /** Time passes and nothing happens in it; what was planned for then happens late. */
  skip(milliseconds: number): void {
    this.note(`skip ${String(milliseconds)}`);
    this.#now += milliseconds;
  }

  traceHash(): string {
    return this.#trace.copy().digest("hex");
  }

  async #drain(): Promise<void> {
    do {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    } while (this.#busy > 0);
  }
}

function before(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Planned[], planned: Planned): void {
  let at = heap.push(planned) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !before(planned, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = planned;
}

function pop(heap: Planned[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
    if (left === undefined) break;
    const [child, place] =
      right !== undefined && before(right, left) ? ([right, 2 * at + 2] as const) : ([left, 2 * at + 1] as const);
    if (!before(child, last)) break;
    heap[at] = child;
    at = place;
  }
  heap[at] = last;
}
