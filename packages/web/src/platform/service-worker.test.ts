import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

const ORIGIN = "https://relay.example";

interface FetchEventOf {
  readonly request: { readonly url: string; readonly method: string; readonly mode: string };
  respondWith(response: Promise<Response>): void;
}

const handlers = new Map<string, (event: FetchEventOf) => void>();
const stored = new Map<string, Response>();
const network = vi.fn<() => Promise<Response>>();

/** What the worker answers, or `undefined` if it keeps out of it. */
function ask(path: string, { method = "GET", mode = "cors", origin = ORIGIN } = {}): Promise<Response> | undefined {
  let answer: Promise<Response> | undefined;
  handlers.get("fetch")?.({
    request: { url: `${origin}${path}`, method, mode },
    respondWith: (response) => {
      answer = response;
    },
  });
  return answer;
}

beforeAll(async () => {
  const cache = {
    match: (request: string | { readonly url: string }) =>
      Promise.resolve(stored.get(typeof request === "string" ? request : new URL(request.url).pathname)),
    put: (request: { readonly url: string }, response: Response) => {
      stored.set(new URL(request.url).pathname, response);
      return Promise.resolve();
    },
  };
  vi.stubGlobal("addEventListener", (type: string, handler: (event: FetchEventOf) => void) =>
    handlers.set(type, handler),
  );
  vi.stubGlobal("caches", { open: () => Promise.resolve(cache) });
  vi.stubGlobal("location", { origin: ORIGIN });
  vi.stubGlobal("fetch", network);
  await import("./service-worker.ts");
});
afterAll(() => {
  vi.unstubAllGlobals();
});
beforeEach(() => {
  stored.clear();
  network.mockReset();
});

describe("the service worker", () => {
  test.each(["/v1/blobs/00ff", "/healthz", "/assets/unknown-12345678.js", "/metrics", "/index.html"])(
    "keeps out of %s",
    (path) => {
      expect(ask(path)).toBeUndefined();
      expect(ask(path, { mode: "navigate" })).toBeUndefined();
    },
  );

  test("keeps out of whatever is no plain reading of our own origin", () => {
    expect(ask("/", { method: "POST", mode: "navigate" })).toBeUndefined();
    expect(ask("/icons/mark.svg", { origin: "https://elsewhere.example" })).toBeUndefined();
  });

  test("gives the relay's page while the relay answers, and keeps no copy of it", async () => {
    stored.set("/", new Response("installed"));
    network.mockResolvedValue(new Response("newest"));
    expect(await (await ask("/", { mode: "navigate" }))?.text()).toBe("newest");
    expect(await stored.get("/")?.text()).toBe("installed");
  });

  test("gives the installed page when there is no network, and when the relay is broken", async () => {
    stored.set("/", new Response("installed"));
    network.mockRejectedValueOnce(new TypeError("no network"));
    expect(await (await ask("/", { mode: "navigate" }))?.text()).toBe("installed");
    stored.set("/", new Response("installed"));
    network.mockResolvedValueOnce(new Response("bad gateway", { status: 502 }));
    expect(await (await ask("/", { mode: "navigate" }))?.text()).toBe("installed");
  });

  test("brings the page to the front when its notice is pressed, or opens it", async () => {
    const focus = vi.fn(() => Promise.resolve());
    const openWindow = vi.fn(() => Promise.resolve());
    const press = async (pages: readonly { readonly focus: typeof focus }[]): Promise<void> => {
      vi.stubGlobal("clients", { matchAll: () => Promise.resolve(pages), openWindow });
      let work: Promise<unknown> | undefined;
      const event = {
        notification: { close: () => undefined },
        waitUntil: (promise: Promise<unknown>) => {
          work = promise;
        },
      };
      handlers.get("notificationclick")?.(event as never); // the stub of a page knows one kind of event
      await work;
    };
    await press([{ focus }]);
    expect(focus).toHaveBeenCalledOnce();
    expect(openWindow).not.toHaveBeenCalled();
    await press([]);
    expect(openWindow).toHaveBeenCalledExactlyOnceWith("/");
  });

  test("gives a file of the shell from the cache without asking the network", async () => {
    stored.set("/icons/mark.svg", new Response("kept"));
    expect(await (await ask("/icons/mark.svg"))?.text()).toBe("kept");
    expect(network).not.toHaveBeenCalled();
  });
});
