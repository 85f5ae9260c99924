import {
  CLOSE_CODES,
  MAX_PAGE_BYTES,
  type LogId,
  type Reply,
  type ReplyOf,
  type RequestOf,
  type TokenHash,
} from "@stonechat/protocol";
import { describeError } from "@stonechat/serving";
import { StoreUnavailableError } from "../store/store-unavailable.ts";
import type { ReadOutcome } from "../logs/log-store.ts";
import { keyBytes, mapKey } from "../map-key.ts";
import { refusal } from "./replies.ts";
import type { Look, ServiceContext } from "./service-context.ts";
import type { Sink } from "./sink.ts";
import type { Subscription } from "./subscriptions.ts";

const PAGE_ENTRIES = 200;

/** What a {@link Follower} needs of the connection it belongs to. */
export interface FollowerOwner {
  readonly sink: Sink;
  readonly open: boolean;
  close(code: number): void;
  /** A token or log was unknown. */
  countUnknown(): void;
}

/**
 * The subscriptions of one connection. Each is either live, and then entries are pushed as they are stored, or behind,
 * and then the log is read page by page while the client keeps up.
 */
export class Follower {
  readonly #context: ServiceContext;
  readonly #owner: FollowerOwner;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #behind = new Set<Subscription>();
  #paging = false;
  /** Subscriptions that are being looked up, and will be there soon. */
  #asked = 0;
  /** The store could not be reached: wait for a reason to try again. */
  #storeAway = false;

