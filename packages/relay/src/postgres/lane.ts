/** Batches are cut so that one statement stays short. */
const MAX_QUESTIONS = 2000;
const MAX_BYTES = 4 * 1024 * 1024;

interface Waiting<Q, A> {
  readonly question: Q;
  readonly resolve: (answer: A) => void;
  readonly reject: (error: unknown) => void;
}

/** Answers questions in batches: while one batch is worked on, the next one gathers. Answers settle in order. */
export class Lane<Q, A> {
  readonly #work: (questions: readonly Q[]) => Promise<readonly A[]>;
  readonly #weigh: (question: Q) => number;
  #queue: Waiting<Q, A>[] = [];
  #busy = false;
  #idle: (() => void)[] = [];

  /** @param work - gives one answer for each question. @param weigh - what a question may cost in memory, in bytes. */
  constructor(work: (questions: readonly Q[]) => Promise<readonly A[]>, weigh: (question: Q) => number) {
    this.#work = work;
    this.#weigh = weigh;
  }

  ask(question: Q): Promise<A> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ question, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when nothing waits and nothing is worked on. */
  idle(): Promise<void> {
    if (!this.#busy) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
    });
  }

  /** Waits for the end of this turn of the event loop: what arrives together is asked together. */
  #schedule(): void {
    if (this.#busy) return;
    this.#busy = true;
    setImmediate(() => {
      void this.#goOn();
    });
  }

  async #goOn(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#take();
      try {
        const answers = await this.#work(batch.map(({ question }) => question));
        for (const [i, { resolve, reject }] of batch.entries()) {
          const answer = answers[i];
          if (answer === undefined) reject(new RangeError("a question without an answer"));
          else resolve(answer);
        }
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#busy = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #take(): readonly Waiting<Q, A>[] {
    let bytes = 0;
    let count = 0;
    for (const { question } of this.#queue) {
      if (count === MAX_QUESTIONS || bytes > MAX_BYTES) break;
      bytes += this.#weigh(question);
      count += 1;
    }
    return this.#queue.splice(0, count);
  }
}
