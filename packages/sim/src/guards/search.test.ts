import { expect, test } from "vitest";
import type { Rules } from "./model.ts";
import { search } from "./search.ts";

const TWO_OF_THREE = { count: 3, threshold: 2, guesses: 3, sessions: 1, thiefActs: 2, delays: 0 } satisfies Rules;

const SOUND: readonly (readonly [string, Rules])[] = [
  ["two unlocks of either PIN, killed and cut off anywhere", { ...TWO_OF_THREE, sessions: 2, thiefActs: 0 }],
  ["the same while the network holds one request back", { ...TWO_OF_THREE, sessions: 2, thiefActs: 0, delays: 1 }],
  ["two unlocks while a thief guesses", { ...TWO_OF_THREE, guesses: 2, sessions: 2, thiefActs: 1 }],
  ["an unlock while a thief guesses until guesses run out", { ...TWO_OF_THREE, guesses: 2, thiefActs: 3 }],
  ["an unlock with three of four guards", { ...TWO_OF_THREE, count: 4, threshold: 3, thiefActs: 1 }],
];

test.each(SOUND)("every state keeps the promises: %s", (name, rules) => {
  const { states, violation, trace } = search(rules);
  console.log(`${name}: ${states.toLocaleString("en")} states`);
  expect([violation, trace]).toEqual([undefined, []]);
  expect(states).toBeGreaterThan(5000);
});

const BROKEN: readonly (readonly [string, Rules, string])[] = [
  ["two of four guards", { ...TWO_OF_THREE, count: 4 }, "the real vault was opened after the decoy"],
  [
    "finalizing before the switch on the device",
    { ...TWO_OF_THREE, broken: "finalize before the switch" },
    "the real vault cannot be opened any more",
  ],
  [
    "pads that stay when another entry is opened",
    { ...TWO_OF_THREE, broken: "other pads stay" },
    "the real vault was opened after the decoy",
  ],
  [
    "charging after the answer",
    { ...TWO_OF_THREE, broken: "charge after the answer" },
    "more guesses were answered than a record has",
  ],
  [
    "guards that take an older preparation for a newer one",
    { ...TWO_OF_THREE, sessions: 2, thiefActs: 0, delays: 1, broken: "older preparations count" },
    "the real vault cannot be opened any more",
  ],
  [
    "two attempts that share a number",
    { ...TWO_OF_THREE, sessions: 2, thiefActs: 0, delays: 1, broken: "attempts share a number" },
    "the real vault cannot be opened any more",
  ],
];

test.each(BROKEN)("the search finds what is wrong with %s", (_, rules, expected) => {
  expect(search(rules).violation).toBe(expected);
});
