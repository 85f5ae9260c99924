import type { IncomingMessage, Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { initCrypto } from "@stonechat/crypto/issuer";
import { openAdmission } from "./admission/admission.ts";
import { openAdmissionCodes } from "./admission/admission-codes.ts";
import { FileBlobStore } from "./blobs/file-blob-store.ts";
import { systemClock, type Clock } from "./clock.ts";
import type { RelayConfig } from "./config.ts";
import { takeDataFolder, type DataFolder } from "./data-folder.ts";
import { createBlobHandlers } from "./http/blobs.ts";
import { createHttpServer, listen } from "./http/http-server.ts";
import { renderMetrics } from "./http/metrics.ts";
import { createRoutes } from "./http/routes.ts";
import { StaticApp } from "./http/static-app.ts";
import { Janitor } from "./janitor.ts";
import { describeError, jsonLog, type Log } from "./log.ts";
import { createOriginPolicy } from "./origin-policy.ts";
import { Counters } from "./service/counters.ts";
import type { ServiceLimits } from "./service/limits.ts";
import { createRelayService, type RelayService } from "./service/relay-service.ts";
import { ConnectionLimiter } from "./socket/connection-limiter.ts";
import { SocketServer } from "./socket/socket-server.ts";
import { SqliteStore } from "./store/sqlite-store.ts";

const MIB = 1024 * 1024;
const DAY_SECONDS = 24 * 3600;
const COMMIT_HEADROOM_BYTES = 8 * MIB;
const STOP_TIMEOUT_MS = 10_000;
const STOP_POLL_MS = 20;

/** What the relay takes from the world. The defaults are the real ones. */
export interface RelayPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Overrides of limits that have no setting. */
  readonly limits: Partial<ServiceLimits>;
}

/** A relay that serves. */
export interface RunningRelay {
  /** Where it listens, for example `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly metricsUrl: string | undefined;
  /** Settles when storage fails: the caller must then end the process with an exit code other than 0. */
  readonly failed: Promise<Error>;
  /** Refuses what is new, finishes what is under way (10 s at most), closes sockets with `stopping`, and lets go of the folder. */
  close(): Promise<void>;
}

/**
 * Starts a relay on its data folder, and resolves when it serves.
 *
 * @throws DataFolderError, NewerFormatError, or the system's error for an address that cannot be listened on. Then nothing
 * is left running.
 */
