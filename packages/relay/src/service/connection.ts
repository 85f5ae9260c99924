import {
  CLOSE_CODES,
  decodeRequestView,
  MAX_PAGE_BYTES,
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  WireError,
  type Reply,
  type Request,
  type RequestFrame,
  type RequestOf,
} from "@stonechat/protocol";
import { describeError, TokenBucket } from "@stonechat/serving";
import { StoreUnavailableError } from "../store/store-unavailable.ts";
import { AppendOrder } from "./append-order.ts";
import { Follower, type FollowerOwner } from "./follower.ts";
import { refusal } from "./replies.ts";
import { MIN_APPEND_BYTES } from "./limits.ts";
import type { ServiceContext, StoredRequest } from "./service-context.ts";
import type { Sink } from "./sink.ts";
import { appendBucket, type Source } from "./sources.ts";

type GreetedRequest = Exclude<Request, { readonly type: "hello" }>;

/** A request that waits for its turn. */
interface Waiting {
  readonly requestId: number;
  readonly request: GreetedRequest;
  readonly weight: number;
}

/**
 * One client's side of the socket protocol, without a socket: frames go in by {@link receive}, frames come out through the
 * {@link Sink}. The owner of the network calls `drained`, `tick` and `closed`. Nothing here sets a timer.
 */
export class Connection implements FollowerOwner {
  readonly sink: Sink;
  readonly #context: ServiceContext;
  readonly #openedAt: number;
  readonly #source: Source;
  #state: "new" | "greeted" | "closed" = "new";
  #inFlight = 0;
  #inFlightBytes = 0;
  #paused = false;
  #finishing = false;
  #stalledSince: number | undefined;
  // Made when first needed, so that an idle connection costs nothing.
  #appendOrder: AppendOrder | undefined;
  #waiting: Waiting[] | undefined;
  #follower: Follower | undefined;
  #unknowns: TokenBucket | undefined;
  #creates: TokenBucket | undefined;
  #appends: TokenBucket | undefined;

  constructor(context: ServiceContext, sink: Sink, source: Source) {
    this.#context = context;
    this.sink = sink;
    this.#source = source;
    this.#openedAt = context.clock.now();
  }

  get open(): boolean {
    return this.#state !== "closed";
  }

  /** No request is being worked on. */
  get idle(): boolean {
    return this.#inFlight === 0;
  }

