import type { Outcome } from "../../store/operations.ts";
import type { Perform, StoreOperation } from "./perform.ts";

/** What a client knows of its own doing, in the order in which it learnt it. `number` joins question and answer. */
export type JournalItem =
  | { readonly type: "asked"; readonly number: number; readonly operation: StoreOperation }
  | { readonly type: "answered"; readonly number: number; readonly outcome: Outcome };

/** Gives numbers to operations and notes each one before it is asked and when it is answered. */
export class Journal {
  readonly #note: (item: JournalItem) => void;
  #last = 0;

  constructor(note: (item: JournalItem) => void) {
    this.#note = note;
  }

  /** The same store, but what is asked of it is noted here. */
  over(perform: Perform): Perform {
    return async (operation) => {
      this.#last += 1;
      const number = this.#last;
      this.#note({ type: "asked", number, operation });
      const outcome = await perform(operation);
      this.#note({ type: "answered", number, outcome });
      return outcome;
    };
  }
}
