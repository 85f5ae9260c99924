import { fc, test } from "@fast-check/vitest";
import { initCrypto } from "@stonechat/crypto/guard";
import { toHex, type GuardAnswer, type GuardTag, type KeepAlive, type Ticket } from "@stonechat/protocol";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect } from "vitest";
import { Dealer, Subject, type DealtEntry } from "../testing/dealer.ts";
import { ModelGuard, type ModelEntry } from "../testing/model-guard.ts";
import { guardRecord } from "./record.ts";

beforeAll(initCrypto);

const RUNS = Number(process.env["STONECHAT_GUARD_HISTORIES"] ?? 400);
const MINUTE = 60_000;

const tagNumbers = fc.nat({ max: 4 });
/** Generations near those that a history is likely to have reached. */
const generations = fc.integer({ min: 1, max: 6 });
const events = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("evaluate" as const),
      element: fc.nat({ max: 3 }),
      generation: generations,
    }),
  },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("guess" as const), tag: tagNumbers }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("open" as const), ticket: fc.nat({ max: 30 }), tag: tagNumbers }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("prepare" as const),
      tag: tagNumbers,
      ahead: fc.integer({ min: -1, max: 2 }),
      prepared: fc.boolean(),
      owners: fc.array(tagNumbers, { minLength: 4, maxLength: 4 }),
      kept: fc.array(fc.tuple(fc.nat({ max: 3 }), fc.boolean()), { maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("finalize" as const), prepared: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("time" as const), minutes: fc.constantFrom(1, 9, 11, 725, -30) }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "wipe" as const }) },
);
type Event = typeof events extends fc.Arbitrary<infer T> ? T : never;

test.prop([fc.array(events, { maxLength: 60, size: "max" }), fc.nat()], { numRuns: RUNS })(
  "does what the rules say, over any history",
  (history, seed) => {
    const pair = new Pair(seed);
    for (const event of history) pair.apply(event);
  },
);

/** The machine and the model, side by side. */
class Pair {
  readonly #dealer: Dealer;
  readonly #subject: Subject;
  readonly #model: ModelGuard;
  readonly #tags: readonly GuardTag[];
  readonly #elements: readonly Uint8Array[];
  /** What each place of each generation was dealt as, kept-alive ones included. */
  readonly #dealt = new Map<number, readonly DealtEntry[]>();
  readonly #tickets: Ticket[] = [];

  constructor(seed: number) {
    const random = repeatableRandom(seed);
    this.#dealer = new Dealer(random);
    this.#subject = new Subject(random);
    this.#tags = Array.from({ length: 5 }, () => this.#dealer.tag());
    this.#elements = Array.from({ length: 4 }, () => this.#dealer.element());
    const entries = this.#dealer.entries(this.#tag(0), this.#tag(1), this.#tag(2));
    this.#dealt.set(1, entries);
    this.#model = new ModelGuard(
      entries.map((entry) => this.#modelled(entry)),
      this.#subject.now,
    );
    this.#subject.ask(this.#dealer.register(entries));
  }

  apply(event: Event): void {
    const model = this.#model;
    switch (event.type) {
      case "time":
        this.#subject.now += event.minutes * MINUTE;
        break;
      case "wipe":
        // Rare enough to leave long histories too.
        if (this.#tickets.length > 8) expect(summary(this.#subject.ask({ type: "wipe" }))).toBe(model.wipe());
        break;
      case "evaluate":
        this.#evaluate(this.#elements[event.element] ?? new Uint8Array(32), event.generation);
        break;
      case "guess": {
        const number = this.#evaluate(this.#dealer.element(), model.prepared ?? model.current);
        if (number !== undefined) this.#open(number, event.tag);
        break;
      }
      case "open":
        this.#open(event.ticket, event.tag);
        break;
      case "prepare":
        this.#prepare(event);
        break;
      case "finalize": {
        const generation = (event.prepared ? model.prepared : model.current) ?? 99;
        expect(summary(this.#subject.ask({ type: "finalize", generation }))).toBe(model.finalize(generation));
        break;
      }
    }
    expect(this.#subject.known.type === "dead").toBe(model.dead);
    if (model.dead) return;
    const { record } = this.#subject;
    expect(guardRecord.decode(guardRecord.encode(record))).toEqual(record);
    expect([record.guessesLeft, record.current.number, record.prepared?.number]).toEqual([
      model.left,
      model.current,
      model.prepared,
    ]);
  }

  #evaluate(blindedElement: Uint8Array, generation: number): number | undefined {
    const expected = this.#model.evaluate(toHex(blindedElement), generation, this.#subject.now);
    const answer = this.#subject.ask({ type: "evaluate", generation, blindedElement });
    if (typeof expected === "string") {
      expect(summary(answer)).toBe(expected);
      return undefined;
    }
    if (answer.type !== "evaluated") expect.fail(`was answered ${summary(answer)}`);
    this.#tickets[expected] ??= answer.ticket;
    expect(answer).toMatchObject({ ticket: this.#tickets[expected], guessesLeft: this.#model.left });
    return expected;
  }

  #open(number: number, tag: number): void {
    const ticket = this.#tickets[number] ?? (new Uint8Array(16) as Ticket);
    const expected = this.#model.open(number, String(tag), this.#subject.now);
    expect(summary(this.#subject.ask({ type: "open", ticket, tag: this.#tag(tag) }))).toBe(expected);
  }

  #prepare({ tag, ahead, prepared, owners, kept }: Extract<Event, { type: "prepare" }>): void {
    const from = (prepared ? this.#model.prepared : undefined) ?? this.#model.current;
    const generation = Math.max(0, from + ahead);
    const base = this.#dealt.get(from) ?? [];
    const entries = owners.map((owner) => this.#dealer.entry(owner === 4 ? undefined : this.#tag(owner)));
    const places = new Map(kept);
    const keepAlive: KeepAlive[] = [...places].map(([position, right]) => ({
      position,
      pad: (right ? base[position]?.entry.pad : undefined) ?? this.#dealer.bytes(),
    }));
    const expected = this.#model.prepare(
      String(tag),
      from,
      generation,
      entries.map((entry) => this.#modelled(entry)),
      places,
    );
    expect(summary(this.#subject.ask(this.#dealer.prepare(this.#tag(tag), from, generation, entries, keepAlive)))).toBe(
      expected,
    );
    if (expected !== "done") return;
    this.#dealt.set(
      generation,
      entries.map((entry, at) => (places.has(at) ? (base[at] ?? entry) : entry)),
    );
  }

  #tag(number: number): GuardTag {
    return this.#tags[number] ?? this.#dealer.tag();
  }

  #modelled({ tag, secret }: DealtEntry): ModelEntry {
    return { owner: String(this.#tags.indexOf(tag)), secret: toHex(secret), alive: true };
  }
}

function summary(answer: GuardAnswer): string {
  if (answer.type === "refused") return answer.reason;
  return answer.type === "opened" ? toHex(answer.secret) : answer.type;
}
