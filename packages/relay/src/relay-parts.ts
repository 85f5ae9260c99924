import type { IncomingMessage, Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { createHttpServer, describeError, peerAddress, prefixOf } from "@stonechat/serving";
import type { Clock } from "./clock.ts";
import type { RelayConfig } from "./config.ts";
import type { Serving } from "./finish.ts";
import { BlobBudgets } from "./http/blob-budgets.ts";
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
import type { ServiceLimits } from "./service/limits.ts";
import { gateConnections, SPARE_PER_PREFIX } from "./socket/connection-gate.ts";
import { ConnectionLimiter, type ConnectionLimits } from "./socket/connection-limiter.ts";
import { SocketServer } from "./socket/socket-server.ts";
import type { RelayPorts } from "./start-relay.ts";

const KIB = 1024;
const MIB = 1024 * 1024;
const DAY_SECONDS = 24 * 3600;
/** Connections for pages and files besides those for sockets. */
const SPARE_CONNECTIONS = 1000;

/** Puts the service, its routes and its sockets over the stores, not listening yet. `stack` ends them again. */
export async function createServers(
  config: RelayConfig,
  ports: RelayPorts,
  stores: Stores,
  stack: AsyncDisposableStack,
): Promise<Serving> {
  const { clock, log, guards } = ports;
  const { blobs, admission } = stores;
  let inForce = config;
  const counters = new Counters();
  const app = config.webDir === undefined ? undefined : await StaticApp.load(config.webDir);
  const service = createService(config, ports, stores, counters);
  const originAllowed = originPolicyOf(config);
  // Behind fronts all requests come from them, and they say whose it is.
  const trusted = config.trustedProxy || config.fronts > 1;
  const addressOf = (request: IncomingMessage): string => peerAddress(request, trusted);
  const budgets = new BlobBudgets({
    clock,
    get bytesPerDayPerPrefix() {
      return inForce.blobMibPerDayPerPrefix * MIB;
    },
  });
  const guardsReached = createPassOn();
  stack.defer(() => {
    guardsReached.close();
  });
  const routes = createRoutes({
    app,
    originAllowed,
    prefixOf: (request) => prefixOf(addressOf(request)),
    blobs: createBlobHandlers({
      ...{ blobs, admission, clock, counters, budgets },
      get maxBlobBytes() {
        return inForce.blobMaxMib * MIB;
      },
      get retentionSeconds() {
        return inForce.blobRetentionDays * DAY_SECONDS;
      },
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
  const sockets = createSockets(http, config, clock, service, stack);
  const janitor = new Janitor({ service, blobs, clock, log });
  stack.defer(() => janitor.stop());
  const adjust = (changed: RelayConfig): void => {
    inForce = changed;
    adjustSockets({ service, http, sockets }, changed, ports.limits);
  };
  return { service, http, sockets, adjust };
}

/** Lets new settings take effect on who is connected, and who comes. */
export function adjustSockets(
  { service, http, sockets }: Omit<Serving, "adjust">,
  config: RelayConfig,
  limits: Partial<ServiceLimits>,
): void {
  service.adjust({ ...serviceLimitsOf(config), ...limits });
  http.maxConnections = config.maxConnections + SPARE_CONNECTIONS;
  sockets.limiter.adjust(connectionLimitsOf(config));
}

/** The service over the stores, with the limits that the settings ask for. */
export function createService(
  config: RelayConfig,
  { clock, log, limits }: RelayPorts,
  { store, admission, wakeUps }: Omit<Stores, "blobs">,
  counters: Counters,
): RelayService {
  return createRelayService({
    ...{ store, pools: store.pools, lineage: store.lineage, clock, log, admission, counters, wakeUps },
    limits: { ...serviceLimitsOf(config), ...limits },
  });
}

function serviceLimitsOf(config: RelayConfig): Partial<ServiceLimits> {
  return {
    retentionSeconds: config.retentionDays * DAY_SECONDS,
    commitRetentionSeconds: config.commitRetentionDays * DAY_SECONDS,
    maxSubscriptionsInAll: config.maxFollowedLogs,
    maxBlobBytes: config.blobMaxMib * MIB,
    appendBytesPerSecond: config.appendKibPerSecond * KIB,
    appendBytesPerSecondPerLog: config.appendKibPerSecondPerLog * KIB,
    appendBytesPerSecondPerPrefix: config.appendKibPerSecondPerPrefix * KIB,
  };
}

/** Takes the sockets of an HTTP server for the service. `stack` ends them again. */
export function createSockets(
  http: Server,
  config: RelayConfig,
  clock: Clock,
  service: RelayService,
  stack: AsyncDisposableStack,
): SocketServer {
  http.maxConnections = config.maxConnections + SPARE_CONNECTIONS;
  const limiter = new ConnectionLimiter(connectionLimitsOf(config), clock);
  const sockets = new SocketServer(http, {
    service,
    originAllowed: originPolicyOf(config),
    addressOf: (request) => peerAddress(request, config.trustedProxy),
    limiter,
  });
  // What fronts pass on comes from them, as what a proxy does.
  if (!config.trustedProxy && config.fronts === 1) {
    gateConnections(http, {
      perPrefix: () => limiter.perPrefix + SPARE_PER_PREFIX,
      onRefused: () => {
        service.counters.add("connectionsRefused");
      },
    });
  }
  stack.defer(() => {
    sockets.close();
  });
  return sockets;
}

function originPolicyOf({ origins, publicUrl }: RelayConfig): ReturnType<typeof createOriginPolicy> {
  return createOriginPolicy(publicUrl === undefined ? origins : [...origins, publicUrl]);
}

function connectionLimitsOf(config: RelayConfig): ConnectionLimits {
  const { maxConnections, maxConnectionsPerPrefix, connectionsPerSecondPerPrefix } = config;
  return {
    total: maxConnections,
    perPrefix: maxConnectionsPerPrefix,
    burstPerPrefix: maxConnectionsPerPrefix,
    perSecondPerPrefix: connectionsPerSecondPerPrefix,
  };
}
