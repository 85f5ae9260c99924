import type { Client } from "@stonechat/core/client-api";
import type { VaultActions } from "../state/vault-actions.ts";
import type { OpenFailure } from "./client-protocol.ts";

/** Where the core is. `elsewhere`: another tab runs it. */
export type CoreState =
  | { readonly type: "opening" }
  | { readonly type: "open"; readonly client: Client }
  | { readonly type: "elsewhere" }
  | { readonly type: "failed"; readonly reason: OpenFailure };

/** Runs the core for this page, and says what became of it. */
export interface CoreHost {
  /** Calls `listener` now and at each change. Returns what ends it. */
  onState(listener: (state: CoreState) => void): () => void;
  /** Takes the core over from another tab. */
  useHere(): void;
  /** What concerns the vault from outside; undefined where this page keeps no vault. */
  readonly actions?: VaultActions;
}

/** A state that listeners hear of. */
export function createCoreState(): { readonly set: (state: CoreState) => void; readonly on: CoreHost["onState"] } {
  let state: CoreState = { type: "opening" };
  const listeners = new Set<(state: CoreState) => void>();
  return {
    set(next) {
      state = next;
      for (const listener of [...listeners]) listener(next);
    },
    on(listener) {
      listeners.add(listener);
      listener(state);
      return () => void listeners.delete(listener);
    },
  };
}
