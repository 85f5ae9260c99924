import fc from "fast-check";
import { expect, test } from "vitest";
import { EntryTable, type EntryPlace } from "./entry-table.ts";

const places = fc.record({
  seq: fc.oneof(fc.nat({ max: 400 }), fc.integer({ min: 2 ** 33, max: 2 ** 33 + 400 })),
  segment: fc.integer({ min: 3, max: 2 ** 32 - 1 }),
  at: fc.nat({ max: 2 ** 31 - 1 }),
  length: fc.nat({ max: 2 ** 20 }),
  commit: fc.boolean(),
  expiresAt: fc.nat({ max: 2 ** 42 - 1 }),
  fingerprint: fc.nat({ max: 5 }),
});
/** `many`: so many entries as a log gets them one after the other. */
type Step =
  | { readonly add: EntryPlace }
  | { readonly many: number; readonly like: EntryPlace; readonly gap: number; readonly every: number }
  | { readonly remove: number; readonly count: number }
  | { readonly move: number; readonly at: number }
  | "tidy"
  | "remove-last"
  | "trim";
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ add: places }) },
  {
    weight: 3,
    arbitrary: fc.record({
      many: fc.integer({ min: 1, max: 700 }),
      like: places,
      gap: fc.nat({ max: 3 }),
      every: fc.constantFrom(1, 1000, 60_000, 2 ** 31),
    }),
  },
  { weight: 3, arbitrary: fc.record({ remove: fc.nat(), count: fc.constantFrom(1, 1, 50, 600) }) },
  { weight: 1, arbitrary: fc.record({ move: fc.nat(), at: fc.nat({ max: 2 ** 32 - 1 }) }) },
  { weight: 1, arbitrary: fc.constant("trim" as const) },
  { weight: 1, arbitrary: fc.constant("tidy" as const) },
  { weight: 1, arbitrary: fc.constant("remove-last" as const) },
);

/** The readable twin: a sorted array. */
function follow(table: EntryTable, twin: EntryPlace[], step: Step): void {
  if (step === "tidy") table.tidy();
  else if (step === "trim") table.trim();
  else if (step === "remove-last") removeLast(table, twin);
  else if ("add" in step) add(table, twin, step.add);
  else if ("many" in step) {
    const { many, like, gap, every } = step;
    const from = (twin.at(-1)?.seq ?? 0) + 1;
    for (let i = 0; i < many; i += 1) {
      const [seq, at] = [from + i * (gap + 1), like.at + 100 * i];
      const expiresAt = Math.min(like.expiresAt + i * every, 2 ** 42 - 1);
      add(table, twin, { ...like, seq, at, expiresAt, segment: like.segment - (i % 3), fingerprint: i * 977 });
    }
  } else if ("move" in step) {
    const moved = twin[step.move % Math.max(1, twin.length)];
    if (moved === undefined) return;
    table.move(table.find(moved.seq), step.at);
    twin[twin.indexOf(moved)] = { ...moved, at: step.at };
  } else {
    const first = step.remove % Math.max(1, twin.length);
    for (const { seq } of twin.splice(first, step.count)) {
      table.remove(table.find(seq));
      table.tidy();
    }
  }
}

/** Only the newest of all is ever taken back, and what died before it is no concern of that. */
function removeLast(table: EntryTable, twin: EntryPlace[]): void {
  const last = twin.at(-1);
  if (last === undefined) return;
  table.tidy();
  if (table.seqAt(table.end - 1) !== last.seq || table.isHole(table.end - 1)) return;
  table.removeLast(last.seq);
  twin.pop();
}

function add(table: EntryTable, twin: EntryPlace[], place: EntryPlace): void {
  const last = twin.at(-1);
  const far = Math.abs((twin[0]?.seq ?? place.seq) - place.seq) >= 2 ** 32;
  const between = last !== undefined && last.seq >= place.seq;
  if (far || (last !== undefined && Math.abs(last.seq - place.seq) >= 2 ** 32)) return;
  if (between && twin.some(({ seq }) => seq === place.seq)) return;
  table.add(place);
  twin.push(place);
  if (between) twin.sort((a, b) => a.seq - b.seq);
}

function contents(table: EntryTable): Omit<EntryPlace, "fingerprint">[] {
  const all: Omit<EntryPlace, "fingerprint">[] = [];
  for (let index = 0; index < table.end; index += 1) {
    if (table.isHole(index)) continue;
    all.push({
      seq: table.seqAt(index),
      segment: table.segmentAt(index),
      at: table.offsetAt(index),
      length: table.lengthAt(index),
      commit: table.commitAt(index),
      expiresAt: table.expiresAt(index),
    });
  }
  return all;
}

function withoutFingerprint({
  seq,
  segment,
  at,
  length,
  commit,
  expiresAt,
}: EntryPlace): Omit<EntryPlace, "fingerprint"> {
  return { seq, segment, at, length, commit, expiresAt };
}

test("agrees with a sorted array, and finds the newest entry of each fingerprint", () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 25, size: "max" }), (history) => {
      const table = new EntryTable();
      const twin: EntryPlace[] = [];
      for (const step of history) follow(table, twin, step);
      expect(JSON.stringify(contents(table))).toBe(JSON.stringify(twin.map(withoutFingerprint)));
      expect(table.size).toBe(twin.length);
      for (const fingerprint of [0, 1, 2, 3, 4, 5, 977, 977 * 64, 977 * 500, 977 * 699]) {
        const found = table.findFingerprint(fingerprint);
        expect(found < 0 ? undefined : table.seqAt(found)).toBe(
          twin.findLast((e) => e.fingerprint === fingerprint)?.seq,
        );
      }
      for (const { seq } of twin.slice(-700)) expect(table.seqAt(table.find(seq))).toBe(seq);
      const seqs = new Set(twin.map(({ seq }) => seq));
      for (let seq = 0; seq < 500; seq += 1) expect(seqs.has(seq) || table.find(seq) === -1).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("a time beyond the year 2109 is kept as that", () => {
  const table = new EntryTable();
  table.add({ seq: 0, segment: 1, at: 0, length: 0, commit: false, expiresAt: 2 ** 52, fingerprint: 0 });
  expect(table.expiresAt(0)).toBe(2 ** 42 - 1);
});
