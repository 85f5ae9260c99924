import { connect } from "node:net";
import { createHttpServer, peerAddress, type Log } from "@stonechat/serving";
import { systemClock } from "../clock.ts";
import type { RelayConfig } from "../config.ts";
import { finish } from "../finish.ts";
import { adjustSockets, createService, createSockets } from "../relay-parts.ts";
import { COUNTERS, Counters, type CounterName } from "../service/counters.ts";
import type { ServiceLimits } from "../service/limits.ts";
import { openDoors } from "./doors.ts";
import { LinkedStores } from "./linked-stores.ts";
import { passToHub } from "./pass-to-hub.ts";

/** What a front is told when it starts. */
export interface FrontSettings {
  /** The relay's, with this front's share of what is counted over all fronts. */
  readonly config: RelayConfig;
  readonly limits: Partial<ServiceLimits>;
  readonly port: number;
  readonly admission: "open" | "code";
  /** The hub's Unix sockets: for operations, and for HTTP. */
  readonly hubPath: string;
  readonly httpPath: string;
}

/** A front that serves. */
export interface Front {
  readonly port: number;
  /** Lets the settings that may change while it runs take effect. */
  adjust(settings: Pick<FrontSettings, "config" | "admission">): void;
  /** Settles when it has come to an end: `true` in order, as the hub wished. */
  readonly ended: Promise<boolean>;
}

const FIGURES_INTERVAL_MS = 1000;
const NAMES = Object.keys(COUNTERS) as readonly CounterName[]; // the keys of a constant

/**
 * Starts a front: the sockets of a relay whose store is in another process, the hub. Several fronts listen on one port.
 *
 * @throws the system's error when the hub or the port cannot be reached.
 */
export async function startFront(settings: FrontSettings, log: Log): Promise<Front> {
  const { config, limits, port, admission, hubPath, httpPath } = settings;
  const stream = connect(hubPath);
  await new Promise<void>((resolve, reject) => {
    stream.once("connect", resolve);
    stream.once("error", reject);
  });
  await using stack = new AsyncDisposableStack();
  const hub = new LinkedStores(stream, admission);
  stack.defer(() => hub.store.close());
  const counters = new Counters();
  const ports = { clock: systemClock, log, limits, guards: undefined };
  const service = createService(config, ports, hub, counters);
  const http = createHttpServer(passToHub(httpPath, (request) => peerAddress(request, config.trustedProxy)));
  const sockets = createSockets(http, config, systemClock, service, stack);
  const bound = await openDoors(http, { host: config.listen.host, port });
  hub.tell({ type: "ready", port: bound });
  const timer = setInterval(() => {
    const { connectionCount: connections, subscribedLogs: followedLogs } = service;
    hub.tell({ type: "figures", counters: NAMES.map((name) => counters.get(name)), connections, followedLogs });
  }, FIGURES_INTERVAL_MS);
  stack.defer(() => {
    clearInterval(timer);
  });
  const running = stack.move();
  const inOrder = hub.finish.then(() => finish({ service, http, sockets })).then(() => true);
  const ended = Promise.race([inOrder, hub.store.failed.then(() => false)]).finally(() => running.disposeAsync());
  const adjust: Front["adjust"] = (changed) => {
    hub.admission.use?.(changed.admission);
    adjustSockets({ service, http, sockets }, changed.config, limits);
  };
  return { port: bound, adjust, ended };
}
