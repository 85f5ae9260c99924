import type { LogId, Reply, ReplyFrame, ReplyOf, Request, Seq, Token, TokenHash } from "@stonechat/protocol";
import type { Clock } from "../clock.ts";
import type { Log } from "@stonechat/serving";
import type { LogStore, ReadOutcome } from "../logs/log-store.ts";
import type { Connection } from "./connection.ts";
import type { ServiceLimits } from "./limits.ts";
import type { CounterName } from "./counters.ts";
import type { Source } from "./sources.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** Requests that a connection does not answer from its own state. */
export type StoredRequest = Exclude<Request, { readonly type: "hello" | "subscribe" | "unsubscribe" }>;

/** What a {@link Connection} needs of the service it belongs to. */
export interface ServiceContext {
  readonly store: LogStore;
  readonly subscriptions: Subscriptions;
  readonly connections: Set<Connection>;
  readonly limits: ServiceLimits;
  readonly clock: Clock;
  readonly log: Log;
  count(name: CounterName): void;
  /** A frame for {@link Sink.send}: the next call overwrites it. */
  encode(frame: ReplyFrame): Uint8Array;
  /** @param version - The one that was agreed on. */
  welcome(version: number): ReplyOf<"welcome">;
  handle(request: StoredRequest, source: Source): Promise<Reply>;
  /** Reads nothing, but tells where a reader with this token stands. */
  look(item: { readonly logId: LogId; readonly readToken: Token; readonly from: Seq }): Promise<Look>;
}

export interface Look {
  readonly readHash: TokenHash;
  readonly outcome: ReadOutcome;
}
