/** A relay in a process of its own, for measuring and for being killed. `argv`: data folder. Says its URL to the parent. */
import { loadConfig, startRelay } from "../index.ts";

const relay = await startRelay(
  loadConfig({
    flags: {
      data: process.argv[2],
      listen: "127.0.0.1:0",
      admission: "open",
      maxConnectionsPerPrefix: 20_000,
      connectionsPerSecondPerPrefix: 20_000,
      logQuotaMib: 100_000,
    },
  }),
);
process.send?.(relay.url);
process.on("message", (message) => {
  if (message === "memory") {
    (globalThis as { gc?: () => void }).gc?.();
    process.send?.(process.memoryUsage());
  }
});
process.once("SIGTERM", () => {
  void relay.close().then(() => {
    process.exit(0);
  });
});
void relay.failed.then(() => {
  process.exit(1);
});
