import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { rawResponse } from "@stonechat/serving";

/** Requests of one front to the hub at a time. More wait. */
const MAX_REQUESTS = 64;

/**
 * Hands every HTTP request on to the hub: pages, blobs and guards are served in one place. Upgrades never come here.
 *
 * @param path - The hub's Unix socket for HTTP.
 * @param addressOf - The peer's address, which the hub needs for its limits and cannot see itself.
 */
export function passToHub(
  path: string,
  addressOf: (request: IncomingMessage) => string,
): (request: IncomingMessage, response: ServerResponse) => void {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_REQUESTS });
  return (request, response) => {
    const { method, url, headers } = request;
    const upstream = httpRequest(
      { agent, socketPath: path, method, path: url, headers: { ...headers, "x-forwarded-for": addressOf(request) } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        answer.once("error", () => response.destroy());
      },
    );
    upstream.once("error", () => {
      if (response.headersSent) response.destroy();
      else response.socket?.end(rawResponse(502));
    });
    response.once("close", () => {
      upstream.destroy();
    });
    request.pipe(upstream);
  };
}
