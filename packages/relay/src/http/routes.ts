import { Hono } from "hono";
import type { IncomingMessage } from "node:http";
import { BLOB_PATH, GUARDS_PATH } from "@stonechat/protocol";
import type { BlobHandlers } from "./blobs.ts";
import type { GuardHandlers } from "./guards.ts";
import { StoreUnavailableError } from "../store/store-unavailable.ts";
import { problem } from "./problem.ts";
import type { StaticApp } from "./static-app.ts";

export interface RouteParts {
  readonly blobs: BlobHandlers;
  readonly guards?: GuardHandlers;
  readonly app: StaticApp | undefined;
  /** Where a request comes from, for budgets. Default: nobody asks. */
  readonly prefixOf?: (incoming: IncomingMessage) => string;
  readonly originAllowed: (origin: string | undefined, host: string | undefined) => boolean;
  readonly onError: (error: unknown) => void;
}

/** What the server gives along with a request, if it came over a network. */
type Environment = { Bindings: { readonly incoming?: IncomingMessage } };

/** Every route of the relay's public listener; the socket is an upgrade on SOCKET_PATH. Tests walk this table. */
export const ROUTES = [
  { method: "GET", path: "/healthz" },
  { method: "POST", path: `${BLOB_PATH}/:id` },
  { method: "PATCH", path: `${BLOB_PATH}/:id` },
  { method: "HEAD", path: `${BLOB_PATH}/:id` },
  { method: "GET", path: `${BLOB_PATH}/:id` },
  { method: "DELETE", path: `${BLOB_PATH}/:id` },
  { method: "GET", path: GUARDS_PATH },
  { method: "POST", path: `${GUARDS_PATH}/:id` },
  { method: "GET", path: "/*" },
] as const;

/** Puts the routes together. The HTTP server adds the security headers. Limits come before parsing, parsing before work. */
export function createRoutes(parts: RouteParts): Hono<Environment> {
  const { blobs, guards, app, originAllowed, onError } = parts;
  const routes = new Hono<Environment>();
  const prefixOf = (bindings: Environment["Bindings"] | undefined): string | undefined =>
    bindings?.incoming === undefined ? undefined : parts.prefixOf?.(bindings.incoming);
  routes.use(async (c, next) => {
    const { origin, host } = { origin: c.req.header("origin"), host: c.req.header("host") };
    if (!originAllowed(origin, host)) c.res = problem(403, "foreign-origin");
    else await next();
    if (!c.res.headers.has("cache-control")) c.res.headers.set("cache-control", "no-store");
  });
  routes.get("/healthz", (c) => c.json({ status: "ok" }));
  routes.post(`${BLOB_PATH}/:id`, (c) => blobs.announce(c.req.param("id"), c.req.raw, prefixOf(c.env)));
  routes.patch(`${BLOB_PATH}/:id`, (c) => blobs.write(c.req.param("id"), c.req.raw, prefixOf(c.env)));
  routes.delete(`${BLOB_PATH}/:id`, (c) => blobs.remove(c.req.param("id"), c.req.raw, prefixOf(c.env)));
  // Hono answers HEAD by the handler of GET, so that one looks at the method.
  routes.get(`${BLOB_PATH}/:id`, (c) =>
    blobs[c.req.raw.method === "HEAD" ? "status" : "read"](c.req.param("id"), c.req.raw, prefixOf(c.env)),
  );
  if (guards !== undefined) {
    routes.get(GUARDS_PATH, () => guards.list());
    routes.post(`${GUARDS_PATH}/:id`, (c) =>
      guards.pass(c.req.param("id"), c.req.raw, (c.env as Environment["Bindings"] | undefined)?.incoming),
    );
  }
  routes.get("/*", (c) => app?.serve(c.req.raw) ?? problem(404, "not-found"));
  routes.all("/*", () => problem(404, "not-found"));
  routes.onError((error) => {
    if (error instanceof StoreUnavailableError) return problem(503, "busy");
    onError(error);
    return problem(500, "internal");
  });
  return routes;
}
