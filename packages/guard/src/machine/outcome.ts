import type { Random } from "@stonechat/crypto/guard";
import type { GuardAnswer, GuardRefusal } from "@stonechat/protocol";
import type { Change, GuardRecord } from "./record.ts";

/** What the machine takes from the world: milliseconds since 1970, and fresh random bytes. */
export interface StepInput {
  readonly now: number;
  readonly random: Random;
}

/** What a guard must do: make the change durable, then give the answer. */
export interface Step {
  readonly change: Change;
  readonly answer: GuardAnswer;
}

/** Changes nothing. */
export function unchanged(answer: GuardAnswer): Step {
  return { change: { type: "none" }, answer };
}

export function refused(reason: GuardRefusal): Step {
  return unchanged({ type: "refused", reason });
}

export function changed(record: GuardRecord, answer: GuardAnswer): Step {
  return { change: { type: "put", record }, answer };
}

/** Ends the record for good. */
export function destroyed(answer: GuardAnswer): Step {
  return { change: { type: "destroy" }, answer };
}
