import type { IncomingMessage } from "node:http";

/** The peer's address; behind a proxy that the operator trusts, what that proxy saw (the last item it added). */
export function peerAddress(request: IncomingMessage, trustedProxy: boolean): string {
  const peer = request.socket.remoteAddress ?? "";
  const forwarded = request.headers["x-forwarded-for"];
  if (!trustedProxy || forwarded === undefined) return peer;
  const items = (Array.isArray(forwarded) ? forwarded.join(",") : forwarded).split(",");
  return items.at(-1)?.trim() ?? peer;
}
