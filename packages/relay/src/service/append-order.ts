import type { Reply, RequestOf } from "@stonechat/protocol";
import { mapKey } from "../map-key.ts";

/** As long as this, what was on its way when an append was refused may still arrive. */
const HELD_MS = 30_000;
/** So many refused entries of one connection are remembered: far more than our clients have on their way. */
const MAX_REFUSED = 1000;

/** Refusals after which a client tries the same entry again. */
const TEMPORARY: ReadonlySet<string> = new Set(["busy", "full", "storage-full", "internal"]);

interface Refused {
  /** Its place among the connection's appends, by when it came first. */
  readonly order: number;
  readonly until: number;
}

/**
 * [Note: Nothing overtakes a refused append] A client sends several messages without waiting, and receivers keep no keys of
 * messages that were passed over. So when one was refused for now, whatever else comes into its log from the same connection
 * is refused too, until that one has come again; or for half a minute, if its client has given it up. Clients send again
 * in the order in which they sent first.
 */
export class AppendOrder {
  readonly #refused = new Map<string, Map<string, Refused>>();
  #size = 0;
  #next = 0;

  /** More was refused than any client of ours sends. */
  get overflown(): boolean {
    return this.#size > MAX_REFUSED;
  }

  /** An append has come. @returns its place, for {@link answered}; or `undefined` if it has to wait for another one. */
  begin({ logId, entryId }: RequestOf<"append">, now: number): number | undefined {
    const order = this.#next;
    this.#next += 1;
    if (this.#size === 0) return order;
    const log = mapKey(logId);
    const refused = this.#refused.get(log);
    if (refused === undefined) return order;
    const entry = mapKey(entryId);
    const known = refused.get(entry);
    const place = known?.order ?? order;
    for (const [other, { order: before, until }] of refused) {
      // A clock that was set back holds nobody up for longer.
      if (until <= now || until > now + HELD_MS) this.#forget(log, other);
      else if (before < place) {
        this.#remember(log, entry, { order: place, until: now + HELD_MS });
        return undefined;
      }
    }
    this.#forget(log, entry);
    return place;
  }

  /** The answer to an append that had not to wait. */
  answered({ logId, entryId }: RequestOf<"append">, reply: Reply, order: number, now: number): void {
    if (reply.type !== "error" || !TEMPORARY.has(reply.code)) return;
    this.#remember(mapKey(logId), mapKey(entryId), { order, until: now + HELD_MS });
  }

  #remember(log: string, entry: string, refused: Refused): void {
    let entries = this.#refused.get(log);
    if (entries === undefined) this.#refused.set(log, (entries = new Map<string, Refused>()));
    if (!entries.has(entry)) this.#size += 1;
    entries.set(entry, refused);
  }

  #forget(log: string, entry: string): void {
    const entries = this.#refused.get(log);
    if (entries?.delete(entry) !== true) return;
    this.#size -= 1;
    if (entries.size === 0) this.#refused.delete(log);
  }
}
