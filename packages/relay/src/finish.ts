import type { Server } from "node:http";
import type { RelayConfig } from "./config.ts";
import type { RelayService } from "./service/relay-service.ts";
import type { SocketServer } from "./socket/socket-server.ts";

/** How long requests under way may take when the relay stops, and then how long peers may take to say goodbye. */
const FINISH_TIMEOUT_MS = 8000;
const GOODBYE_TIMEOUT_MS = 1500;
const STOP_POLL_MS = 10;

/** What serves and can be brought to an end in order. */
export interface Serving {
  readonly service: RelayService;
  readonly http: Server;
  readonly sockets: SocketServer;
  /** Lets the settings that may change while it runs take effect. */
  readonly adjust: (config: RelayConfig) => void;
}

/** Takes nothing new and answers what came: then no client is left in doubt by us. */
export async function finish({ http, sockets, service }: Omit<Serving, "adjust">): Promise<void> {
  sockets.refuseNew();
  service.finish();
  let closed = false;
  http.close(() => {
    closed = true;
  });
  const timer = setTimeout(() => {
    http.closeAllConnections();
  }, FINISH_TIMEOUT_MS);
  await waitUntil(() => service.idle, FINISH_TIMEOUT_MS);
  service.stop();
  await waitUntil(() => sockets.size === 0, GOODBYE_TIMEOUT_MS);
  sockets.close();
  await waitUntil(() => {
    // One whose answer was under way is kept open by the browser for the next request, which will not come.
    http.closeIdleConnections();
    return closed;
  }, FINISH_TIMEOUT_MS);
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
