import { equalSecrets, sha256 } from "@stonechat/crypto/guard";
import { ENTRY_COUNT, type GuardAnswer, type GuardOperation } from "@stonechat/protocol";
import { evaluate } from "./evaluate.ts";
import { finalize, prepare } from "./generations.ts";
import { open } from "./open.ts";
import { changed, destroyed, refused, unchanged, type Step, type StepInput } from "./outcome.ts";
import { FIRST_GENERATION, MAX_GUESSES, type GuardRecord, type Known } from "./record.ts";
import { keyPairOf } from "./share.ts";

/**
 * Moves one record by one operation whose sender is allowed to ask ({@link isAllowed}).
 *
 * A guess is counted before it is answered. A tag that matches releases its entry and overwrites what all other entries
 * release, in one change. An id that is unknown and one that is destroyed get the same answer.
 */
export function step(known: Known, operation: GuardOperation, input: StepInput): Step {
  if (operation.type === "hello") return unchanged({ type: "done" });
  if (operation.type === "register") return register(known, operation, input);
  if (known.type !== "alive") return refused("denied");
  const { record } = known;
  switch (operation.type) {
    case "status":
      return unchanged(statusOf(record));
    case "evaluate":
      return evaluate(record, operation, input);
    case "open":
      return open(record, operation, input);
    case "prepare":
      return prepare(record, operation);
    case "finalize":
      return finalize(record, operation.generation);
    case "wipe":
      return destroyed({ type: "done" });
    case "revoke":
      return equalSecrets(sha256(operation.secret), record.revokeHash)
        ? destroyed({ type: "done" })
        : refused("denied");
  }
}

function statusOf({ current, prepared, guessesLeft }: GuardRecord): GuardAnswer {
  return { type: "status", generation: current.number, prepared: prepared?.number, guessesLeft };
}

type Registration = Extract<GuardOperation, { type: "register" }>;

function register(known: Known, operation: Registration, { now }: StepInput): Step {
  const { authKey, share, entries, revokeHash } = operation;
  if (entries.length !== ENTRY_COUNT || keyPairOf(share) === undefined) return refused("malformed");
  if (known.type === "dead") return refused("denied");
  if (known.type === "alive") {
    // The reply to the first one was lost.
    return isFreshly(known.record, operation) ? unchanged({ type: "done" }) : refused("denied");
  }
  const record: GuardRecord = {
    authKey,
    revokeHash,
    current: { number: FIRST_GENERATION, share, entries },
    prepared: undefined,
    guessesLeft: MAX_GUESSES,
    refilledAt: now,
    guesses: [],
  };
  return changed(record, { type: "done" });
}

/** Whether the record is as this registration made it, and nothing was done with it since. */
function isFreshly(record: GuardRecord, { authKey, share, entries, revokeHash }: Registration): boolean {
  const { current, prepared, guesses } = record;
  return (
    current.number === FIRST_GENERATION &&
    prepared === undefined &&
    guesses.length === 0 &&
    equalSecrets(record.authKey, authKey) &&
    equalSecrets(record.revokeHash, revokeHash) &&
    equalSecrets(current.share, share) &&
    current.entries.every((own, at) => {
      const other = entries[at];
      return (
        other !== undefined &&
        equalSecrets(own.tagHash, other.tagHash) &&
        equalSecrets(own.material, other.material) &&
        equalSecrets(own.pad, other.pad)
      );
    })
  );
}
