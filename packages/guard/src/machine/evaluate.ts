import { equalSecrets, KeyError, voprfEvaluate, type Random } from "@stonechat/crypto/guard";
import type { GuardOperation, Ticket } from "@stonechat/protocol";
import { changed, destroyed, refused, unchanged, type Step, type StepInput } from "./outcome.ts";
import { generationOf } from "./generations.ts";
import { MAX_GUESSES, SAME_GUESS_MS, type GuardRecord, type Guess } from "./record.ts";
import { keyPairOf } from "./share.ts";

const TICKET_BYTES = 16;

/** Charges one guess and evaluates; the same blinded element again is the same guess. With none left, the record ends. */
export function evaluate(
  record: GuardRecord,
  { generation, blindedElement }: Extract<GuardOperation, { type: "evaluate" }>,
  { now, random }: StepInput,
): Step {
  const chosen = generationOf(record, generation);
  if (chosen === undefined) return refused("generation");
  const evaluation = evaluateUnder(chosen.share, blindedElement, random);
  if (evaluation === undefined) return refused("malformed");
  const again = record.guesses.find(
    (guess) =>
      guess.generation === generation && equalSecrets(guess.blindedElement, blindedElement) && isRecent(guess, now),
  );
  if (again !== undefined) {
    return unchanged({ type: "evaluated", ...evaluation, ticket: again.ticket, guessesLeft: record.guessesLeft });
  }
  if (record.guessesLeft === 0) return destroyed({ type: "refused", reason: "denied" });
  const ticket = random.bytes(TICKET_BYTES) as Ticket; // a ticket is whatever we name so
  const guess: Guess = { ticket, generation, blindedElement, at: now, opened: undefined };
  const guessesLeft = record.guessesLeft - 1;
  // Each guess kept was paid for; what is pushed out is only its chance to be opened.
  const guesses = [...record.guesses, guess].slice(-MAX_GUESSES);
  return changed({ ...record, guesses, guessesLeft }, { type: "evaluated", ...evaluation, ticket, guessesLeft });
}

/** A clock that was set back makes a new guess of it: what is in doubt is charged. */
function isRecent({ at }: Guess, now: number): boolean {
  return now >= at && now - at < SAME_GUESS_MS;
}

function evaluateUnder(
  share: Uint8Array,
  blindedElement: Uint8Array,
  random: Random,
): { readonly evaluatedElement: Uint8Array; readonly proof: Uint8Array } | undefined {
  const keyPair = keyPairOf(share);
  if (keyPair === undefined) return undefined;
  try {
    return voprfEvaluate(keyPair, blindedElement, random);
  } catch (error) {
    if (error instanceof KeyError) return undefined;
    throw error;
  }
}
