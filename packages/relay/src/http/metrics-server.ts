import type { Server } from "node:http";
import type { BlobStore } from "../blobs/blob-store.ts";
import type { ServiceFigures } from "../service/figures.ts";
import type { RelayStore } from "../store/relay-store.ts";
import { createHttpServer } from "@stonechat/serving";
import { renderMetrics } from "./metrics.ts";

export interface MetricsParts {
  readonly service: ServiceFigures;
  readonly store: RelayStore;
  readonly blobs: BlobStore;
}

/** `GET /metrics`, and nothing else. For a listener of its own, which must be on a loopback address. */
export function createMetricsServer({ service, store, blobs }: MetricsParts): Server {
  return createHttpServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    void store.stats().then(
      (logStats) => {
        const { heapUsed, rss } = process.memoryUsage();
        const source = { service, logStats, blobStats: blobs.stats(), storageLow: store.storageLow };
        response
          .writeHead(200, { "content-type": "text/plain; version=0.0.4" })
          .end(renderMetrics({ ...source, heapBytes: heapUsed, rssBytes: rss }));
      },
      () => {
        response.writeHead(503).end();
      },
    );
  });
}
