import {
  CLOSE_CODES,
  MAX_PAGE_BYTES,
  PROTOCOL_VERSION,
  replyFrame,
  requestFrame,
  WireError,
  type LogId,
  type Reply,
  type ReplyOf,
  type Request,
  type RequestFrame,
  type RequestOf,
} from "@stonechat/protocol";
import { mapKey } from "../map-key.ts";
import { describeError } from "../log.ts";
import type { ReadOutcome } from "../logs/log-store.ts";
import { refusal } from "./replies.ts";
import type { ServiceContext } from "./service-context.ts";
import type { Sink } from "./sink.ts";
import type { Subscription } from "./subscriptions.ts";
import { TokenBucket } from "./token-bucket.ts";

const PAGE_ENTRIES = 200;

type GreetedRequest = Exclude<Request, { readonly type: "hello" }>;

/**
 * One client's side of the socket protocol, without a socket: frames go in by {@link receive}, frames come out through the
 * {@link Sink}. The owner of the network calls `drained`, `tick` and `closed`. Nothing here sets a timer.
 */
export class Connection {
  readonly #context: ServiceContext;
  readonly #sink: Sink;
  readonly #openedAt: number;
  #state: "new" | "greeted" | "closed" = "new";
  #inFlight = 0;
  #inFlightBytes = 0;
  #paused = false;
  /** Made with the first subscription, so that an idle connection costs nothing. */
  #subscriptions: Map<string, Subscription> | undefined;
  #behind: Set<Subscription> | undefined;
  #paging = false;
  #stalledSince: number | undefined;
  #finishing = false;
  #unknowns: TokenBucket | undefined;

  constructor(context: ServiceContext, sink: Sink) {
    this.#context = context;
    this.#sink = sink;
    this.#openedAt = context.clock.now();
  }

