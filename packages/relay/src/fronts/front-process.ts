/** The process of one front. Its parent, the hub, sends its settings as the first message, and hears the port or an error. */
import { initCrypto } from "@stonechat/crypto/issuer";
import { jsonLog } from "@stonechat/serving";
import { systemClock } from "../clock.ts";
import { startFront, type FrontSettings } from "./front.ts";

const log = jsonLog(
  (line) => {
    process.stderr.write(line);
  },
  () => systemClock.now(),
);
// The parent decides when to stop; a Ctrl-C at the terminal reaches the whole group.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
process.on("SIGUSR1", () => undefined);
process.once("disconnect", () => {
  process.exit(1);
});
process.once("message", (settings) => {
  void run(settings as FrontSettings); // our own parent wrote it
});

async function run(settings: FrontSettings): Promise<void> {
  await initCrypto();
  const front = await startFront(settings, log);
  process.on("message", (changed) => {
    front.adjust(changed as FrontSettings); // as above
  });
  process.send?.({ port: front.port });
  process.exit((await front.ended) ? 0 : 1);
}
