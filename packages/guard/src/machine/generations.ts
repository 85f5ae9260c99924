import { equalSecrets, guardTagHash } from "@stonechat/crypto/guard";
import { ENTRY_COUNT, type GuardEntry, type GuardOperation, type GuardTag } from "@stonechat/protocol";
import { changed, destroyed, refused, unchanged, type Step } from "./outcome.ts";
import type { Generation, GuardRecord } from "./record.ts";
import { keyPairOf } from "./share.ts";

/** An entry and where it stands. */
export interface FoundEntry {
  readonly position: number;
  readonly entry: GuardEntry;
}

/** The current generation or the prepared one, whichever has this number. */
export function generationOf({ current, prepared }: GuardRecord, number: number): Generation | undefined {
  if (current.number === number) return current;
  return prepared?.number === number ? prepared : undefined;
}

/** Whether a tag opens an entry. */
export function matches(entry: GuardEntry, tag: GuardTag): boolean {
  return equalSecrets(guardTagHash(tag, entry.pad), entry.tagHash);
}

/** The entry that a tag opens. Looks at every one, whichever matches. */
export function findEntry({ entries }: Generation, tag: GuardTag): FoundEntry | undefined {
  const verdicts = entries.map((entry) => matches(entry, tag));
  const position = verdicts.indexOf(true);
  const entry = entries[position];
  return entry === undefined ? undefined : { position, entry };
}

/**
 * Puts the next generation beside the one named `from`, in place of any other but a newer one. Needs the tag of an entry
 * of `from` that can still be opened; another one costs a guess, or who can open one vault could try tags of the others
 * here for nothing. Entries in `keepAlive` stay as they are in `from`, with the pad that is given for them.
 */
export function prepare(record: GuardRecord, operation: Extract<GuardOperation, { type: "prepare" }>): Step {
  const { tag, from, generation, keepAlive } = operation;
  const base = generationOf(record, from);
  if (base === undefined) return refused("generation");
  if (findEntry(base, tag) === undefined) return chargedForTag(record);
  // Held back on the way while a newer attempt went on: it must not undo that one.
  if (record.prepared !== undefined && generation < record.prepared.number) return refused("generation");
  const share = operation.share ?? base.share;
  const positions = new Set(keepAlive.map(({ position }) => position));
  const sound =
    generation > from &&
    operation.entries.length === ENTRY_COUNT &&
    positions.size === keepAlive.length &&
    keepAlive.every(({ position }) => position < ENTRY_COUNT) &&
    keyPairOf(share) !== undefined;
  if (!sound) return refused("malformed");
  const entries = operation.entries.map((entry, position) => {
    const pad = keepAlive.find((kept) => kept.position === position)?.pad;
    const kept = base.entries[position];
    return pad === undefined || kept === undefined ? entry : { tagHash: kept.tagHash, material: kept.material, pad };
  });
  // What was evaluated under a generation that goes away can no more be opened.
  const guesses = record.guesses.filter((guess) => guess.generation === from);
  const prepared = { number: generation, share, entries };
  return changed({ ...record, current: base, prepared, guesses }, { type: "done" });
}

function chargedForTag(record: GuardRecord): Step {
  if (record.guessesLeft === 0) return destroyed({ type: "closed" });
  return changed({ ...record, guessesLeft: record.guessesLeft - 1 }, { type: "closed" });
}

/** Makes the prepared generation the only one. Again: nothing more. */
export function finalize(record: GuardRecord, generation: number): Step {
  const { current, prepared } = record;
  if (current.number === generation) return unchanged({ type: "done" });
  if (prepared?.number !== generation) return refused("generation");
  return changed({ ...record, current: prepared, prepared: undefined, guesses: [] }, { type: "done" });
}
