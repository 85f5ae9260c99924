import type { LogId } from "@stonechat/protocol";
import { keyBytes, mapKey } from "../map-key.ts";
import type { Follower } from "./follower.ts";

/**
 * One connection follows one log. `live`: everything up to `cursor` was sent, and what comes next is pushed at once. There
 * may be a million of them: log id and read hash are kept as a `mapKey` each.
 */
export interface Subscription {
  readonly follower: Follower;
  readonly logKey: string;
  readonly readKey: string;
  readonly epoch: number;
  cursor: number;
  live: boolean;
  /** While not live: what was announced since the log was last asked, as the position after it. Infinity: anything. */
  heard: number;
}

/** Who follows which log. */
export class Subscriptions {
  /** Most logs have one follower here: that one stands for itself. */
  readonly #byLog = new Map<string, Subscription | Set<Subscription>>();
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

  /** Whoever leaves while they are gone through is passed over. */
  of(logId: LogId): Iterable<Subscription> | undefined {
    const found = this.#byLog.get(mapKey(logId));
    return found === undefined || found instanceof Set ? found : [found];
  }

  /** Each log that somebody follows, once. */
  logIds(): readonly LogId[] {
    return [...this.#byLog.keys()].map((key) => keyBytes(key) as LogId); // as they were given to `add`
  }

  add(subscription: Subscription): void {
    const { logKey } = subscription;
    const found = this.#byLog.get(logKey);
    this.#size += 1;
    if (found === undefined) this.#byLog.set(logKey, subscription);
    else if (found instanceof Set) found.add(subscription);
    else this.#byLog.set(logKey, new Set([found, subscription]));
  }

  remove(subscription: Subscription): void {
    const { logKey } = subscription;
    const found = this.#byLog.get(logKey);
    const there = found instanceof Set ? found.delete(subscription) : found === subscription;
    if (!there) return;
    this.#size -= 1;
    if (!(found instanceof Set) || found.size === 0) this.#byLog.delete(logKey);
  }
}
