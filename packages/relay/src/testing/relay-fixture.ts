import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { loadConfig } from "../config.ts";
import { jsonLog } from "@stonechat/serving";
import { startRelay, type RelayPorts, type RunningRelay } from "../start-relay.ts";

/** A relay on loopback and what it logged. */
export interface RelayFixture {
  readonly relay: RunningRelay;
  readonly url: string;
  readonly data: string;
  readonly lines: string[];
}

/** A new folder that goes away with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stonechat-relay-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a relay with open admission; it ends with the test. */
export async function relayFixture(
  flags: Readonly<Record<string, string | number>> = {},
  ports: Partial<RelayPorts> = {},
): Promise<RelayFixture> {
  const data = join(await temporaryFolder(), "data");
  const lines: string[] = [];
  const log = jsonLog(
    (line) => {
      lines.push(line);
    },
    () => 0,
  );
  const config = loadConfig({ flags: { data, listen: "127.0.0.1:0", admission: "open", reserveMib: 1, ...flags } });
  const relay = await startRelay(config, { log, ...ports });
  onTestFinished(() => relay.close());
  return { relay, url: relay.url, data, lines };
}
