import type { Server } from "node:http";
import type { Socket } from "node:net";
import { prefixOf } from "@stonechat/serving";

/** Connections of one prefix for pages and files, besides those that may become sockets. */
export const SPARE_PER_PREFIX = 100;

export interface ConnectionGateParts {
  /** How many connections one address prefix may have open, whatever they are for. */
  readonly perPrefix: () => number;
  readonly onRefused: () => void;
}

/**
 * Ends connections of an address prefix that has too many open already, before anything is read from them. For servers that
 * clients reach themselves: behind a proxy all connections come from there.
 */
export function gateConnections(http: Server, { perPrefix, onRefused }: ConnectionGateParts): void {
  const open = new Map<string, number>();
  const prefixes = new Map<Socket, string>();
  http.on("connection", (socket: Socket) => {
    const prefix = prefixOf(socket.remoteAddress ?? "");
    const count = open.get(prefix) ?? 0;
    if (count >= perPrefix()) {
      onRefused();
      socket.destroy();
      return;
    }
    open.set(prefix, count + 1);
    prefixes.set(socket, prefix);
    socket.on("close", left);
  });
  /** One function for all: a connection that does nothing holds no closure. */
  function left(this: Socket): void {
    const prefix = prefixes.get(this);
    if (prefix === undefined) return;
    prefixes.delete(this);
    const count = open.get(prefix) ?? 0;
    if (count > 1) open.set(prefix, count - 1);
    else open.delete(prefix);
  }
}
