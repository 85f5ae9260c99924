import type { Reply, RequestOf } from "@stonechat/protocol";
import type { Admission } from "../admission/admission.ts";
import type { Clock } from "../clock.ts";
import { mapKey } from "../map-key.ts";
import type { PoolStore } from "../pools/pool-store.ts";
import type { Counters } from "./counters.ts";
import type { ServiceLimits } from "./limits.ts";
import { hashToken } from "./log-service.ts";
import { refusal } from "./replies.ts";
import { TokenBuckets } from "@stonechat/serving";

export interface PoolServiceParts {
  readonly pools: PoolStore;
  readonly admission: Admission;
  readonly limits: ServiceLimits;
  readonly clock: Clock;
  readonly counters: Counters;
}

/** Answers requests about pools. Takes are budgeted for each pool, so that nobody empties one by asking. */
export class PoolService {
  readonly #parts: PoolServiceParts;
  readonly #budgets: TokenBuckets;
  readonly #budgetsOfAskers: TokenBuckets;

  constructor(parts: PoolServiceParts) {
    this.#parts = parts;
    const { poolTakeBurstPerPrefix, poolTakeSecondsPerPrefix } = parts.limits;
    this.#budgetsOfAskers = new TokenBuckets(poolTakeBurstPerPrefix, 1 / poolTakeSecondsPerPrefix);
    this.#budgets = new TokenBuckets(parts.limits.poolTakeBurst, 1 / parts.limits.poolTakeSeconds);
  }

  async put(request: RequestOf<"pool-put">): Promise<Reply> {
    const { pools, admission } = this.#parts;
    const { poolId, keyPackages, lastResort, takeHash } = request;
    const what = { poolId, ownerHash: hashToken(request.ownerToken), takeHash, keyPackages, lastResort };
    // Only making a pool needs admission: an owner's refill must not depend on a code that was used up meanwhile.
    const refill = await pools.put({ ...what, create: false });
    if (refill.type !== "unknown") return refill.type === "put" ? { type: "done" } : refusal(refill.type);
    if (!(await admission.admit(request.admission))) return refusal("not-admitted");
    const outcome = await pools.put({ ...what, create: true });
    if (outcome.type === "put") return { type: "done" };
    await admission.refund(request.admission);
    if (outcome.type === "unknown") this.#parts.counters.add("unknowns");
    return refusal(outcome.type);
  }

  /** @param prefix - Where it comes from: one asker must leave something of the pool's budget for the others. */
  async take({ poolId, takeToken }: RequestOf<"pool-take">, prefix: string | undefined): Promise<Reply> {
    const { pools, clock, counters } = this.#parts;
    const takeHash = hashToken(takeToken);
    // Counted by pool and token: who does not hold the token cannot use up the budget of who does.
    const budget = mapKey(poolId) + mapKey(takeHash);
    const asker = prefix === undefined ? undefined : `${prefix} ${budget}`;
    const now = clock.now();
    if (asker !== undefined && !this.#budgetsOfAskers.take(asker, now)) return refusal("busy");
    if (!this.#budgets.take(budget, now)) return refusal("busy");
    const outcome = await pools.take({ poolId, takeHash });
    switch (outcome.type) {
      case "taken":
        counters.add(outcome.lastResort ? "lastResorts" : "poolTakes");
        return outcome;
      case "empty":
        return refusal("busy");
      case "unknown":
        this.#budgets.forget(budget);
        if (asker !== undefined) this.#budgetsOfAskers.forget(asker);
        counters.add("unknowns");
        return refusal("unknown");
      case "storage-full":
        return refusal("storage-full");
    }
  }

  async status({ poolId, ownerToken }: RequestOf<"pool-status">): Promise<Reply> {
    const outcome = await this.#parts.pools.status({ poolId, ownerHash: hashToken(ownerToken) });
    if (outcome.type === "status") return { ...outcome, type: "pool-status" };
    this.#parts.counters.add("unknowns");
    return refusal("unknown");
  }

  tick(now: number): void {
    this.#budgets.sweep(now);
    this.#budgetsOfAskers.sweep(now);
  }
}
