import { Queue, type Cohort } from "./queue.ts";
import type { Part, Step, System } from "./system.ts";
import { Waits } from "./waits.ts";

/** How many items of each route arrive in a tick, when so many of it are under way. */
export type Arrive = (route: string, tick: number, underWay: number) => number;

export interface Course {
  readonly tickSeconds: number;
  readonly ticks: number;
  readonly arrive: Arrive;
  /** From this tick on waits are counted; earlier ones fill the system. */
  readonly countFrom: number;
}

/** What became of it. Times in seconds. */
export interface Outcome {
  /** By route: from arrival to the step that acknowledges, and to the end. */
  readonly acknowledged: ReadonlyMap<string, Times>;
  readonly ended: ReadonlyMap<string, Times>;
  readonly parts: readonly PartOutcome[];
}

export interface Times {
  readonly items: number;
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly p100: number;
}

export interface PartOutcome {
  readonly name: string;
  readonly kind: Part["kind"];
  /** Of its capacity, while waits were counted; 0 for what has none. */
  readonly use: number;
  /** What waits at the end, as the seconds of its capacity that it needs; for batches, the items that wait. */
  readonly backlogSeconds: number;
  readonly mostItems: number;
}

/**
 * Runs a system tick by tick. Deterministic: what is random is in `arrive`. Within a tick, work passes the parts in the
 * order given, so that a tick is the least time only of what waits. Served work leaves bit by bit, as a fluid does.
 */
export function simulate(system: System, course: Course): Outcome {
  const run = new Run(system, course);
  for (let tick = 0; tick < course.ticks; tick += 1) run.tick(tick);
  return run.outcome();
}

interface Place {
  readonly part: Part;
  readonly queue: Queue;
  /** Of work: what is left of this tick. Of batches: places that are free. */
  left: number;
  used: number;
  mostItems: number;
  /** Of delays: what comes out in which tick. */
  readonly due: Map<number, Cohort[]>;
}

class Run {
  readonly #system: System;
  readonly #course: Course;
  readonly #places = new Map<string, Place>();
  readonly #acknowledged: readonly Waits[];
  readonly #ended: readonly Waits[];
  readonly #underWay: number[];
  #tick = 0;

  constructor(system: System, course: Course) {
    this.#system = system;
    this.#course = course;
    for (const part of system.parts) {
      const left = part.kind === "batches" ? part.places : 0;
      this.#places.set(part.name, { part, queue: new Queue(), left, used: 0, mostItems: 0, due: new Map() });
    }
    this.#acknowledged = system.routes.map(() => new Waits());
    this.#ended = system.routes.map(() => new Waits());
    this.#underWay = system.routes.map(() => 0);
  }

