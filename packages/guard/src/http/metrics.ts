import type { Server } from "node:http";
import { createHttpServer } from "@stonechat/serving";
import { COUNTERS, type CounterName, type Counters } from "../service/counters.ts";

/** What the metrics are made of. */
export interface MetricsSource {
  readonly counters: Counters;
  readonly store: { readonly records: number };
}

/** `GET /metrics`, and nothing else. For a listener of its own, which must be on a loopback address. */
export function createMetricsServer(source: MetricsSource): Server {
  return createHttpServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(renderMetrics(source));
  });
}

/** The metrics in the text format of Prometheus: sums over everybody, no labels. */
export function renderMetrics({ counters, store }: MetricsSource): string {
  const names = Object.keys(COUNTERS) as CounterName[]; // the keys of a constant
  const { heapUsed, rss } = process.memoryUsage();
  return [
    ...names.map((name) => metric(`${name}_total`, "counter", COUNTERS[name], counters.get(name))),
    metric("records", "gauge", "Records alive.", store.records),
    metric("heap_bytes", "gauge", "JavaScript heap in use.", heapUsed),
    metric("resident_bytes", "gauge", "Memory of the process.", rss),
  ].join("");
}

function metric(name: string, type: "counter" | "gauge", help: string, value: number): string {
  const full = `stonechat_guard_${name}`;
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${full} ${String(value)}\n`;
}
