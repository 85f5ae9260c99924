import type { IncomingMessage, Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { createHttpServer, describeError, peerAddress } from "@stonechat/serving";
import type { RelayConfig } from "./config.ts";
import { createBlobHandlers } from "./http/blobs.ts";
import { createGuardHandlers } from "./http/guards.ts";
import { createRoutes } from "./http/routes.ts";
import { StaticApp } from "./http/static-app.ts";
import { noGuards, readGuardsFile } from "./guards/guards-file.ts";
import { createPassOn } from "./guards/pass-on.ts";
import { Janitor } from "./janitor.ts";
import type { Stores } from "./open-stores.ts";
import { createOriginPolicy } from "./origin-policy.ts";
import { Counters } from "./service/counters.ts";
import { createRelayService, type RelayService } from "./service/relay-service.ts";
import { ConnectionLimiter } from "./socket/connection-limiter.ts";
import { SocketServer } from "./socket/socket-server.ts";
import type { RelayPorts } from "./start-relay.ts";

const MIB = 1024 * 1024;
const DAY_SECONDS = 24 * 3600;
/** Connections for pages and files besides those for sockets. */
const SPARE_CONNECTIONS = 1000;

/** What serves, not listening yet. */
export interface Servers {
  readonly service: RelayService;
  readonly http: Server;
  readonly sockets: SocketServer;
}

/** Puts the service, its routes and its sockets over the stores. `stack` ends them again. */
export async function createServers(
  config: RelayConfig,
  { clock, log, limits, guards }: RelayPorts,
  { store, blobs, admission, wakeUps }: Stores,
  stack: AsyncDisposableStack,
): Promise<Servers> {
  const counters = new Counters();
  const app = config.webDir === undefined ? undefined : await StaticApp.load(config.webDir);
  const maxBlobBytes = config.blobMaxMib * MIB;
  const retentionSeconds = config.retentionDays * DAY_SECONDS;
  const commitRetentionSeconds = config.commitRetentionDays * DAY_SECONDS;
  const service = createRelayService({
    ...{ store, pools: store.pools, clock, log, admission, counters, wakeUps },
    limits: { retentionSeconds, commitRetentionSeconds, maxBlobBytes, ...limits },
  });
  const { origins, publicUrl } = config;
  const originAllowed = createOriginPolicy(publicUrl === undefined ? origins : [...origins, publicUrl]);
  const blobRetentionSeconds = config.blobRetentionDays * DAY_SECONDS;
  const addressOf = (request: IncomingMessage): string => peerAddress(request, config.trustedProxy);
  const guardsReached = createPassOn();
  stack.defer(() => {
    guardsReached.close();
  });
  const routes = createRoutes({
    app,
    originAllowed,
    blobs: createBlobHandlers({
      ...{ blobs, admission, clock, counters, maxBlobBytes },
      retentionSeconds: blobRetentionSeconds,
    }),
    guards: createGuardHandlers({
      ...{ clock, addressOf, passOn: guardsReached.passOn },
      guards: guards ?? (config.guards === undefined ? noGuards() : readGuardsFile(config.guards)),
      requestsPerSecondPerPrefix: config.guardRequestsPerSecondPerPrefix,
    }),
    onError: (error) => {
      log({ level: "error", event: "request-failed", ...describeError(error) });
    },
  });
  // `overrideGlobalObjects: false` leaves the process's own Request and Response alone.
  const respond = getRequestListener(routes.fetch, { overrideGlobalObjects: false });
  const http = createHttpServer((request, response) => {
    void respond(request, response);
  });
  http.maxConnections = config.maxConnections + SPARE_CONNECTIONS;
  const sockets = new SocketServer(http, { service, originAllowed, addressOf, limiter: limiterOf(config, clock) });
  stack.defer(() => {
    sockets.close();
  });
  const janitor = new Janitor({ service, blobs, clock, log });
  stack.defer(() => janitor.stop());
  return { service, http, sockets };
}

function limiterOf(config: RelayConfig, clock: RelayPorts["clock"]): ConnectionLimiter {
  const { maxConnections, maxConnectionsPerPrefix, connectionsPerSecondPerPrefix } = config;
  const limits = {
    total: maxConnections,
    perPrefix: maxConnectionsPerPrefix,
    burstPerPrefix: maxConnectionsPerPrefix,
    perSecondPerPrefix: connectionsPerSecondPerPrefix,
  };
  return new ConnectionLimiter(limits, clock);
}
