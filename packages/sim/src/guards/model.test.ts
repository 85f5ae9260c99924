import { fc, test } from "@fast-check/vitest";
import { guardTagHash, initCrypto, voprfBlind, type Random } from "@stonechat/crypto";
import { step, type GuardRecord, type Known } from "@stonechat/guard";
import type { DeviceKey, GuardAnswer, GuardEntry, GuardOperation, GuardTag, Ticket } from "@stonechat/protocol";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect } from "vitest";
import { evaluate, finalize, firstWorld, open, prepare, type GuardState, type Pin, type Rules } from "./model.ts";

beforeAll(initCrypto);

/** As many as a guard gives. */
const RULES: Rules = { count: 1, threshold: 1, guesses: 10, sessions: 0, thiefActs: 0, delays: 0 };

const pins = fc.constantFrom<Pin>("real", "decoy");
const numbers = fc.integer({ min: 1, max: 5 });
const acts = fc.oneof(
  fc.record({ type: fc.constant("guess" as const), number: numbers, pin: fc.option(pins, { nil: undefined }) }),
  fc.record({ type: fc.constant("prepare" as const), by: pins, from: numbers, number: numbers }),
  fc.record({ type: fc.constant("finalize" as const), number: numbers }),
);
type Act = typeof acts extends fc.Arbitrary<infer T> ? T : never;

test.prop([fc.array(acts, { maxLength: 40, size: "max" }), fc.nat()], { numRuns: 150 })(
  "what the search takes for a guard does what a guard does, over any history",
  (history, seed) => {
    const pair = new Pair(repeatableRandom(seed));
    for (const act of history) pair.apply(act);
  },
);

/** The model of the search and the real machine, asked the same. */
class Pair {
  readonly #random: Random;
  #known: Known;
  #model: GuardState;
  #deals = 1;

  constructor(random: Random) {
    this.#random = random;
    const [guard] = firstWorld(RULES).guards;
    if (guard === undefined) throw new RangeError("no guard");
    this.#model = guard;
    this.#known = { type: "absent" };
    this.#ask({
      type: "register",
      authKey: random.bytes(32) as DeviceKey,
      share: Uint8Array.of(5, ...new Uint8Array(31)),
      entries: this.#entries(1, ["real", "decoy"]),
      revokeHash: random.bytes(32),
    });
  }

  apply(act: Act): void {
    switch (act.type) {
      case "guess":
        this.#guess(act.number, act.pin);
        break;
      case "prepare": {
        const { by, from, number } = act;
        const after = prepare(this.#model, { by, from, number, deal: this.#deals }, RULES);
        const answer = this.#ask({
          type: "prepare",
          tag: tagOf(by, from),
          from,
          generation: number,
          share: undefined,
          entries: this.#entries(number, by === "real" ? ["real", "decoy"] : ["decoy"]),
          keepAlive: [],
        });
        expect(answer.type === "done").toBe(after.done);
        this.#deals += 1;
        this.#model = after.guard;
        break;
      }
      case "finalize":
        this.#ask({ type: "finalize", generation: act.number });
        this.#model = finalize(this.#model, act.number);
        break;
    }
    this.#compare();
  }

  #guess(number: number, pin: Pin | undefined): void {
    const { blindedElement } = voprfBlind(this.#random.bytes(8), this.#random);
    const answer = this.#ask({ type: "evaluate", generation: number, blindedElement });
    const charged = evaluate(this.#model, number, RULES);
    expect(answer.type === "evaluated").toBe(charged?.alive === true);
    this.#model = charged ?? this.#model;
    if (answer.type !== "evaluated") return;
    const tag = pin === undefined ? (this.#random.bytes(32) as GuardTag) : tagOf(pin, number);
    const opening = this.#ask({ type: "open", ticket: answer.ticket satisfies Ticket, tag });
    const opened = pin === undefined ? undefined : open(this.#model, number, pin, RULES);
    expect(opening.type === "opened").toBe(opened?.deal !== undefined);
    this.#model = opened?.guard ?? this.#model;
    // A record whose last guess matched nothing ends there and then; the model ends it at the next one.
    if (this.#known.type === "dead" && this.#model.guessesLeft === 0) this.#model = { ...this.#model, alive: false };
  }

  #compare(): void {
    expect(this.#known.type === "alive").toBe(this.#model.alive);
    if (this.#known.type !== "alive") return;
    const { record } = this.#known;
    const { current, prepared, guessesLeft } = this.#model;
    expect(describe(record)).toEqual([
      guessesLeft,
      ...[current, ...(prepared === undefined ? [] : [prepared])].map(({ number, real, decoy }) => ({
        number,
        real,
        decoy,
      })),
    ]);
  }

  /** Two places for the two vaults, two that nobody knows. */
  #entries(number: number, owners: readonly Pin[]): readonly GuardEntry[] {
    return Array.from({ length: 4 }, (_, at) => {
      const owner = owners[at];
      const [material, pad] = [this.#random.bytes(32), this.#random.bytes(32)];
      const tagHash = owner === undefined ? this.#random.bytes(32) : guardTagHash(tagOf(owner, number), pad);
      return { tagHash, material, pad };
    });
  }

  #ask(operation: GuardOperation): GuardAnswer {
    const { change, answer } = step(this.#known, operation, { now: 1_000_000, random: this.#random });
    if (change.type === "put") this.#known = { type: "alive", record: change.record };
    if (change.type === "destroy") this.#known = { type: "dead" };
    return answer;
  }
}

/** What a vault's unlock key gives for a generation. */
function tagOf(pin: Pin, number: number): GuardTag {
  return new Uint8Array(32).fill(pin === "real" ? 1 : 2).fill(number, 1, 2) as GuardTag;
}

/** A record in the model's words. */
function describe({ guessesLeft, current, prepared }: GuardRecord): readonly unknown[] {
  const generations = [current, ...(prepared === undefined ? [] : [prepared])];
  return [
    guessesLeft,
    ...generations.map(({ number, entries }) => {
      const holds = (pin: Pin): boolean =>
        entries.some(({ tagHash, pad }) => guardTagHash(tagOf(pin, number), pad).join() === tagHash.join());
      return { number, real: holds("real"), decoy: holds("decoy") };
    }),
  ];
}
