/** An entry as a model sees it: whose it is, what it releases, and whether its pad is still there. */
export interface ModelEntry {
  readonly owner: string;
  readonly secret: string;
  readonly alive: boolean;
}

interface ModelTicket {
  readonly element: string;
  readonly generation: number;
  readonly at: number;
  tag: string | undefined;
}

const TEN_MINUTES = 600_000;
const TWELVE_HOURS = 43_200_000;

/** The rules of a guard's record over names instead of bytes: short enough to be seen to be right. */
export class ModelGuard {
  dead = false;
  left = 10;
  current = 1;
  prepared: number | undefined;
  /** By generation; what is neither current nor prepared is gone. */
  readonly entries = new Map<number, readonly ModelEntry[]>();
  /** All that were ever given, by number; undefined once they are worth nothing. */
  readonly tickets: (ModelTicket | undefined)[] = [];
  #refilledAt: number;

  constructor(entries: readonly ModelEntry[], now: number) {
    this.entries.set(1, entries);
    this.#refilledAt = now;
  }

  /** @returns the number of the ticket. */
  evaluate(element: string, generation: number, now: number): string | number {
    if (this.dead) return "denied";
    if (!this.entries.has(generation)) return "generation";
    const again = this.tickets.findIndex(
      (one) => one?.element === element && one.generation === generation && now >= one.at && now < one.at + TEN_MINUTES,
    );
    if (again >= 0) return again;
    if (this.left === 0) return this.#die("denied");
    this.left -= 1;
    this.tickets.push({ element, generation, at: now, tag: undefined });
    const worth = [...this.tickets.keys()].filter((number) => this.tickets[number] !== undefined);
    if (worth.length > 10) this.tickets[worth[0] ?? 0] = undefined;
    return this.tickets.length - 1;
  }

  /** @returns what is released, or why nothing is. */
  open(number: number, tag: string, now: number): string {
    if (this.dead) return "denied";
    const ticket = this.tickets[number];
    if (ticket === undefined) return "ticket";
    const found = this.#find(ticket.generation, tag);
    if (ticket.tag !== undefined) return ticket.tag === tag ? (found?.secret ?? "closed") : "ticket";
    if (found === undefined && this.left === 0) return this.#die("closed");
    ticket.tag = tag;
    if (found === undefined) return "closed";
    const units = Math.max(0, Math.floor((now - this.#refilledAt) / TWELVE_HOURS));
    this.left = Math.min(10, this.left + 1 + units);
    if (units > 0) this.#refilledAt = now;
    for (const [generation, entries] of this.entries) {
      const stays = (entry: ModelEntry): boolean =>
        generation === ticket.generation ? entry === found : entry.owner === tag;
      this.entries.set(
        generation,
        entries.map((entry) => ({ ...entry, alive: entry.alive && stays(entry) })),
      );
    }
    return found.secret;
  }

  /** `kept`: by place, whether the right pad is given for it. */
  prepare(
    tag: string,
    from: number,
    generation: number,
    entries: readonly ModelEntry[],
    kept: ReadonlyMap<number, boolean>,
  ): string {
    if (this.dead) return "denied";
    const base = this.entries.get(from);
    if (base === undefined) return "generation";
    if (this.#find(from, tag) === undefined) {
      if (this.left === 0) return this.#die("closed");
      this.left -= 1;
      return "closed";
    }
    if (this.prepared !== undefined && generation < this.prepared) return "generation";
    if (generation <= from) return "malformed";
    this.#forget((one) => one !== from);
    this.current = from;
    this.prepared = generation;
    const next = entries.map((entry, at) => {
      const right = kept.get(at);
      const old = base[at];
      return right === undefined || old === undefined ? entry : { ...old, alive: right };
    });
    this.entries.set(generation, next);
    return "done";
  }

  finalize(generation: number): string {
    if (this.dead) return "denied";
    if (generation === this.current) return "done";
    if (generation !== this.prepared) return "generation";
    this.#forget((one) => one !== generation);
    this.tickets.fill(undefined);
    this.current = generation;
    this.prepared = undefined;
    return "done";
  }

  wipe(): string {
    return this.dead ? "denied" : this.#die("done");
  }

  #find(generation: number, tag: string): ModelEntry | undefined {
    return this.entries.get(generation)?.find(({ owner, alive }) => alive && owner === tag);
  }

  #forget(gone: (generation: number) => boolean): void {
    for (const generation of this.entries.keys()) if (gone(generation)) this.entries.delete(generation);
    for (const [number, ticket] of this.tickets.entries()) {
      if (ticket !== undefined && gone(ticket.generation)) this.tickets[number] = undefined;
    }
  }

  #die(answer: string): string {
    this.dead = true;
    return answer;
  }
}