  tick(tick: number): void {
    this.#tick = tick;
    for (const place of this.#places.values())
      if (place.part.kind === "work") place.left = place.part.perSecond * this.#course.tickSeconds;
    for (const [route, { name }] of this.#system.routes.entries()) {
      const underWay = this.#underWay[route] ?? 0;
      const items = this.#course.arrive(name, tick, underWay);
      this.#underWay[route] = underWay + items;
      this.#enter({ route, step: 0, born: tick, items, batches: 0 });
    }
    for (const name of this.#system.order) this.#serve(this.#place(name));
    for (const place of this.#places.values()) place.mostItems = Math.max(place.mostItems, place.queue.items);
  }

  outcome(): Outcome {
    const counted = (this.#course.ticks - this.#course.countFrom) * this.#course.tickSeconds;
    return {
      acknowledged: this.#times(this.#acknowledged),
      ended: this.#times(this.#ended),
      parts: [...this.#places.values()].map(({ part, queue, used, mostItems }) => ({
        name: part.name,
        kind: part.kind,
        use: part.kind === "work" ? used / (part.perSecond * counted) : 0,
        backlogSeconds: part.kind === "work" ? this.#workOf(queue) / part.perSecond : queue.items,
        mostItems,
      })),
    };
  }

  #serve(place: Place): void {
    switch (place.part.kind) {
      case "work":
        this.#work(place);
        break;
      case "batches":
        this.#begin(place, place.part.most);
        break;
      case "delay": {
        const due = place.due.get(this.#tick) ?? [];
        place.due.delete(this.#tick);
        for (const cohort of due) this.#done(cohort);
        break;
      }
    }
  }

  #work(place: Place): void {
    for (;;) {
      const cohort = place.queue.first();
      if (cohort === undefined || place.left <= 0) return;
      const { each = 0, eachBatch = 0 } = this.#step(cohort);
      const needed = cohort.items * each + cohort.batches * eachBatch;
      const spent = Math.min(needed, place.left);
      place.left -= spent;
      if (this.#counts) place.used += spent;
      this.#done(place.queue.take(needed <= spent ? 1 : spent / needed));
    }
  }

  /** Every free place takes its part of what waits. */
  #begin(place: Place, most: number): void {
    const waiting = place.queue.items;
    if (waiting <= 0) return;
    // With less than an item for each place, every item is a batch of its own.
    const batches = Math.min(place.left, Math.max(1, waiting));
    if (batches <= 0) return;
    let room = Math.min(waiting, batches * most);
    const batchesEach = batches / room;
    place.left -= batches;
    while (room > 1e-9) {
      const first = place.queue.first();
      if (first === undefined) return;
      const taken = place.queue.take(room / first.items);
      room -= taken.items;
      this.#done({ ...taken, batches: taken.items * batchesEach });
    }
  }

  #done(cohort: Cohort): void {
    const step = this.#step(cohort);
    if (step.frees !== undefined) this.#place(step.frees).left += cohort.batches;
    const batches = step.frees === undefined ? cohort.batches : 0;
    const waits = cohort.born >= this.#course.countFrom;
    if (step.acknowledges === true && waits)
      this.#acknowledged[cohort.route]?.add(this.#tick - cohort.born, cohort.items);
    this.#enter({ ...cohort, batches, step: cohort.step + 1 });
  }

  #enter(cohort: Cohort): void {
    const step = this.#system.routes[cohort.route]?.steps[cohort.step];
    if (step === undefined) {
      this.#underWay[cohort.route] = (this.#underWay[cohort.route] ?? 0) - cohort.items;
      if (cohort.born >= this.#course.countFrom) this.#ended[cohort.route]?.add(this.#tick - cohort.born, cohort.items);
      return;
    }
    const place = this.#place(step.part);
    if (place.part.kind !== "delay") place.queue.add(cohort);
    else if (cohort.items > 0) {
      const at = this.#tick + Math.max(1, Math.round(place.part.seconds / this.#course.tickSeconds));
      const due = place.due.get(at);
      if (due === undefined) place.due.set(at, [cohort]);
      else due.push(cohort);
    }
  }

  get #counts(): boolean {
    return this.#tick >= this.#course.countFrom;
  }

  #workOf(queue: Queue): number {
    const first = queue.first();
    if (first === undefined) return 0;
    const { each = 0, eachBatch = 0 } = this.#step(first);
    return queue.items * (each + (first.batches / first.items) * eachBatch);
  }

  #step({ route, step }: Cohort): Step {
    const found = this.#system.routes[route]?.steps[step];
    if (found === undefined) throw new RangeError("no such step");
    return found;
  }

  #place(name: string): Place {
    const place = this.#places.get(name);
    if (place === undefined) throw new RangeError(`no such part: ${name}`);
    return place;
  }

  #times(all: readonly Waits[]): ReadonlyMap<string, Times> {
    const { tickSeconds } = this.#course;
    return new Map(
      this.#system.routes.map(({ name }, route) => {
        const waits = all[route] ?? new Waits();
        const at = (part: number): number => waits.at(part) * tickSeconds;
        return [name, { items: waits.items, mean: waits.mean * tickSeconds, p50: at(0.5), p99: at(0.99), p100: at(1) }];
      }),
    );
  }
}
