/** Items of one route that arrived in the same tick and are at the same step. Counts may be fractions. */
export interface Cohort {
  readonly route: number;
  readonly step: number;
  /** The tick in which they arrived. */
  readonly born: number;
  readonly items: number;
  /** In how many batches they travel; 0 while they are single. */
  readonly batches: number;
}

/** First in, first out; cohorts that can join the last one do, so that long queues stay short in memory. */
export class Queue {
  #cohorts: Cohort[] = [];
  #head = 0;
  #items = 0;

  get items(): number {
    return this.#items;
  }

  first(): Cohort | undefined {
    return this.#cohorts[this.#head];
  }

  add(cohort: Cohort): void {
    if (cohort.items <= 0) return;
    this.#items += cohort.items;
    const last = this.#cohorts.length > this.#head ? this.#cohorts.at(-1) : undefined;
    if (last?.route === cohort.route && last.step === cohort.step && last.born === cohort.born)
      this.#cohorts[this.#cohorts.length - 1] = joined(last, cohort);
    else this.#cohorts.push(cohort);
  }

  /** Takes this part (0 to 1) of the first cohort. */
  take(part: number): Cohort {
    const cohort = this.first();
    if (cohort === undefined) throw new RangeError("nothing waits");
    const taken = scaled(cohort, Math.min(1, part));
    this.#items -= taken.items;
    if (part >= 1) this.#drop();
    else this.#cohorts[this.#head] = scaled(cohort, 1 - part);
    return taken;
  }

  #drop(): void {
    this.#head += 1;
    if (this.#head < this.#cohorts.length) {
      if (this.#head < 1024) return;
      this.#cohorts = this.#cohorts.slice(this.#head);
    } else {
      this.#cohorts = [];
      this.#items = 0; // what rounding left
    }
    this.#head = 0;
  }
}

function joined(a: Cohort, b: Cohort): Cohort {
  return { ...a, items: a.items + b.items, batches: a.batches + b.batches };
}

function scaled(cohort: Cohort, part: number): Cohort {
  return part === 1 ? cohort : { ...cohort, items: cohort.items * part, batches: cohort.batches * part };
}
