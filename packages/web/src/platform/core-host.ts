import type { Client, VaultStatus } from "@stonechat/core/client-api";
import type { OpenFailure } from "./client-protocol.ts";
import type { Door, OnTravelProgress } from "./door.ts";

/** Where the core is. `elsewhere`: another tab runs it. */
export type CoreState =
  | { readonly type: "opening" }
  /** No vault yet. `evicted`: there was one, and the browser threw it away. */
  | { readonly type: "absent"; readonly evicted: boolean }
  | { readonly type: "locked"; readonly status: Extract<VaultStatus, { readonly type: "locked" }> }
  | { readonly type: "damaged" }
  | { readonly type: "open"; readonly client: Client }
  | { readonly type: "elsewhere" }
  | { readonly type: "failed"; readonly reason: OpenFailure };

/** Runs the core for this page, and says what became of it. */
export interface CoreHost {
  /** Calls `listener` now and at each change. Returns what ends it. */
  onState(listener: (state: CoreState) => void): () => void;
  /** Takes the core over from another tab. */
  useHere(): void;
  readonly door: Omit<Door, "status" | "visitDecoy" | "close" | "wipe" | "forget" | "restoreTravel">;
  /**
   * Takes the keys out of memory: what is on the screen goes at once, then the worker that held them. With `burn` what
   * has disappeared is burnt first, if the guards answer within a few seconds.
   */
  lock(options: { readonly burn: boolean }): Promise<void>;
  /** Closes this vault and opens its decoy, to fill it. */
  visitDecoy(): Promise<void>;
  /** Destroys everything on this device and at the guards. */
  wipe(): Promise<void>;
  /** Takes the vault off this device once it lies at the relay; the guards keep their part. */
  leaveForTravel(): Promise<void>;
  restoreTravel(
    input: { readonly code: string; readonly relayUrl?: string },
    onProgress: OnTravelProgress,
  ): Promise<void>;
}

/** A state that listeners hear of. */
export function createCoreState(): {
  readonly get: () => CoreState;
  readonly set: (state: CoreState) => void;
  readonly on: CoreHost["onState"];
} {
  let state: CoreState = { type: "opening" };
  const listeners = new Set<(state: CoreState) => void>();
  return {
    get: () => state,
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