export async function startRelay(config: RelayConfig, ports: Partial<RelayPorts> = {}): Promise<RunningRelay> {
  await initCrypto();
  const clock = ports.clock ?? systemClock;
  const log = ports.log ?? jsonLog((line) => { process.stderr.write(line); }, () => clock.now());
  const cleanups: (() => Promise<void> | void)[] = [];
  const cleanUp = async (): Promise<void> => { for (const step of cleanups.reverse()) await step(); };
  try {
    const folder = takeDataFolder(config.data);
    cleanups.push(() => { folder.release(); });
    return await serve(config, { clock, log, limits: ports.limits ?? {} }, folder, cleanups, cleanUp);
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

async function serve(
  config: RelayConfig, ports: RelayPorts, folder: DataFolder, cleanups: (() => Promise<void> | void)[], cleanUp: () => Promise<void>,
): Promise<RunningRelay> {
  const { clock, log } = ports;
  const counters = new Counters();
  const reserveBytes = config.reserveMib * MIB;
  const store = await SqliteStore.open({
    path: folder.store, reserveBytes, limits: { logQuotaBytes: config.logQuotaMib * MIB, commitHeadroomBytes: COMMIT_HEADROOM_BYTES },
  });
  cleanups.push(() => store.close());
  const blobs = await FileBlobStore.open(folder.blobs, { totalBytes: config.blobTotalMib * MIB }, reserveBytes);
  const codes = config.admission === "code" ? openAdmissionCodes(folder.admission, clock) : undefined;
  cleanups.push(() => { codes?.close(); });
  const admission = codes ?? openAdmission;
  const app = config.webDir === undefined ? undefined : await StaticApp.load(config.webDir);

  const service = createRelayService({
    store, pools: store.pools, clock, log, admission, counters,
    limits: {
      retentionSeconds: config.retentionDays * DAY_SECONDS, commitRetentionSeconds: config.commitRetentionDays * DAY_SECONDS,
      maxBlobBytes: config.blobMaxMib * MIB, ...ports.limits,
    },
  });
  const originAllowed = createOriginPolicy([...config.origins, ...(config.publicUrl === undefined ? [] : [config.publicUrl])]);
  const routes = createRoutes({
    app, originAllowed,
    blobs: createBlobHandlers({
      blobs, admission, clock, counters, maxBlobBytes: config.blobMaxMib * MIB, retentionSeconds: config.blobRetentionDays * DAY_SECONDS,
    }),
    onError: (error) => { log({ level: "error", event: "request-failed", ...describeError(error) }); },
  });
  // `overrideGlobalObjects: false` leaves the process's own Request and Response alone.
  const http = createHttpServer(getRequestListener(routes.fetch, { overrideGlobalObjects: false }));
  const sockets = new SocketServer(http, {
    service, originAllowed, addressOf: (request) => addressOf(request, config.trustedProxy),
    limiter: new ConnectionLimiter({
      total: config.maxConnections, perPrefix: config.maxConnectionsPerPrefix,
      burstPerPrefix: config.maxConnectionsPerPrefix, perSecondPerPrefix: config.connectionsPerSecondPerPrefix,
    }, clock),
  });
  cleanups.push(() => { sockets.close(); });
  const janitor = new Janitor({ service, blobs, clock, log });
  cleanups.push(() => janitor.stop());

  const metrics = config.metricsListen === undefined ? undefined : createMetricsServer(service, store, blobs);
  if (metrics !== undefined) cleanups.push(() => closeServer(metrics));
  const metricsPort = metrics === undefined || config.metricsListen === undefined ? undefined : await listen(metrics, config.metricsListen);
  const port = await listen(http, config.listen);
  cleanups.push(() => closeServer(http));
  log({ level: "info", event: "serving", admission: admission.kind });
  void store.failed.then((error) => { log({ level: "error", event: "storage-failed", ...describeError(error.cause) }); });

  let closing: Promise<void> | undefined;
  return {
    url: `http://${urlHost(config.listen.host)}:${String(port)}`,
    metricsUrl: metricsPort === undefined ? undefined : `http://${urlHost(config.metricsListen?.host ?? "")}:${String(metricsPort)}/metrics`,
    failed: store.failed,
    close: () => closing ??= stop(http, sockets, service, log).then(cleanUp),
  };
}

async function stop(http: Server, sockets: SocketServer, service: RelayService, log: Log): Promise<void> {
  log({ level: "info", event: "stopping" });
  sockets.refuseNew();
  const closed = closeServer(http, false);
  const deadline = performance.now() + STOP_TIMEOUT_MS;
  const until = async (done: () => boolean): Promise<void> => {
    while (!done() && performance.now() < deadline) await new Promise((resolve) => { setTimeout(resolve, STOP_POLL_MS); });
  };
  service.finish();
  await until(() => service.idle);
  service.stop();
  await until(() => sockets.size === 0);
  sockets.close();
  http.closeIdleConnections();
  const timer = setTimeout(() => { http.closeAllConnections(); }, Math.max(0, deadline - performance.now()));
  await closed;
  clearTimeout(timer);
}

async function closeServer(server: Server, force = true): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
  if (force) server.closeAllConnections();
  await closed;
}

function createMetricsServer(service: RelayService, store: SqliteStore, blobs: FileBlobStore): Server {
  return createHttpServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") { response.writeHead(404).end(); return; }
    void store.stats().then((logStats) => {
      const { heapUsed, rss } = process.memoryUsage();
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(renderMetrics({
        service, logStats, blobStats: blobs.stats(), storageLow: store.storageLow, heapBytes: heapUsed, rssBytes: rss,
      }));
    }, () => { response.writeHead(503).end(); });
  });
}

/** The peer's address; behind a proxy that the operator trusts, what that proxy saw (the last item it added). */
function addressOf(request: IncomingMessage, trustedProxy: boolean): string {
  const peer = request.socket.remoteAddress ?? "";
  const forwarded = request.headers["x-forwarded-for"];
  if (!trustedProxy || forwarded === undefined) return peer;
  return (Array.isArray(forwarded) ? forwarded.join(",") : forwarded).split(",").at(-1)?.trim() ?? peer;
}

function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
