import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the ports that systems give away by themselves: 32,768 and up on Linux, 49,152 and up elsewhere. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;
/** Test files that run at the same time choose among ports of their own. */
const LANES = 4;

/**
 * A port of loopback on which nobody listens, for a server that ends and comes back to it. What the system gives away to
 * whoever asks for any port may be somebody else's by then; these are given to nobody.
 */
export async function lastingPort(): Promise<number> {
  const lane = Number(process.env["VITEST_POOL_ID"] ?? 0) % LANES;
  for (;;) {
    const port = FIRST_PORT + randomInt(PORTS / LANES) * LANES + lane;
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
