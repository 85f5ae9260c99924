import type { LogId, TokenHash } from "@stonechat/protocol";
import { mapKey } from "../map-key.ts";
import type { Follower } from "./follower.ts";

/** One connection follows one log. `live`: everything up to `cursor` was sent, and what comes next is pushed at once. */
export interface Subscription {
  readonly follower: Follower;
  readonly logId: LogId;
  readonly readHash: TokenHash;
  readonly epoch: number;
  cursor: number;
  live: boolean;
  /** While not live: what was announced since the log was last asked, as the position after it. Infinity: anything. */
  heard: number;
}

/** Who follows which log. */
export class Subscriptions {
  readonly #byLog = new Map<string, Set<Subscription>>();
  /** Of all connections: being looked up, and here soon. */
  asked = 0;
  #size = 0;

  /** Of all connections. */
  get size(): number {
    return this.#size;
  }

  get logs(): number {
    return this.#byLog.size;
  }

  of(logId: LogId): ReadonlySet<Subscription> | undefined {
    return this.#byLog.get(mapKey(logId));
  }

  /** Each log that somebody follows, once. */
  logIds(): readonly LogId[] {
    return [...this.#byLog.values()].flatMap(([first]) => first?.logId ?? []);
  }

  add(subscription: Subscription): void {
    const key = mapKey(subscription.logId);
    const set = this.#byLog.get(key);
    this.#size += 1;
    if (set === undefined) this.#byLog.set(key, new Set([subscription]));
    else set.add(subscription);
  }

  remove(subscription: Subscription): void {
    const key = mapKey(subscription.logId);
    const set = this.#byLog.get(key);
    if (set?.delete(subscription) !== true) return;
    this.#size -= 1;
    if (set.size === 0) this.#byLog.delete(key);
  }
}
