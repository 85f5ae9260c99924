import { fc, test } from "@fast-check/vitest";
import { initCrypto, type Random } from "@stonechat/crypto/guard";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect } from "vitest";
import { Dealer, Subject } from "../testing/dealer.ts";
import { MAX_GUESSES } from "./record.ts";

beforeAll(initCrypto);

/** n guards, t needed, f of them working for the thief. Source: docs/PROTOCOL.md, "Guards". */
const SETTINGS = [
  { n: 1, t: 1, f: 0, guesses: 10 },
  { n: 3, t: 2, f: 0, guesses: 15 },
  { n: 3, t: 2, f: 1, guesses: 20 },
  { n: 4, t: 3, f: 0, guesses: 13 },
  { n: 4, t: 3, f: 1, guesses: 15 },
  { n: 5, t: 4, f: 0, guesses: 12 },
  { n: 5, t: 4, f: 1, guesses: 13 },
  { n: 3, t: 3, f: 0, guesses: 10 },
  { n: 3, t: 3, f: 1, guesses: 10 },
] as const;
const bound = ({ n, t, f }: (typeof SETTINGS)[number]): number => Math.floor(((n - f) * MAX_GUESSES) / (t - f));

/** The honest guards that hold one device's records; those of the thief charge nothing and need not be here. */
function honestGuards(count: number, random: Random): { readonly guards: readonly Subject[]; readonly dealer: Dealer } {
  const dealer = new Dealer(random);
  const guards = Array.from({ length: count }, () => {
    const guard = new Subject(random);
    guard.ask(dealer.register(dealer.entries()));
    return guard;
  });
  return { guards, dealer };
}

/** One wrong PIN at these guards. @returns whether all of them evaluated it. */
function guess(guards: readonly Subject[], dealer: Dealer): boolean {
  const blindedElement = dealer.element();
  return guards
    .map((guard) => {
      const answer = guard.ask({ type: "evaluate", generation: 1, blindedElement });
      if (answer.type === "evaluated") guard.ask({ type: "open", ticket: answer.ticket, tag: dealer.tag() });
      return answer.type === "evaluated";
    })
    .every(Boolean);
}

const leftAt = ({ known }: Subject): number => (known.type === "alive" ? known.record.guessesLeft : 0);

test.each(SETTINGS)("a thief gets $guesses guesses from $t of $n guards with $f on his side", (setting) => {
  const { n, t, f, guesses } = setting;
  expect(bound(setting)).toBe(guesses);
  const { guards, dealer } = honestGuards(n - f, repeatableRandom("bounds"));
  let got = 0;
  // He asks those that have most left: nothing else gets more out of them.
  for (let tried = 0; tried < 60; tried += 1) {
    const chosen = guards.toSorted((a, b) => leftAt(b) - leftAt(a)).slice(0, t - f);
    if (guess(chosen, dealer)) got += 1;
  }
  expect(got).toBe(guesses);
  expect(guards.filter((guard) => guard.known.type === "alive").length).toBeLessThan(t - f);
});

const moves = fc.array(fc.uniqueArray(fc.nat({ max: 4 }), { minLength: 1, maxLength: 5 }), {
  maxLength: 60,
  size: "max",
});
test.prop([fc.constantFrom(...SETTINGS), moves, fc.nat()], { numRuns: 60 })(
  "no choice of guards gets more guesses than the bound",
  (setting, choices, seed) => {
    const { n, t, f } = setting;
    const { guards, dealer } = honestGuards(n - f, repeatableRandom(seed));
    const got = choices.filter((choice) => {
      const chosen = choice.flatMap((at) => guards[at] ?? []);
      return guess(chosen, dealer) && chosen.length >= t - f;
    });
    expect(got.length).toBeLessThanOrEqual(bound(setting));
  },
);

test("who can open one vault of a record and put back the pads of the others has no more tries at their tags than guesses", () => {
  const random = repeatableRandom("beside");
  const dealer = new Dealer(random);
  const outer = dealer.tag();
  const entries = dealer.entries(outer, dealer.tag());
  const guard = new Subject(random);
  guard.ask(dealer.register(entries));
  const keepAlive = entries.slice(1).map(({ entry }, at) => ({ position: at + 1, pad: entry.pad }));
  let tries = 0;
  for (let generation = 1; generation <= 50; generation += 1) {
    // The output for another PIN; the guess comes back with the outer vault's tag, the hidden entry with its pad.
    const evaluated = guard.ask({ type: "evaluate", generation, blindedElement: dealer.element() });
    if (evaluated.type !== "evaluated") break;
    guard.ask({ type: "open", ticket: evaluated.ticket, tag: outer });
    guard.ask(dealer.prepare(outer, generation, generation + 1, entries, keepAlive));
    guard.ask({ type: "finalize", generation: generation + 1 });
    // And whether it was the PIN.
    if (guard.ask(dealer.prepare(dealer.tag(), generation + 1, generation + 2, entries)).type === "closed") tries += 1;
  }
  expect(tries).toBeLessThanOrEqual(MAX_GUESSES + 1);
});

test.each([
  { n: 3, t: 2, f: 0, enforced: true },
  { n: 3, t: 2, f: 1, enforced: false },
  { n: 4, t: 2, f: 0, enforced: false },
  { n: 4, t: 3, f: 1, enforced: true },
  { n: 5, t: 4, f: 2, enforced: true },
  { n: 1, t: 1, f: 0, enforced: true },
])("the decoy destroys the real vault at $t of $n guards with $f on the thief's side: $enforced", (setting) => {
  const { n, t, f, enforced } = setting;
  const random = repeatableRandom("duress");
  const dealer = new Dealer(random);
  const [real, decoy] = [dealer.tag(), dealer.tag()];
  const guards = Array.from({ length: n - f }, () => {
    const guard = new Subject(random);
    guard.ask(dealer.register(dealer.entries(real, decoy)));
    return guard;
  });
  const opens = (guard: Subject, tag: typeof real): boolean =>
    guard.ask({ type: "open", ticket: guard.evaluate(dealer.element()), tag }).type === "opened";
  // The thief looks at the decoy with as few honest guards as he can, then tries the real PIN at all the others.
  expect(guards.slice(0, t - f).every((guard) => opens(guard, decoy))).toBe(true);
  const releasing = guards.filter((guard) => opens(guard, real)).length + f;
  expect(releasing < t).toBe(enforced);
  expect(2 * t > n + f).toBe(enforced);
});