  /**
   * One binary frame from the client. Whatever does not decode ends the connection. An append may be worked on without
   * being copied: the caller must not write to `bytes` again.
   */
  receive(bytes: Uint8Array): void {
    if (!this.open || this.#finishing) return;
    let frame: RequestFrame;
    try {
      frame = decodeRequestView(bytes);
      if (frame.requestId === 0) throw new WireError("bad-value", "RequestFrame", 0);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#context.count("malformedFrames");
      this.close(CLOSE_CODES.malformed);
      return;
    }
    const { requestId, request } = frame;
    if (request.type === "hello") this.#greet(requestId, request);
    else if (this.#state === "new") this.#reply(requestId, refusal("not-greeted"));
    else this.#take({ requestId, request, weight: weightOf(request, bytes.length) });
  }

  /** The network took something: go on with what waits for room. */
  drained(): void {
    if (this.sink.pendingBytes() > this.#context.limits.maxPendingBytes) return;
    this.#stalledSince = undefined;
    this.#goOn();
    this.#follower?.goOn();
  }

  /** Looks at the time limits. Called for each connection every few seconds. */
  tick(now: number): void {
    const { helloMs, maxPendingBytes, tooSlowMs } = this.#context.limits;
    if (this.#state === "new" && now - this.#openedAt > helloMs) this.close(CLOSE_CODES.tooSlow);
    if (this.sink.pendingBytes() <= maxPendingBytes) this.#stalledSince = undefined;
    else if (this.#stalledSince === undefined) this.#stalledSince = now;
    else if (now - this.#stalledSince > tooSlowMs) this.close(CLOSE_CODES.tooSlow);
    this.#follower?.tick();
  }

  /** Ends the connection from our side. */
  close(code: number): void {
    if (!this.open) return;
    this.closed();
    this.sink.close(code);
  }

  /** The network is gone: forget everything. */
  closed(): void {
    if (this.open) this.#source.connections -= 1;
    this.#state = "closed";
    this.#waiting = undefined;
    this.#follower?.end();
    this.#context.connections.delete(this);
  }

  /** Answers what is being worked on, and looks at nothing more. */
  finish(): void {
    this.#finishing = true;
    this.#waiting = undefined;
  }

  countUnknown(): void {
    const { limits, clock } = this.#context;
    const now = clock.now();
    this.#unknowns ??= new TokenBucket(limits.unknownBurst, limits.unknownPerSecond, now);
    if (!this.#unknowns.take(now) || !this.#source.unknowns.take(now)) this.close(CLOSE_CODES.tooMany);
  }

  #greet(requestId: number, { minVersion, maxVersion }: RequestOf<"hello">): void {
    if (this.#state !== "new" || minVersion > maxVersion) this.close(CLOSE_CODES.malformed);
    else if (minVersion > PROTOCOL_VERSION || maxVersion < OLDEST_PROTOCOL_VERSION)
      this.close(CLOSE_CODES.unsupportedVersion);
    else {
      this.#state = "greeted";
      this.#reply(requestId, this.#context.welcome(Math.min(maxVersion, PROTOCOL_VERSION)));
    }
  }

  /** Starts a request, or lets it wait behind those that wait already. What was read at once may be more than fits. */
  #take(waiting: Waiting): void {
    if (this.#waiting !== undefined || this.#full) (this.#waiting ??= []).push(waiting);
    else this.#start(waiting);
    this.#adjustReading();
  }

  #goOn(): void {
    while (this.#waiting !== undefined && !this.#full) {
      const next = this.#waiting.shift();
      if (next === undefined) this.#waiting = undefined;
      else this.#start(next);
    }
    this.#adjustReading();
  }

  get #full(): boolean {
    const { maxInFlight, maxInFlightBytes, maxPendingBytes } = this.#context.limits;
    return (
      this.#inFlight >= maxInFlight ||
      this.#inFlightBytes >= maxInFlightBytes ||
      this.sink.pendingBytes() > maxPendingBytes
    );
  }

  #start(waiting: Waiting): void {
    this.#inFlight += 1;
    this.#inFlightBytes += waiting.weight;
    void this.#answer(waiting);
  }

  /** Never rejects. */
  async #answer({ requestId, request, weight }: Waiting): Promise<void> {
    try {
      if (request.type === "subscribe") await this.#subscribe(requestId, request);
      else if (request.type === "append") this.#reply(requestId, await this.#append(request));
      else this.#reply(requestId, await this.#handle(request));
    } catch (error) {
      // The one place where a failure of ours becomes an answer. A failed store ends the process elsewhere.
      if (error instanceof StoreUnavailableError) this.#reply(requestId, refusal("busy"));
      else this.#replyFailed(requestId, request, error);
    }
    this.#inFlight -= 1;
    this.#inFlightBytes -= weight;
    this.#goOn();
  }

  #replyFailed(requestId: number, request: GreetedRequest, error: unknown): void {
    this.#context.log({ level: "error", event: "request-failed", request: request.type, ...describeError(error) });
    this.#reply(requestId, refusal("internal"));
  }

  async #subscribe(requestId: number, request: RequestOf<"subscribe">): Promise<void> {
    this.#follower ??= new Follower(this.#context, this);
    await this.#follower.subscribe(request, (answer) => {
      this.#reply(requestId, answer);
    });
  }

  async #handle(request: Exclude<GreetedRequest, { readonly type: "subscribe" | "append" }>): Promise<Reply> {
    if (request.type === "unsubscribe") {
      for (const logId of request.logIds) this.#follower?.unsubscribe(logId);
      return { type: "done" };
    }
    if (!this.#may(request)) return refusal("busy");
    const reply = await this.#context.handle(request, this.#source);
    if (reply.type === "error" && reply.code === "unknown") this.countUnknown();
    return reply;
  }

  /** See [Note: Nothing overtakes a refused append]. Returns a promise of its own, so that its reader waits for one only. */
  #append(request: RequestOf<"append">): Promise<Reply> {
    const { clock } = this.#context;
    const order = (this.#appendOrder ??= new AppendOrder());
    const place = order.begin(request, clock.now());
    const settle = (reply: Reply): Reply => {
      if (place !== undefined) order.answered(request, reply, place, clock.now());
      if (order.overflown) this.close(CLOSE_CODES.tooMany);
      if (reply.type === "error" && reply.code === "unknown") this.countUnknown();
      return reply;
    };
    if (place === undefined || !this.#may(request)) return Promise.resolve(settle(refusal("busy")));
    return this.#context.handle(request, this.#source).then(settle, (error: unknown) => {
      if (error instanceof StoreUnavailableError) return settle(refusal("busy"));
      throw error;
    });
  }

  /** Whether this connection, and all from where it comes, have budget left for it. */
  #may(request: StoredRequest): boolean {
    const { limits, clock } = this.#context;
    switch (request.type) {
      case "create":
      case "pool-put": {
        const now = clock.now();
        this.#creates ??= new TokenBucket(limits.createBurst, limits.createsPerSecond, now);
        return this.#creates.take(now) && this.#source.creates.take(now);
      }
      case "append":
      case "commit": {
        const now = clock.now();
        const cost = Math.max(request.body.length, MIN_APPEND_BYTES);
        this.#appends ??= appendBucket(limits.appendBytesPerSecond, now);
        return this.#appends.take(now, cost) && this.#source.appends.take(now, cost);
      }
      case "read":
      case "destroy":
      case "pool-take":
      case "pool-status":
      case "lineage":
        return true;
    }
  }

  #adjustReading(): void {
    const full = this.#waiting !== undefined || this.#full;
    if (full === this.#paused || !this.open) return;
    this.#paused = full;
    if (full) this.sink.pause();
    else this.sink.resume();
  }

  #reply(requestId: number, reply: Reply): void {
    if (this.open) this.sink.send(this.#context.encode({ requestId, reply }));
  }
}

/** What a request may cost in memory: its own bytes, and the page it may bring. */
function weightOf(request: GreetedRequest, bytes: number): number {
  return request.type === "read" ? bytes + MAX_PAGE_BYTES : bytes;
}
