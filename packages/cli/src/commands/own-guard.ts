import { join } from "node:path";
import type { PublishedGuards, RelayConfig } from "@stonechat/relay";
import { UsageFailure } from "../failure.ts";
import { startOrExplain } from "./guard-start.ts";

/** The one guard of a relay that has no other, and how it is published. */
export interface OwnGuard {
  readonly published: PublishedGuards;
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}

/**
 * Starts the only guard of a relay in the same process: 1 of 1, which keeps a thief of a device from guessing, and nothing
 * from who has the server too. It listens on loopback alone; people reach it through the relay.
 *
 * @throws UsageFailure if the relay is given a list of guards as well.
 */
export async function startOwnGuard(config: RelayConfig): Promise<OwnGuard> {
  if (config.guards !== undefined) throw new UsageFailure("--guards and --with-guard exclude each other.");
  const { loadGuardConfig } = await import("@stonechat/guard");
  const { publishGuards } = await import("@stonechat/relay");
  const limits = { registrationsPerDayPerPrefix: 10_000, requestsPerSecondPerPrefix: 1_000_000 };
  await makeDataFolder(config.data);
  const data = join(config.data, "guard");
  const guard = await startOrExplain(loadGuardConfig({ flags: { data, listen: "127.0.0.1:0", ...limits } }));
  const published = publishGuards({
    threshold: 1,
    guards: [
      {
        name: "This server",
        operator: "who runs this server",
        url: config.publicUrl ?? guard.url,
        publicKey: guard.publicKey,
        target: guard.url,
      },
    ],
  });
  return { published, failed: guard.failed, close: () => guard.close() };
}

/** The guard's folder lies in the relay's, which the relay itself only makes afterwards. */
async function makeDataFolder(path: string): Promise<void> {
  const { mkdir } = await import("node:fs/promises");
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    // There already, or not possible: then the relay says so in its own words.
    if (!(error instanceof Error)) throw error;
  });
}
