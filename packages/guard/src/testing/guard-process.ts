/** A guard in a process of its own, for measuring and for being killed. `argv`: data folder, flags as JSON. Says where and who it is. */
import { flushCompileCache } from "node:module";
import { toBase64Url } from "@stonechat/protocol";
import { loadGuardConfig } from "../config.ts";
import { startGuard } from "../start-guard.ts";

const [, , data, flags = "{}"] = process.argv;
const generous = { registrationsPerDayPerPrefix: 1_000_000, registrationsPerDay: 1_000_000 };
const own = JSON.parse(flags) as Record<string, string>; // our own parent wrote it
const guard = await startGuard(
  loadGuardConfig({
    flags: { data, listen: "127.0.0.1:0", ...generous, requestsPerSecondPerPrefix: 1_000_000, ...own },
  }),
);
process.on("message", (message) => {
  if (message === "cpu") process.send?.(process.cpuUsage());
});
process.once("SIGTERM", () => {
  void guard.close().then(() => {
    process.exit(0);
  });
});
void guard.failed.then(() => {
  process.exit(1);
});
// Nobody is left to stop us.
process.once("disconnect", () => {
  process.exit(1);
});
flushCompileCache(); // or one that is killed leaves nothing for the next
process.send?.({ url: guard.url, publicKey: toBase64Url(guard.publicKey) });
