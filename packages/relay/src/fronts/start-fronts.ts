import { rmSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import type { RelayConfig } from "../config.ts";
import type { Stores } from "../open-stores.ts";
import type { ServiceFigures } from "../service/figures.ts";
import type { RelayPorts } from "../start-relay.ts";
import { FrontProcesses } from "./front-processes.ts";
import { Hub } from "./hub.ts";
import { shareOf, shareOfLimits } from "./share.ts";

/** Names of the Unix sockets in the data folder. */
const HUB_SOCKET = "hub.sock";
const HTTP_SOCKET = "http.sock";

/** The fronts of a relay, serving. */
export interface RunningFronts {
  readonly url: string;
  readonly pids: readonly number[];
  readonly figures: ServiceFigures;
  /** Lets the settings that may change while it runs take effect in every front. */
  adjust(config: RelayConfig): void;
  /** Lets every front answer what came and say goodbye. Resolves when they are gone. */
  finish(): Promise<void>;
}

/**
 * Starts the processes that hold the clients' sockets, over the stores of this one, the hub.
 *
 * @param http - Serves whatever is no socket. It is reached by the fronts only, at a Unix socket.
 * @throws Error when a front does not come up.
 */
export async function startFronts(
  config: RelayConfig,
  { log, limits }: RelayPorts,
  { store, admission }: Stores,
  http: Server,
  own: ServiceFigures,
  stack: AsyncDisposableStack,
): Promise<RunningFronts> {
  const hubPath = join(config.data, HUB_SOCKET);
  const httpPath = join(config.data, HTTP_SOCKET);
  const hub = new Hub({ store, admission, log });
  await hub.listen(hubPath);
  stack.defer(() => {
    hub.close();
  });
  await listenAt(http, httpPath, stack);
  const { host, port: wanted } = config.listen;
  const settings = {
    config: shareOf(config, config.fronts),
    limits: shareOfLimits(limits, config.fronts),
    admission: admission.kind,
    hubPath,
    httpPath,
  };
  const processes = new FrontProcesses(settings, wanted, log);
  stack.defer(() => {
    processes.kill();
  });
  const port = await processes.start(config.fronts);
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${String(port)}`,
    get pids() {
      return processes.pids;
    },
    figures: sumOf(own, hub),
    adjust: (changed) => {
      processes.adjust({ config: shareOf(changed, config.fronts), admission: changed.admission });
    },
    finish: async () => {
      const ended = processes.ended();
      hub.finish();
      await ended;
    },
  };
}

async function listenAt(http: Server, path: string, stack: AsyncDisposableStack): Promise<void> {
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(path, resolve);
  });
  stack.defer(() => {
    http.close();
    http.closeAllConnections();
  });
}

function sumOf(own: ServiceFigures, hub: Hub): ServiceFigures {
  return {
    counters: { get: (name) => own.counters.get(name) + hub.count(name) },
    get connectionCount() {
      return hub.connectionCount;
    },
    get subscribedLogs() {
      return hub.followedLogs;
    },
  };
}
