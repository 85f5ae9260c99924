import type { PoolId, TokenHash } from "@stonechat/protocol";
import type { StorageFull, Unknown } from "../logs/log-store.ts";

/** KeyPackages to add. `create` allows that the pool be made; without it an absent pool is `unknown`. */
export interface PutPool {
  readonly poolId: PoolId;
  readonly ownerHash: TokenHash;
  readonly takeHash: TokenHash;
  readonly keyPackages: readonly Uint8Array[];
  readonly lastResort: Uint8Array | undefined;
  readonly create: boolean;
}

export interface TakePool {
  readonly poolId: PoolId;
  readonly takeHash: TokenHash;
}

export interface AskPool {
  readonly poolId: PoolId;
  readonly ownerHash: TokenHash;
}

export type PutOutcome =
  { readonly type: "put"; readonly created: boolean } | { readonly type: "full" } | StorageFull | Unknown;
export type TakeOutcome =
  | { readonly type: "taken"; readonly keyPackage: Uint8Array; readonly lastResort: boolean }
  | { readonly type: "empty" }
  | StorageFull
  | Unknown;
export type StatusOutcome =
  | {
      readonly type: "status";
      readonly count: number;
      readonly hasLastResort: boolean;
      readonly lastResortUsed: boolean;
    }
  | Unknown;

/** The most KeyPackages one pool holds. */
export const MAX_POOL_SIZE = 1000;

/**
 * Keeps pools of one-time KeyPackages. Each call is atomic and durable before it settles, so that one KeyPackage is
 * never given to two takers, not even across a crash. The last-resort KeyPackage is given only when no other is left.
 * A later `put` by the owner may change the take token, and adds what it carries or nothing at all.
 */
export interface PoolStore {
  put(what: PutPool): Promise<PutOutcome>;
  take(what: TakePool): Promise<TakeOutcome>;
  status(what: AskPool): Promise<StatusOutcome>;
}
