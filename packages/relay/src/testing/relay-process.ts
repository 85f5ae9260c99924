/** A relay in a process of its own, for measuring and for being killed. `argv`: data folder, flags as JSON. Says its URL. */
import { flushCompileCache } from "node:module";
import { loadConfig } from "../config.ts";
import { startRelay } from "../start-relay.ts";

const [, , data, flags = "{}"] = process.argv;
const relay = await startRelay(
  loadConfig({
    flags: {
      ...{ data, listen: "127.0.0.1:0", admission: "open", reserveMib: 1 },
      ...{ maxConnectionsPerPrefix: 20_000, connectionsPerSecondPerPrefix: 20_000 },
      ...(JSON.parse(flags) as Record<string, string>), // our own parent wrote it
    },
  }),
);
process.on("message", (message) => {
  if (message !== "memory") return;
  (globalThis as { gc?: () => void }).gc?.(); // there with --expose-gc
  process.send?.(process.memoryUsage());
});
process.once("SIGTERM", () => {
  void relay.close().then(() => {
    process.exit(0);
  });
});
void relay.failed.then(() => {
  process.exit(1);
});
// Nobody is left to stop us.
process.once("disconnect", () => {
  process.exit(1);
});
flushCompileCache(); // or one that is killed leaves nothing for the next
// Last: from now on we may be told to stop.
process.send?.(relay.url);
