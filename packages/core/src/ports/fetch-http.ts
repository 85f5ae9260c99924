import type { Http, HttpResponse } from "./http.ts";

/** What we use of a platform's `fetch` (Fetch Standard §5.4). */
export type Fetch = (
  url: string,
  settings: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: Uint8Array<ArrayBuffer>;
    readonly redirect: "error";
    readonly credentials: "omit";
    readonly cache: "no-store";
    readonly referrerPolicy: "no-referrer";
  },
) => Promise<FetchResponse>;

/** What we use of a platform's `Response`. */
export type FetchResponse = {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: { getReader(): BodyReader } | null;
};

type BodyReader = {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
};

/** HTTP over `fetch`. The platform adds a timeout: without one, a relay that never answers would be waited for for ever. */
export function createFetchHttp(fetch: Fetch): Http {
  return {
    async request({ method, url, headers, body, maxBytes }) {
      try {
        const response = await fetch(url, {
          method,
          headers: { ...headers },
          // Bodies of ours never lie in shared memory, which is all that the narrower type excludes.
          ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
          redirect: "error",
          credentials: "omit",
          cache: "no-store",
          referrerPolicy: "no-referrer",
        });
        return await toHttpResponse(response, maxBytes);
      } catch {
        return undefined; // every failure of `fetch` is one of the network, and the port has one word for it
      }
    },
  };
}

async function toHttpResponse(response: FetchResponse, maxBytes: number): Promise<HttpResponse | undefined> {
  const body = response.body === null ? new Uint8Array(0) : await readAll(response.body.getReader(), maxBytes);
  if (body === undefined) return undefined;
  return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, body };
}

/** The whole body, or undefined as soon as it is longer than `maxBytes`. */
async function readAll(reader: BodyReader, maxBytes: number): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value === undefined) break;
    pieces.push(value);
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      return undefined;
    }
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
