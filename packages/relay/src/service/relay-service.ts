import {
  CLOSE_CODES,
  MAX_COMMIT_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_RUNS,
  ReplyEncoder,
  type Reply,
  type ReplyOf,
} from "@stonechat/protocol";
import { openAdmission, type Admission } from "../admission/admission.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "@stonechat/serving";
import type { Lineage } from "../lineage/lineage.ts";
import type { LogStore } from "../logs/log-store.ts";
import type { PoolStore } from "../pools/pool-store.ts";
import { Connection } from "./connection.ts";
import { Counters } from "./counters.ts";
import { defaultLimits, type ServiceLimits } from "./limits.ts";
import { hashToken, LogService } from "./log-service.ts";
import { PoolService } from "./pool-service.ts";
import type { ServiceContext, StoredRequest } from "./service-context.ts";
import type { Sink } from "./sink.ts";
import { Sources, type Source } from "./sources.ts";
import { Subscriptions } from "./subscriptions.ts";
import { noWakeUps, type WakeUps } from "./wake-ups.ts";

/** What the service is made of. Everything that touches the world comes in here. */
export interface RelayServiceParts {
  readonly store: LogStore;
  readonly pools: PoolStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly admission?: Admission;
  /** Default: clients are told of no runs. */
  readonly lineage?: Lineage | undefined;
  readonly limits?: Partial<ServiceLimits>;
  readonly counters?: Counters;
  /** Default: nobody else writes to the store. */
  readonly wakeUps?: WakeUps;
}

/** The relay's socket protocol over any network, any store and any clock. */
export interface RelayService {
  readonly counters: Counters;
  readonly connectionCount: number;
  readonly subscribedLogs: number;
  /**
   * A client has come. The caller passes its frames on, and calls `closed` when it goes. Who shares `prefix` shares some
   * budgets; without one it has its own.
   */
  connect(sink: Sink, prefix?: string): Connection;
  /** Looks at time limits. Call it every few seconds. */
  tick(): void;
  /** Erases one slice of what expired: so many entries unless the store has a slice of its own. @returns whether there is more. */
  expire(maxEntries: number): Promise<boolean>;
  /** No request is being worked on. */
  readonly idle: boolean;
  /** Answers what has come and takes no more requests; {@link idle} tells when that is done. Then call {@link stop}. */
  finish(): void;
  /** From now on these hold; `welcome` tells them to who comes. What is stored keeps the time it was promised. */
  adjust(limits: Partial<ServiceLimits>): void;
  /** Closes every connection with `stopping`. */
  stop(): void;
}

/** Puts the service together. Used by the server, by tests and by the simulator. */
export function createRelayService(parts: RelayServiceParts): RelayService {
  const { store, pools, clock, log, admission = openAdmission, counters = new Counters(), wakeUps = noWakeUps } = parts;
  // One object for all that look at it, each time they need it: `adjust` changes it in place.
  const limits: ServiceLimits = { ...defaultLimits, ...parts.limits };
  const subscriptions = new Subscriptions();
  const logService = new LogService({ store, subscriptions, wakeUps, admission, limits, clock, counters });
  wakeUps.listen(logService);
  const poolService = new PoolService({ pools, admission, limits, clock, counters });
  const connections = new Set<Connection>();
  const encoder = new ReplyEncoder();
  const sources = new Sources(limits);

  const context: ServiceContext = {
    store,
    subscriptions,
    connections,
    limits,
    clock,
    log,
    count: (name) => {
      counters.add(name);
    },
    encode: (frame) => encoder.encode(frame),
    welcome: (version) => welcome(version, clock.now(), admission.kind, limits),
    handle: (request, source) => {
      counters.add("requests");
      return handle(logService, poolService, parts.lineage, request, source);
    },
    async look({ logId, readToken, from }) {
      const readHash = hashToken(readToken);
      return {
        readHash,
        outcome: await store.read({ logId, readHash, from, limit: 0, maxBytes: 0, now: clock.now() }),
      };
    },
  };
  return {
    counters,
    get connectionCount() {
      return connections.size;
    },
    get subscribedLogs() {
      return subscriptions.logs;
    },
    get idle() {
      return [...connections].every((connection) => connection.idle);
    },
    connect(sink, prefix) {
      const connection = new Connection(context, sink, sources.enter(prefix, clock.now()));
      connections.add(connection);
      counters.add("connections");
      return connection;
    },
    tick() {
      const now = clock.now();
      for (const connection of connections) connection.tick(now);
      poolService.tick(now);
      sources.sweep(now);
    },
    async expire(maxEntries) {
      const { expired, more } = await store.expire(clock.now(), store.expirySlice ?? maxEntries);
      counters.add("expired", expired);
      return more;
    },
    finish() {
      for (const connection of connections) connection.finish();
    },
    adjust(changed) {
      Object.assign(limits, changed);
    },
    stop() {
      for (const connection of [...connections]) connection.close(CLOSE_CODES.stopping);
    },
  };
}

function welcome(
  version: number,
  now: number,
  admission: Admission["kind"],
  { maxBlobBytes, retentionSeconds, commitRetentionSeconds }: ServiceLimits,
): ReplyOf<"welcome"> {
  const sizes = { maxMessageBytes: MAX_MESSAGE_BYTES, maxCommitBytes: MAX_COMMIT_BYTES, maxBlobBytes };
  return { type: "welcome", version, now, admission, ...sizes, retentionSeconds, commitRetentionSeconds };
}

/** The table of requests: each type has its one handler. */
function handle(
  logs: LogService,
  pools: PoolService,
  lineage: Lineage | undefined,
  request: StoredRequest,
  source: Source,
): Promise<Reply> {
  switch (request.type) {
    case "create":
      return logs.create(request);
    case "append":
      return logs.append(request);
    case "commit":
      return logs.commit(request);
    case "read":
      return logs.read(request);
    case "destroy":
      return logs.destroy(request);
    case "pool-put":
      return pools.put(request);
    case "pool-take":
      return pools.take(request, source.prefix);
    case "pool-status":
      return pools.status(request);
    case "lineage":
      return tellRuns(lineage, request.limit);
  }
}

async function tellRuns(lineage: Lineage | undefined, limit: number): Promise<Reply> {
  return { type: "lineage", runs: (await lineage?.runs(Math.min(limit, MAX_RUNS))) ?? [] };
}
