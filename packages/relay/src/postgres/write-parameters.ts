import { CLOSED_EPOCH_KEPT_MS } from "../logs/sqlite-logs.ts";
import { COMMIT, MESSAGE } from "../logs/sqlite-logs.ts";
import { joined, numbers, type Parameter } from "./columns.ts";
import type { Closing, Move } from "./log-plan.ts";

/** What `WRITE` is given, by number. An entry that ends before `fineUntil` is erased when it does. */
export function writeParameters(moves: readonly Move[], fineUntil: number): readonly Parameter[] {
  return [...moveColumns(moves), ...entryColumns(moves, fineUntil), ...closedColumns(moves), ...openedColumns(moves)];
}

/** $1 to $9. */
function moveColumns(moves: readonly Move[]): readonly Parameter[] {
  let first = 1;
  const firsts = moves.map(({ entries }) => {
    const begin = first;
    first += entries.length;
    return begin;
  });
  return [
    numbers(moves.map(({ pk }) => pk)),
    numbers(moves.map(({ from }) => from.epoch)),
    numbers(moves.map(({ from }) => from.nextSeq)),
    numbers(moves.map(({ epoch }) => epoch)),
    numbers(moves.map(({ nextSeq }) => nextSeq)),
    numbers(moves.map(({ added }) => added)),
    joined(moves.map(({ appendHash }) => appendHash)),
    numbers(firsts),
    moves.length,
  ];
}

/** $10 to $17. */
function entryColumns(moves: readonly Move[], fineUntil: number): readonly Parameter[] {
  const planned = moves.flatMap(({ entries }) => entries);
  const entries = planned.map(({ addition }) => addition.entry);
  let offset = 1;
  const offsets = entries.map(({ body }) => {
    const begin = offset;
    offset += body.length;
    return begin;
  });
  return [
    numbers(planned.map(({ epoch }) => epoch)),
    numbers(planned.map(({ addition }) => (addition.type === "commit" ? COMMIT : MESSAGE))),
    `{${entries.map(({ expiresAt }) => String(expiresAt < fineUntil)).join(",")}}`,
    joined(entries.map(({ entryId }) => entryId)),
    numbers(entries.map(({ expiresAt }) => expiresAt)),
    numbers(entries.map(({ body }) => body.length)),
    numbers(offsets),
    joined(entries.map(({ body }) => body)),
  ];
}

/** $18 to $21: epochs that were open before. */
function closedColumns(moves: readonly Move[]): readonly Parameter[] {
  const closed = moves.flatMap(({ pk, closing }) => (closing === undefined ? [] : [{ pk, closing }]));
  return [numbers(closed.map(({ pk }) => pk)), ...closingColumns(closed.map(({ closing }) => closing))];
}

/** $22 to $29: epochs that are new; all but a log's last are closed again. */
function openedColumns(moves: readonly Move[]): readonly Parameter[] {
  const opened = moves.flatMap(({ pk, opened }) => opened.map((epoch) => ({ pk, ...epoch })));
  return [
    numbers(opened.map(({ pk }) => pk)),
    numbers(opened.map(({ number }) => number)),
    numbers(opened.map(({ firstSeq }) => firstSeq)),
    ...closingColumns(opened.map(({ closing }) => closing)),
    joined(opened.map(({ readHash }) => readHash)),
    joined(opened.map(({ appendHash }) => appendHash)),
  ];
}

function closingColumns(closings: readonly (Closing | undefined)[]): readonly Parameter[] {
  return [
    numbers(closings.map((closing) => closing?.seq)),
    numbers(closings.map((closing) => closing?.expiresAt)),
    numbers(closings.map((closing) => (closing === undefined ? undefined : closing.expiresAt + CLOSED_EPOCH_KEPT_MS))),
  ];
}
