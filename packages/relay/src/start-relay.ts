import type { Server } from "node:http";
import { initCrypto } from "@stonechat/crypto/issuer";
import { describeError, jsonLog, listen, type ListenAddress, type Log } from "@stonechat/serving";
import { systemClock, type Clock } from "./clock.ts";
import type { RelayConfig } from "./config.ts";
import { takeDataFolder } from "./data-folder.ts";
import { createMetricsServer } from "./http/metrics-server.ts";
import type { PublishedGuards } from "./guards/guards-file.ts";
import { openStores } from "./open-stores.ts";
import { createServers, type Servers } from "./relay-parts.ts";
import type { ServiceLimits } from "./service/limits.ts";

/** How long requests under way may take when the relay stops, and then how long peers may take to say goodbye. */
const FINISH_TIMEOUT_MS = 8000;
const GOODBYE_TIMEOUT_MS = 1500;
const STOP_POLL_MS = 10;

/** What the relay takes from the world. The defaults are the real ones. */
export interface RelayPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Overrides of limits that have no setting. */
  readonly limits: Partial<ServiceLimits>;
  /** Guards that run in this process, in place of those that the settings name. */
  readonly guards: PublishedGuards | undefined;
}

/** A relay that serves. */
export interface RunningRelay {
  /** Where it listens, for example `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly metricsUrl: string | undefined;
  /** Settles when storage fails: the caller must then end the process with an exit code other than 0. */
  readonly failed: Promise<Error>;
  /** Refuses what is new, finishes what is under way (10 s at most), closes sockets with `stopping`, lets go of the folder. */
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
  const log = ports.log ?? standardErrorLog(clock);
  await using stack = new AsyncDisposableStack();
  // Without a listener this signal would open Node's debugger on a port.
  process.on("SIGUSR1", ignore);
  stack.defer(() => {
    process.off("SIGUSR1", ignore);
  });
  const folder = takeDataFolder(config.data);
  stack.defer(() => {
    folder.release();
  });
  const all = { clock, log, limits: ports.limits ?? {}, guards: ports.guards };
  const stores = await openStores(config, all, folder, stack);
  const servers = await createServers(config, all, stores, stack);
  const metricsUrl =
    config.metricsListen === undefined
      ? undefined
      : `${await serve(createMetricsServer({ ...stores, ...servers }), config.metricsListen, stack)}/metrics`;
  const url = await serve(servers.http, config.listen, stack);
  log({ level: "info", event: "serving", admission: stores.admission.kind });
  void stores.store.failed.then((error) => {
    log({ level: "error", event: "storage-failed", ...describeError(error.cause) });
  });

  const running = stack.move(); // nothing failed: from here on `close` ends it
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    log({ level: "info", event: "stopping" });
    await finish(servers);
    await running.disposeAsync();
  };
  return { url, metricsUrl, failed: stores.store.failed, close: () => (closing ??= close()) };
}

/** Takes nothing new and answers what came: then no client is left in doubt by us. */
async function finish({ http, sockets, service }: Servers): Promise<void> {
  sockets.refuseNew();
  service.finish();
  const closed = new Promise<void>((resolve) => {
    http.close(() => {
      resolve();
    });
  });
  http.closeIdleConnections();
  const timer = setTimeout(() => {
    http.closeAllConnections();
  }, FINISH_TIMEOUT_MS);
  await waitUntil(() => service.idle, FINISH_TIMEOUT_MS);
  service.stop();
  await waitUntil(() => sockets.size === 0, GOODBYE_TIMEOUT_MS);
  sockets.close();
  await closed;
  clearTimeout(timer);
}

async function waitUntil(done: () => boolean, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!done() && performance.now() < deadline) {
    await new Promise((resolve) => {
      setTimeout(resolve, STOP_POLL_MS);
    });
  }
}

/** Listens; `stack` closes the server. @returns its URL. */
async function serve(server: Server, address: ListenAddress, stack: AsyncDisposableStack): Promise<string> {
  const port = await listen(server, address);
  stack.defer(async () => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    server.closeAllConnections();
    await closed;
  });
  return `http://${address.host.includes(":") ? `[${address.host}]` : address.host}:${String(port)}`;
}

function ignore(): void {
  // See where it is used.
}

function standardErrorLog(clock: Clock): Log {
  const write = (line: string): void => {
    process.stderr.write(line);
  };
  return jsonLog(write, () => clock.now());
}
