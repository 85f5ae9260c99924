import type { LogId, TokenHash } from "@stonechat/protocol";
import { mapKey } from "../map-key.ts";
import type { Connection } from "./connection.ts";

/** One connection follows one log. `live`: everything up to `cursor` was sent, and what comes next is pushed at once. */
export interface Subscription {
  readonly connection: Connection;
  readonly logId: LogId;
  readonly readHash: TokenHash;
  readonly epoch: number;
  cursor: number;
  live: boolean;
}

/** Who follows which log. */
export class Subscriptions {
  readonly #byLog = new Map<string, Set<Subscription>>();

  get logs(): number {
    return this.#byLog.size;
  }

  of(logId: LogId): ReadonlySet<Subscription> | undefined {
    return this.#byLog.get(mapKey(logId));
  }

  add(subscription: Subscription): void {
    const key = mapKey(subscription.logId);
    const set = this.#byLog.get(key);
    if (set === undefined) this.#byLog.set(key, new Set([subscription]));
    else set.add(subscription);
  }

  remove(subscription: Subscription): void {
    const key = mapKey(subscription.logId);
    const set = this.#byLog.get(key);
    if (set?.delete(subscription) === true && set.size === 0) this.#byLog.delete(key);
  }
}