  /** One binary frame from the client. Whatever does not decode ends the connection. */
  receive(bytes: Uint8Array): void {
    if (this.#state === "closed" || this.#finishing) return;
    let frame: RequestFrame;
    try {
      frame = requestFrame.decode(bytes);
      if (frame.requestId === 0) throw new WireError("bad-value", "RequestFrame", 0);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#context.count("malformedFrames");
      this.close(CLOSE_CODES.malformed);
      return;
    }
    if (frame.request.type === "hello") this.#greet(frame.requestId, frame.request);
    else if (this.#state === "new") this.#reply(frame.requestId, { type: "error", code: "not-greeted", seq: 0 });
    else this.#start(frame.requestId, frame.request, bytes.length);
  }

  /** The network took something: go on with what waits for room. */
  drained(): void {
    if (this.#sink.pendingBytes() > this.#context.limits.maxPendingBytes) return;
    this.#stalledSince = undefined;
    this.#adjustReading();
    this.#page();
  }

  /** Looks at the time limits. Called for each connection every few seconds. */
  tick(now: number): void {
    if (this.#state === "new" && now - this.#openedAt > this.#context.limits.helloMs) this.close(CLOSE_CODES.tooSlow);
    if (this.#sink.pendingBytes() <= this.#context.limits.maxPendingBytes) this.#stalledSince = undefined;
    else if (this.#stalledSince === undefined) this.#stalledSince = now;
    else if (now - this.#stalledSince > this.#context.limits.tooSlowMs) this.close(CLOSE_CODES.tooSlow);
  }

  /** Ends the connection from our side. */
  close(code: number): void {
    if (this.#state === "closed") return;
    this.closed();
    this.#sink.close(code);
  }

  /** The network is gone: forget everything. */
  closed(): void {
    this.#state = "closed";
    for (const subscription of this.#subscriptions?.values() ?? []) this.#context.subscriptions.remove(subscription);
    this.#subscriptions = undefined;
    this.#behind = undefined;
    this.#context.connections.delete(this);
  }

  /** Answers what has come, and looks at nothing more. */
  finish(): void {
    this.#finishing = true;
  }

  get idle(): boolean {
    return this.#inFlight === 0;
  }

  /** The subscription may push: there is room, and it is where the new entry continues. Else it reads the log later. */
  acceptsPush(subscription: Subscription): boolean {
    if (this.#sink.pendingBytes() <= this.#context.limits.maxPendingBytes) return true;
    this.fallBehind(subscription);
    return false;
  }

  push(frame: Uint8Array): void {
    this.#sink.send(frame);
  }

  fallBehind(subscription: Subscription): void {
    subscription.live = false;
    (this.#behind ??= new Set()).add(subscription);
    this.#page();
  }

  unsubscribe(logId: LogId): void {
    const key = mapKey(logId);
    const subscription = this.#subscriptions?.get(key);
    if (subscription === undefined) return;
    this.#subscriptions?.delete(key);
    this.#behind?.delete(subscription);
    this.#context.subscriptions.remove(subscription);
  }

  #greet(requestId: number, { minVersion, maxVersion }: RequestOf<"hello">): void {
    if (this.#state !== "new" || minVersion > maxVersion) {
      this.close(CLOSE_CODES.malformed);
      return;
    }
    if (minVersion > PROTOCOL_VERSION || maxVersion < PROTOCOL_VERSION) {
      this.close(CLOSE_CODES.unsupportedVersion);
      return;
    }
    this.#state = "greeted";
    this.#reply(requestId, this.#context.welcome());
  }

  #start(requestId: number, request: GreetedRequest, size: number): void {
    this.#inFlight += 1;
    this.#inFlightBytes += size;
    this.#adjustReading();
    void this.#answer(requestId, request).finally(() => {
      this.#inFlight -= 1;
      this.#inFlightBytes -= size;
      this.#adjustReading();
    });
  }

  async #answer(requestId: number, request: GreetedRequest): Promise<void> {
    try {
      this.#reply(requestId, await this.#handle(request));
    } catch (error) {
      // The one place where a failure of ours becomes an answer. A failed store ends the process elsewhere.
      this.#context.log({ level: "error", event: "request-failed", request: request.type, ...describeError(error) });
      this.#reply(requestId, refusal("internal"));
    }
  }

  async #handle(request: GreetedRequest): Promise<Reply> {
    if (request.type === "subscribe") return await this.#subscribe(request);
    if (request.type === "unsubscribe") {
      for (const logId of request.logIds) this.unsubscribe(logId);
      return { type: "done" };
    }
    const reply = await this.#context.handle(request);
    if (reply.type === "error" && reply.code === "unknown") this.#countUnknown();
    return reply;
  }

  async #subscribe({ items }: RequestOf<"subscribe">): Promise<Reply> {
    if ((this.#subscriptions?.size ?? 0) + items.length > this.#context.limits.maxSubscriptions) return refusal("busy");
    const looks = await Promise.all(items.map((item) => this.#context.look(item)));
    if (this.#state === "closed") return { type: "done" };
    const behind = (this.#behind ??= new Set());
    for (const [i, item] of items.entries()) {
      this.unsubscribe(item.logId);
      const look = looks[i];
      if (look?.outcome.type !== "page") {
        this.#countUnknown();
        continue;
      }
      const { next: cursor, epoch } = look.outcome;
      const subscription: Subscription = {
        connection: this,
        logId: item.logId,
        readHash: look.readHash,
        epoch,
        cursor,
        live: false,
      };
      (this.#subscriptions ??= new Map()).set(mapKey(item.logId), subscription);
      this.#context.subscriptions.add(subscription);
      behind.add(subscription);
    }
    // The backlog follows this reply: paging starts in a later turn.
    void Promise.resolve().then(() => {
      this.#page();
    });
    return { type: "subscribed", outcomes: looks.map(({ outcome }) => subscribeOutcome(outcome)) };
  }

  /** Sends the backlog of whoever is behind, one page at a time, while the client keeps up. */
  #page(): void {
    if (this.#paging || this.#behind === undefined || this.#behind.size === 0) return;
    this.#paging = true;
    void this.#pageWhileRoom()
      .catch((error: unknown) => {
        this.#context.log({ level: "error", event: "paging-failed", ...describeError(error) });
        this.close(CLOSE_CODES.stopping);
      })
      .finally(() => {
        this.#paging = false;
      });
  }

  async #pageWhileRoom(): Promise<void> {
    while (this.#state !== "closed" && this.#sink.pendingBytes() <= this.#context.limits.maxPendingBytes) {
      const [subscription] = this.#behind ?? [];
      if (subscription === undefined) return;
      // To the end of the line, so that one long log does not hold up the others.
      this.#behind?.delete(subscription);
      this.#behind?.add(subscription);
      await this.#sendPage(subscription);
    }
  }

  async #sendPage(subscription: Subscription): Promise<void> {
    const { logId, readHash, cursor } = subscription;
    const outcome = await this.#context.store.read({
      logId,
      readHash,
      from: cursor,
      limit: PAGE_ENTRIES,
      maxBytes: MAX_PAGE_BYTES,
      now: this.#context.clock.now(),
    });
    if (this.#subscriptions?.get(mapKey(logId)) !== subscription) return;
    if (outcome.type !== "page" || outcome.epoch !== subscription.epoch) {
      // Destroyed or expired under way: the client learns why when it asks again.
      this.unsubscribe(logId);
      this.push(
        replyFrame.encode({
          requestId: 0,
          reply: { type: "entries", logId, entries: [], next: cursor, endOfEpoch: true },
        }),
      );
      return;
    }
    const { entries, next, end, endOfEpoch } = outcome;
    subscription.cursor = next;
    if (entries.length > 0 || endOfEpoch || next !== cursor) {
      this.push(replyFrame.encode({ requestId: 0, reply: { type: "entries", logId, entries, next, endOfEpoch } }));
    }
    if (endOfEpoch) this.unsubscribe(logId);
    else if (next >= end) {
      // Whatever was stored after this read is announced after it: see [Note: Reads come after writes].
      subscription.live = true;
      this.#behind?.delete(subscription);
    }
  }

  #countUnknown(): void {
    const { limits, clock } = this.#context;
    this.#unknowns ??= new TokenBucket(limits.unknownBurst, limits.unknownPerSecond, clock.now());
    if (!this.#unknowns.take(clock.now())) this.close(CLOSE_CODES.tooMany);
  }

  #adjustReading(): void {
    const { maxInFlight, maxInFlightBytes, maxPendingBytes } = this.#context.limits;
    const full =
      this.#inFlight >= maxInFlight ||
      this.#inFlightBytes >= maxInFlightBytes ||
      this.#sink.pendingBytes() > maxPendingBytes;
    if (full === this.#paused || this.#state === "closed") return;
    this.#paused = full;
    if (full) this.#sink.pause();
    else this.#sink.resume();
  }

  #reply(requestId: number, reply: Reply): void {
    if (this.#state !== "closed") this.#sink.send(replyFrame.encode({ requestId, reply }));
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