  constructor(context: ServiceContext, owner: FollowerOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** Begins to follow. `reply` is called before anything of these logs is pushed. */
  async subscribe({ items }: RequestOf<"subscribe">, reply: (reply: Reply) => void): Promise<void> {
    const { limits, subscriptions } = this.#context;
    const tooMany =
      this.#subscriptions.size + this.#asked + items.length > limits.maxSubscriptions ||
      subscriptions.size + subscriptions.asked + items.length > limits.maxSubscriptionsInAll;
    if (tooMany) {
      reply(refusal("busy"));
      return;
    }
    const looks = await this.#lookUp(items);
    if (!this.#owner.open) return;
    const begun = items.flatMap((item, i) => this.#begin(item.logId, looks[i]) ?? []);
    reply({ type: "subscribed", outcomes: looks.map(({ outcome }) => subscribeOutcome(outcome)) });
    for (const subscription of begun) if (this.#holds(subscription)) this.#behind.add(subscription);
    this.goOn();
  }

  unsubscribe(logId: LogId): void {
    this.#drop(mapKey(logId));
  }

  /** The connection ended. */
  end(): void {
    for (const subscription of this.#subscriptions.values()) this.#context.subscriptions.remove(subscription);
    this.#subscriptions.clear();
    this.#behind.clear();
  }

  /** Whether there is room to push to it now. If not, the log will be read when there is. */
  accepts(subscription: Subscription): boolean {
    if (this.#hasRoom) return true;
    this.fallBehind(subscription);
    return false;
  }

  push(frame: Uint8Array): void {
    this.#owner.sink.send(frame);
  }

  /** Its next entries must come from the log. */
  fallBehind(subscription: Subscription): void {
    subscription.live = false;
    subscription.heard = Infinity;
    this.#storeAway = false;
    this.#behind.add(subscription);
    this.goOn();
  }

  /** Sends the backlog of whoever is behind, one page at a time. Call it when there is room again. */
  goOn(): void {
    if (this.#paging || this.#storeAway || this.#behind.size === 0 || !this.#hasRoom) return;
    this.#paging = true;
    void this.#pageWhileRoom()
      .catch((error: unknown) => {
        if (error instanceof StoreUnavailableError) {
          this.#storeAway = true;
          return;
        }
        this.#context.log({ level: "error", event: "paging-failed", ...describeError(error) });
        this.#owner.close(CLOSE_CODES.stopping);
      })
      .finally(() => {
        this.#paging = false;
        // Somebody may have fallen behind after the last look.
        this.goOn();
      });
  }

  /** Some time has passed: the store may be there again. */
  tick(): void {
    this.#storeAway = false;
    this.goOn();
  }

  get #hasRoom(): boolean {
    return this.#owner.open && this.#owner.sink.pendingBytes() <= this.#context.limits.maxPendingBytes;
  }

  /** Counted meanwhile, so that many at once are not more than the limit. */
  async #lookUp(items: RequestOf<"subscribe">["items"]): Promise<readonly Look[]> {
    const { subscriptions } = this.#context;
    this.#asked += items.length;
    subscriptions.asked += items.length;
    try {
      return await Promise.all(items.map((item) => this.#context.look(item)));
    } finally {
      this.#asked -= items.length;
      subscriptions.asked -= items.length;
    }
  }

  #drop(logKey: string): void {
    const subscription = this.#subscriptions.get(logKey);
    if (subscription === undefined) return;
    this.#subscriptions.delete(logKey);
    this.#behind.delete(subscription);
    this.#context.subscriptions.remove(subscription);
  }

  #holds(subscription: Subscription): boolean {
    return this.#subscriptions.get(subscription.logKey) === subscription;
  }

  #begin(logId: LogId, look: Look | undefined): Subscription | undefined {
    const logKey = mapKey(logId);
    this.#drop(logKey);
    if (look?.outcome.type !== "page") {
      this.#owner.countUnknown();
      return undefined;
    }
    const { next: cursor, epoch } = look.outcome;
    const readKey = mapKey(look.readHash);
    const subscription = { follower: this, logKey, readKey, epoch, cursor, live: false, heard: 0 };
    this.#subscriptions.set(logKey, subscription);
    this.#context.subscriptions.add(subscription);
    return subscription;
  }

  async #pageWhileRoom(): Promise<void> {
    while (this.#hasRoom) {
      const [subscription] = this.#behind;
      if (subscription === undefined) return;
      // To the end of the line, so that one long log does not hold up the others.
      this.#behind.delete(subscription);
      this.#behind.add(subscription);
      await this.#sendPage(subscription);
    }
  }

  async #sendPage(subscription: Subscription): Promise<void> {
    const { logKey, readKey, cursor: from } = subscription;
    const logId = keyBytes(logKey) as LogId; // as it was subscribed to
    const readHash = keyBytes(readKey) as TokenHash; // as it was looked up
    const now = this.#context.clock.now();
    const size = { limit: PAGE_ENTRIES, maxBytes: MAX_PAGE_BYTES };
    subscription.heard = 0;
    const outcome = await this.#context.store.read({ logId, readHash, from, ...size, now });
    if (!this.#holds(subscription)) return;
    if (outcome.type !== "page" || outcome.epoch !== subscription.epoch) {
      // Destroyed or expired under way: the client learns why when it asks again.
      this.#drop(logKey);
      this.#sendEntries({ logId, entries: [], next: from, endOfEpoch: true });
      return;
    }
    const { entries, next, end, endOfEpoch } = outcome;
    subscription.cursor = next;
    if (endOfEpoch || next !== from) this.#sendEntries({ logId, entries, next, endOfEpoch });
    if (endOfEpoch) this.#drop(logKey);
    else if (next >= end && subscription.heard <= next) {
      // Where [Note: Reads come after writes] holds, what is stored after this read is announced after it. Elsewhere its
      // announcement may have come before the read's answer: then `heard` says so, and the log is read again.
      subscription.live = true;
      this.#behind.delete(subscription);
    }
  }

  #sendEntries(page: Omit<ReplyOf<"entries">, "type">): void {
    this.push(this.#context.encode({ requestId: 0, reply: { type: "entries", ...page } }));
  }
}

function subscribeOutcome(outcome: ReadOutcome): ReplyOf<"subscribed">["outcomes"][number] {
  switch (outcome.type) {
    case "page":
      return { type: "subscribed", nextSeq: outcome.end };
    case "unknown":
    case "expired-before":
      return outcome;
  }
}
