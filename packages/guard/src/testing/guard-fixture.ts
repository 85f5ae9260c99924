import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jsonLog } from "@stonechat/serving";
import { onTestFinished } from "vitest";
import { loadGuardConfig } from "../config.ts";
import { startGuard, type GuardPorts, type RunningGuard } from "../start-guard.ts";

/** A new folder that goes away with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stonechat-guard-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A guard on loopback, and what it logged. It ends with the test. */
export async function guardFixture(
  flags: Readonly<Record<string, string | number>> = {},
  ports: Partial<GuardPorts> = {},
): Promise<{ readonly guard: RunningGuard; readonly data: string; readonly lines: readonly string[] }> {
  const data = join(await temporaryFolder(), "data");
  const lines: string[] = [];
  const log = jsonLog(
    (line) => {
      lines.push(line);
    },
    () => 0,
  );
  const config = loadGuardConfig({ flags: { data, listen: "127.0.0.1:0", ...flags } });
  const guard = await startGuard(config, { log, ...ports });
  onTestFinished(() => guard.close());
  return { guard, data, lines };
}
