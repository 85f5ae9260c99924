import type { Outcome } from "../../store/operations.ts";
import type { Perform, StoreOperation } from "./perform.ts";

/** What a client knows of its own doing, in the order in which it learnt it. `number` joins question and answer. */
export type JournalItem =
  | { readonly type: "asked"; readonly number: number; readonly operation: StoreOperation }
  | { readonly type: "answered"; readonly number: number; readonly outcome: Outcome };

/** Gives numbers to operations and notes each one before it is asked and when it is answered. */
export function journaled(perform: Perform, note: (item: JournalItem) => void): Perform {
  let last = 0;
  return async (operation) => {
    last += 1;
    const number = last;
    note({ type: "asked", number, operation });
    const outcome = await perform(operation);
    note({ type: "answered", number, outcome });
    return outcome;
  };
}
