import { initCrypto } from "@stonechat/crypto/issuer";
import { describeError, jsonLog, type Log } from "@stonechat/serving";
import { systemClock, type Clock } from "./clock.ts";
import type { RelayConfig } from "./config.ts";
import { takeDataFolder } from "./data-folder.ts";
import { createMetricsServer } from "./http/metrics-server.ts";
import type { PublishedGuards } from "./guards/guards-file.ts";
import { startFronts } from "./fronts/start-fronts.ts";
import { keepLineage } from "./lineage/keep-lineage.ts";
import { openStores, type Stores } from "./open-stores.ts";
import { finish, type Serving } from "./finish.ts";
import { operate } from "./operating/operate.ts";
import { createServers } from "./relay-parts.ts";
import { serve } from "./serve.ts";
import type { ServiceFigures } from "./service/figures.ts";
import type { ServiceLimits } from "./service/limits.ts";

/** What the relay takes from the world. The defaults are the real ones. */
export interface RelayPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Overrides of limits that have no setting. */
  readonly limits: Partial<ServiceLimits>;
  /** Guards that run in this process, in place of those that the settings name. */
  readonly guards: PublishedGuards | undefined;
  /** Reads the settings again from where they came from, when the relay's keeper wants that. @throws ConfigError. */
  readonly readSettings?: (() => Promise<RelayConfig>) | undefined;
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
  const all = { clock, log, limits: ports.limits ?? {}, guards: ports.guards, readSettings: ports.readSettings };
  const stores = await openStores(config, all, folder, stack);
  const watchStored = await keepLineage(stores.store, all, stack);
  const servers = await createServers(config, all, stores, stack);
  const { url, figures, adjust, end } = await openToClients(config, all, stores, servers, stack);
  watchStored(figures);
  const operating = await operate(config, all, { stores, figures, adjust }, stack);
  const metrics = createMetricsServer({ ...stores, service: figures, status: () => operating.status(), clock });
  const metricsUrl =
    config.metricsListen === undefined ? undefined : `${await serve(metrics, config.metricsListen, stack)}/metrics`;
  log({ level: "info", event: "serving", admission: stores.admission.kind });
  void stores.store.failed.then((error) => {
    log({ level: "error", event: "storage-failed", ...describeError(error.cause) });
  });

  const running = stack.move(); // nothing failed: from here on `close` ends it
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    log({ level: "info", event: "stopping" });
    operating.stopping();
    await end();
    await running.disposeAsync();
  };
  return { url, metricsUrl, failed: stores.store.failed, close: () => (closing ??= close()) };
}

/** Where clients reach it, what is counted of them, and how it ends in order. */
interface Reachable {
  readonly url: string;
  readonly figures: ServiceFigures;
  readonly adjust: (config: RelayConfig) => void;
  readonly end: () => Promise<void>;
}

/** Listens in this process, or in so many others as the settings ask for. */
async function openToClients(
  config: RelayConfig,
  ports: RelayPorts,
  stores: Stores,
  servers: Serving,
  stack: AsyncDisposableStack,
): Promise<Reachable> {
  if (config.fronts === 1) {
    const url = await serve(servers.http, config.listen, stack);
    return { url, figures: servers.service, adjust: servers.adjust, end: () => finish(servers) };
  }
  const fronts = await startFronts(config, ports, stores, servers.http, servers.service, stack);
  const adjust = (changed: RelayConfig): void => {
    servers.adjust(changed);
    fronts.adjust(changed);
  };
  return { url: fronts.url, figures: fronts.figures, adjust, end: () => fronts.finish() };
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
