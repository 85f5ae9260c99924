import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { GUARD_PATH, SEALED_GUARD_REPLY_BYTES } from "@stonechat/protocol";

/** Shorter than clients wait for us, so that they have time left to go to the guard themselves. */
const TIMEOUT_MS = 2000;
/** Connections to one guard. Requests of all clients share them. */
const MAX_SOCKETS = 32;

/** Sends one sealed request to a guard's origin. Undefined: no answer of the one size that answers have. */
export type PassOn = (origin: string, body: Uint8Array) => Promise<Uint8Array | undefined>;

/**
 * Passes requests on to guards. Nothing of the client goes along: no address, no header. Redirects are not followed.
 * Call `close` at the end.
 */
export function createPassOn(): { readonly passOn: PassOn; close(): void } {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: TIMEOUT_MS };
  const plain = new HttpAgent(options);
  const secure = new HttpsAgent(options);
  const passOn: PassOn = (origin, body) =>
    new Promise((resolve) => {
      const headers = { "content-type": "application/octet-stream", "content-length": body.length };
      const url = new URL(GUARD_PATH, origin);
      const settings = { method: "POST", headers, signal: AbortSignal.timeout(TIMEOUT_MS) };
      const onReply = (reply: IncomingMessage): void => {
        void readReply(reply).then(resolve);
      };
      const request =
        url.protocol === "https:"
          ? httpsRequest(url, { ...settings, agent: secure }, onReply)
          : httpRequest(url, { ...settings, agent: plain }, onReply);
      request.on("error", () => {
        resolve(undefined);
      });
      request.end(body);
    });
  return {
    passOn,
    close() {
      plain.destroy();
      secure.destroy();
    },
  };
}

async function readReply(reply: IncomingMessage): Promise<Uint8Array | undefined> {
  const body = new Uint8Array(SEALED_GUARD_REPLY_BYTES);
  let length = 0;
  try {
    for await (const piece of reply as AsyncIterable<Uint8Array>) {
      // without an encoding the stream gives bytes; its type says any
      if (reply.statusCode !== 200 || length + piece.length > body.length) {
        reply.destroy();
        return undefined;
      }
      body.set(piece, length);
      length += piece.length;
    }
  } catch {
    // The guard went away in the middle, or was too slow.
    return undefined;
  }
  return reply.statusCode === 200 && length === body.length ? body : undefined;
}
