import type { Server } from "node:http";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import { listen } from "@stonechat/serving";

/**
 * [Note: One connection a turn] A listening socket yields one connection in each turn of the event loop: so libuv does it.
 * When everybody comes back at once a turn is long, since each has much to ask, and who has not been let in yet waits for as
 * many turns as there are others before. So a process listens on its port this often.
 */
const DOORS = 8;

/**
 * Lets an HTTP server listen on an address that others of our processes share, through several sockets at once. Its limit of
 * connections holds for what comes through all of them together, and `close` closes all.
 *
 * @returns the port, which the system chose if it was 0. @throws the system's error.
 */
export async function openDoors(
  http: Server,
  { host, port }: { readonly host: string; readonly port: number },
  doors = DOORS,
): Promise<number> {
  limitTogether(http);
  const bound = await listen(http, { host, port }, true);
  const others = Array.from({ length: doors - 1 }, () => doorTo(http));
  closeTogether(http, others);
  for (const other of others) await listen(other, { host, port: bound }, true);
  return bound;
}

/** Like an HTTP server's own socket. */
function doorTo(http: Server): NetServer {
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    http.emit("connection", socket);
  });
}

function limitTogether(http: Server): void {
  let open = 0;
  http.on("connection", (socket: Socket) => {
    open += 1;
    socket.on("close", left);
    if (open > http.maxConnections) socket.destroy();
  });
  /** One function for all: a connection that does nothing holds no closure. */
  function left(): void {
    open -= 1;
  }
}

function closeTogether(http: Server, others: readonly NetServer[]): void {
  const close = http.close.bind(http);
  http.close = (callback) => {
    let left = others.length + 1;
    const closed = (error?: Error): void => {
      left -= 1;
      if (left === 0) callback?.(error);
    };
    for (const other of others) other.close(closed);
    return close(closed);
  };
}
