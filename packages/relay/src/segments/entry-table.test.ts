import fc from "fast-check";
import { expect, test } from "vitest";
import { EntryTable, type EntryPlace } from "./entry-table.ts";

const places = fc.record({
  seq: fc.oneof(fc.nat({ max: 400 }), fc.integer({ min: 2 ** 33, max: 2 ** 33 + 400 })),
  segment: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  at: fc.nat({ max: 2 ** 31 - 1 }),
  length: fc.nat({ max: 2 ** 20 }),
  commit: fc.boolean(),
  expiresAt: fc.nat({ max: 2 ** 42 - 1 }),
  fingerprint: fc.nat({ max: 5 }),
});
type Step = { readonly add: EntryPlace } | { readonly remove: number } | "tidy" | "remove-last";
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ add: places }) },
  { weight: 3, arbitrary: fc.record({ remove: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant("tidy" as const) },
  { weight: 1, arbitrary: fc.constant("remove-last" as const) },
);

/** The readable twin: a sorted array. */
function follow(table: EntryTable, twin: EntryPlace[], step: Step): void {
  if (step === "tidy") table.tidy();
  else if (step === "remove-last") {
    const last = twin.at(-1);
    if (last === undefined) return;
    // Only the newest of all is ever taken back, and what died before it is no concern of that.
    table.tidy();
    if (table.seqAt(table.end - 1) !== last.seq || table.isHole(table.end - 1)) return;
    table.removeLast(last.seq);
    twin.pop();
  } else if ("add" in step) {
    const far = twin.some(({ seq }) => Math.abs(seq - step.add.seq) >= 2 ** 32);
    if (far || twin.some(({ seq }) => seq === step.add.seq)) return;
    table.tidy();
    table.add(step.add);
    twin.push(step.add);
    twin.sort((a, b) => a.seq - b.seq);
  } else {
    const victim = twin[step.remove % Math.max(1, twin.length)];
    if (victim === undefined) return;
    table.remove(table.find(victim.seq));
    twin.splice(twin.indexOf(victim), 1);
  }
}

function contents(table: EntryTable): EntryPlace[] {
  const all: EntryPlace[] = [];
  for (let index = 0; index < table.end; index += 1) {
    if (table.isHole(index)) continue;
    all.push({
      seq: table.seqAt(index),
      segment: table.segmentAt(index),
      at: table.offsetAt(index),
      length: table.lengthAt(index),
      commit: table.commitAt(index),
      expiresAt: table.expiresAt(index),
      fingerprint: table.fingerprintAt(index),
    });
  }
  return all;
}

test("agrees with a sorted array, and finds the newest entry of each fingerprint", () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 600, size: "max" }), (history) => {
      const table = new EntryTable();
      const twin: EntryPlace[] = [];
      for (const step of history) follow(table, twin, step);
      expect(contents(table)).toEqual(twin);
      expect(table.size).toBe(twin.length);
      for (let fingerprint = 0; fingerprint < 6; fingerprint += 1) {
        const found = table.findFingerprint(fingerprint);
        expect(found < 0 ? undefined : table.seqAt(found)).toBe(
          twin.findLast((e) => e.fingerprint === fingerprint)?.seq,
        );
      }
      for (const { seq } of twin) expect(table.seqAt(table.find(seq))).toBe(seq);
      expect(table.find(500)).toBe(-1);
    }),
    { numRuns: 200 },
  );
});

test("a time beyond the year 2109 is kept as that", () => {
  const table = new EntryTable();
  table.add({ seq: 0, segment: 1, at: 0, length: 0, commit: false, expiresAt: 2 ** 52, fingerprint: 0 });
  expect(table.expiresAt(0)).toBe(2 ** 42 - 1);
});
