import { equalSecrets, guardEntrySecret, sha256, type Random } from "@stonechat/crypto/guard";
import type { GuardAnswer, GuardEntry, GuardOperation, GuardTag } from "@stonechat/protocol";
import { findEntry, generationOf, matches, type FoundEntry } from "./generations.ts";
import { changed, destroyed, refused, unchanged, type Step, type StepInput } from "./outcome.ts";
import { MAX_GUESSES, REFILL_MS, type Generation, type GuardRecord } from "./record.ts";

const PAD_BYTES = 32;

/**
 * Releases the entry that a tag matches, once for each ticket, and overwrites the pads of all others in the same change.
 *
 * Asked again with the same ticket and tag it releases the same, and nothing once that entry is gone: what is released
 * is computed anew, so that no answer outlives the entry it came from.
 */
export function open(
  record: GuardRecord,
  { ticket, tag }: Extract<GuardOperation, { type: "open" }>,
  input: StepInput,
): Step {
  const guess = record.guesses.find((one) => equalSecrets(one.ticket, ticket));
  if (guess === undefined) return refused("ticket");
  const chosen = generationOf(record, guess.generation);
  if (chosen === undefined) return refused("generation");
  const opened = sha256(tag);
  if (guess.opened !== undefined) {
    return equalSecrets(guess.opened, opened) ? unchanged(release(findEntry(chosen, tag)?.entry)) : refused("ticket");
  }
  const guesses = record.guesses.map((one) => (one === guess ? { ...one, opened } : one));
  const found = findEntry(chosen, tag);
  if (found === undefined) {
    if (record.guessesLeft === 0) return destroyed({ type: "closed" });
    return changed({ ...record, guesses }, { type: "closed" });
  }
  const spare = (generation: Generation): Generation => overwriteOthers(generation, chosen, found, tag, input.random);
  const { current, prepared } = record;
  const after = {
    ...refilled(record, input.now),
    guesses,
    current: spare(current),
    prepared: prepared === undefined ? undefined : spare(prepared),
  };
  return changed(after, release(found.entry));
}

/** In the other generation stays what the same tag also matches: it belongs to the same vault. */
function overwriteOthers(
  generation: Generation,
  chosen: Generation,
  found: FoundEntry,
  tag: GuardTag,
  random: Random,
): Generation {
  const entries = generation.entries.map((entry, position) => {
    const stays = generation === chosen ? position === found.position : matches(entry, tag);
    return stays ? entry : { ...entry, pad: random.bytes(PAD_BYTES) };
  });
  return { ...generation, entries };
}

/** The guess itself and one for each whole {@link REFILL_MS} come back. A clock that was set back gives nothing. */
function refilled(record: GuardRecord, now: number): GuardRecord {
  const units = Math.max(0, Math.floor((now - record.refilledAt) / REFILL_MS));
  return {
    ...record,
    guessesLeft: Math.min(MAX_GUESSES, record.guessesLeft + 1 + units),
    refilledAt: units > 0 ? now : record.refilledAt,
  };
}

function release(entry: GuardEntry | undefined): GuardAnswer {
  return entry === undefined
    ? { type: "closed" }
    : { type: "opened", secret: guardEntrySecret(entry.material, entry.pad) };
}
