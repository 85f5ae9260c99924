import type { Http } from "../client/core-api.ts";

/** An answer that does not come, or does not go on, for so long counts as none. */
const PATIENCE_MS = 60_000;

/** HTTP by the `fetch` of Node: no cookies, no redirects followed, capped bodies. */
export const nodeHttp: Http = {
  async request({ method, url, headers, body, maxBytes }) {
    try {
      const response = await fetch(url, {
        method,
        headers,
        redirect: "manual",
        credentials: "omit",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(PATIENCE_MS),
        // A copy on its own buffer, as fetch's types ask for.
        ...(body === undefined ? {} : { body: new Uint8Array(body) }),
      });
      const answer = await readCapped(response, maxBytes);
      if (answer === undefined) return undefined;
      return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, body: answer };
    } catch {
      // fetch has one error for every way not to get an answer, and the port has one word for them.
      return undefined;
    }
  },
};

async function readCapped(response: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  if (response.body === null) return new Uint8Array(0);
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > maxBytes) return undefined;
    parts.push(part);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
