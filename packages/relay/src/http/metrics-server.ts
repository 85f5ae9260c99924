import type { Server } from "node:http";
import type { BlobStore } from "../blobs/blob-store.ts";
import type { ServiceFigures } from "../service/figures.ts";
import type { RelayStore } from "../store/relay-store.ts";
import { createHttpServer } from "@stonechat/serving";
import type { Clock } from "../clock.ts";
import type { RelayStatus } from "../operating/status/relay-status.ts";
import { statusPage, STATUS_STYLE } from "../operating/status/status-page.ts";
import { renderMetrics } from "./metrics.ts";

export interface MetricsParts {
  readonly service: ServiceFigures;
  readonly store: RelayStore;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly status: () => Promise<RelayStatus>;
}

/** Names of this machine for itself: a page from elsewhere that points its own name at us is not answered. */
const OWN_NAME = /^(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?$/;

/**
 * `GET /metrics`, and the status as a page at `/`; nothing else, and nothing that changes anything. For a listener of its
 * own, which must be on a loopback address.
 */
export function createMetricsServer(parts: MetricsParts): Server {
  return createHttpServer((request, response) => {
    if (!OWN_NAME.test(request.headers.host ?? "")) {
      response.writeHead(421).end();
      return;
    }
    const answer = request.method === "GET" ? answerOf(request.url ?? "", parts) : undefined;
    if (answer === undefined) {
      response.writeHead(404).end();
      return;
    }
    void answer().then(
      (text) => {
        response.writeHead(200, { "content-type": contentType(request.url), "cache-control": "no-store" }).end(text);
      },
      () => {
        response.writeHead(503).end();
      },
    );
  });
}

function answerOf(url: string, parts: MetricsParts): (() => Promise<string>) | undefined {
  switch (url) {
    case "/metrics":
      return () => metricsOf(parts);
    case "/":
      return async () => statusPage(await parts.status(), parts.clock.now());
    case "/status.css":
      return async () => STATUS_STYLE;
    default:
      return undefined;
  }
}

function contentType(url: string | undefined): string {
  if (url === "/metrics") return "text/plain; version=0.0.4";
  return url === "/" ? "text/html; charset=utf-8" : "text/css; charset=utf-8";
}

async function metricsOf({ service, store, blobs, status }: MetricsParts): Promise<string> {
  const [logStats, told] = await Promise.all([store.stats(), status()]);
  const { heapUsed, rss } = process.memoryUsage();
  const source = { service, logStats, blobStats: blobs.stats(), storageLow: store.storageLow };
  return renderMetrics({ ...source, heapBytes: heapUsed, rssBytes: rss, status: told });
}
