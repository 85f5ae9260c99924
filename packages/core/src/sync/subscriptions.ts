import { MAX_SUBSCRIBE_ITEMS, toHex, type Entry, type LogId, type ReplyOf, type Token } from "@stonechat/protocol";
import { MAX_SEQ } from "../content/message-rows.ts";
import { RelayUnavailable, type RelayLink } from "./relay-link.ts";

const RETRY_MS = 10_000;

/** `rolled-back`: the relay has forgotten entries that it had given us. */
export type Refusal = "unknown" | "expired" | "rolled-back";

/** Somebody who follows one log. */
export interface LogReader {
  readonly logId: LogId;
  /** Where to read on, and the token of that epoch. Undefined: nothing more is wanted. */
  position(): { readonly readToken: Token; readonly from: number } | undefined;
  /** What the log holds of `span`; what is not among `entries` has expired there. None and an empty span: all was handed over. */
  onEntries(entries: readonly Entry[], span: Span): void;
  /** The relay does not know this log or token, or no longer holds what comes next. */
  onRefused(refusal: Refusal): void;
}

/** Positions from `from` up to but not including `next`. */
export interface Span {
  readonly from: number;
  readonly next: number;
}

type Subscription = { readonly reader: LogReader; state: "wanted" | "asked" | "live"; target: number; cursor: number };

/** All logs that are followed at one relay; asked for again whenever the connection came back. */
export class Subscriptions {
  readonly #link: RelayLink;
  readonly #byLog = new Map<string, Subscription>();
  #flushing = false;

  constructor(link: RelayLink) {
    this.#link = link;
  }

  /** Follows a log from the reader's position; also when the position's token has changed. */
  follow(reader: LogReader): void {
    this.#byLog.set(toHex(reader.logId), { reader, state: "wanted", target: 0, cursor: 0 });
    this.#flush();
  }

  leave(logId: LogId): void {
    if (!this.#byLog.delete(toHex(logId))) return;
    if (this.#link.state !== "online") return;
    this.#link.request({ type: "unsubscribe", logIds: [logId] }, "done").catch(ignoreUnavailable);
  }

  /** Everything the relay held when it was asked has been handed to the readers and taken in by them. */
  get caughtUp(): boolean {
    for (const { reader, state, target } of this.#byLog.values()) {
      const position = reader.position();
      if (position !== undefined && (state !== "live" || position.from < target)) return false;
    }
    return true;
  }

  /** Pages that the relay held when it was asked are still to come, or it has not said yet how many there are. */
  get isBehind(): boolean {
    return [...this.#byLog.values()].some(
      ({ reader, state, cursor, target }) => (state !== "live" || cursor < target) && reader.position() !== undefined,
    );
  }

  /** Whether this log is read up to where it ended when it was asked for. */
  isCaughtUp(logId: LogId): boolean {
    const subscription = this.#byLog.get(toHex(logId));
    if (subscription?.state !== "live") return false;
    return (subscription.reader.position()?.from ?? 0) >= subscription.target;
  }

  onOnline(): void {
    for (const subscription of this.#byLog.values()) subscription.state = "wanted";
    this.#flush();
  }

  onEntries({ logId, entries, next }: ReplyOf<"entries">): void {
    const subscription = this.#byLog.get(toHex(logId));
    // Until the newest asking is answered, what comes belongs to an older one; the newer will bring it again.
    if (subscription?.state !== "live") return;
    // No log grows so long: a number that could never be undone is not taken from anybody.
    if (next > MAX_SEQ || entries.some(({ seq }) => seq > MAX_SEQ)) return;
    const from = subscription.cursor;
    subscription.cursor = next;
    subscription.reader.onEntries(entries, { from, next });
  }

  #flush(): void {
    if (this.#flushing || this.#link.state !== "online") return;
    this.#flushing = true;
    // Later in this turn: many logs are usually asked for at once, and share a frame.
    void Promise.resolve()
      .then(async () => {
        this.#flushing = false;
        const wanted = [...this.#byLog.values()].filter(({ state }) => state === "wanted");
        for (let at = 0; at < wanted.length; at += MAX_SUBSCRIBE_ITEMS) {
          await this.#ask(wanted.slice(at, at + MAX_SUBSCRIBE_ITEMS));
        }
      })
      .catch(ignoreUnavailable);
  }

  /** The relay has too much to do, or failed for a moment. Nobody would hear of these logs until the connection ends. */
  #askAgain(subscriptions: readonly Subscription[]): void {
    for (const subscription of subscriptions) subscription.state = "wanted";
    this.#link.later(RETRY_MS, () => {
      this.#flush();
    });
  }

  async #ask(subscriptions: readonly Subscription[]): Promise<void> {
    const asked = subscriptions.flatMap((subscription) => {
      const position = subscription.reader.position();
      return position === undefined ? [] : [{ subscription, item: { logId: subscription.reader.logId, ...position } }];
    });
    if (asked.length === 0) return;
    for (const { subscription } of asked) subscription.state = "asked";
    const reply = await this.#link.request(
      { type: "subscribe", items: asked.map(({ item }) => item) },
      "subscribed",
      (answer) => {
        if (answer.type === "error") return;
        for (const [i, { subscription, item }] of asked.entries()) {
          const outcome = answer.outcomes[i];
          subscription.state = "live";
          subscription.cursor = item.from;
          subscription.target = outcome?.type === "subscribed" ? outcome.nextSeq : 0;
        }
      },
    );
    if (reply.type === "error") {
      this.#askAgain(asked.map(({ subscription }) => subscription));
      return;
    }
    for (const [i, { subscription, item }] of asked.entries()) {
      // A newer wish for the same log has replaced this one.
      if (this.#byLog.get(toHex(subscription.reader.logId)) !== subscription) continue;
      const outcome = reply.outcomes[i];
      if (outcome?.type === "subscribed" && outcome.nextSeq < item.from) subscription.reader.onRefused("rolled-back");
      else if (outcome?.type === "subscribed") subscription.reader.onEntries([], { from: item.from, next: item.from });
      else subscription.reader.onRefused(outcome?.type === "expired-before" ? "expired" : "unknown");
    }
  }
}

function ignoreUnavailable(error: unknown): void {
  // All logs are asked for again when the connection is back.
  if (!(error instanceof RelayUnavailable)) throw error;
}
