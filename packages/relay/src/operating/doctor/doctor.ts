import { join } from "node:path";
import type { RelayConfig } from "../../config.ts";
import { LAST_BACKUP_FILE } from "../last-backup.ts";
import { checkBackup } from "./check-backup.ts";
import { checkClock } from "./check-clock.ts";
import { checkLimits } from "./check-limits.ts";
import { checkProcess } from "./check-process.ts";
import { checkPorts, checkSettings, checkSettingsFile } from "./check-settings.ts";
import { checkStorage } from "./check-storage.ts";
import type { Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";

/** What the doctor is told besides the settings. */
export interface DoctorInput {
  readonly config: RelayConfig;
  /** The file they came from. */
  readonly settingsFile: string | undefined;
  /** The process of the relay that runs on this data folder, if one does. */
  readonly pid: number | undefined;
}

/** Explains what is wrong with a machine that a relay runs on, or shall. Changes nothing; names nobody. */
export async function examine(machine: Machine, input: DoctorInput): Promise<readonly Finding[]> {
  const { config, settingsFile, pid } = input;
  return [
    ...checkProcess(machine),
    ...(await checkStorage(machine, config)),
    ...(await checkLimits(machine, config, pid)),
    await checkClock(machine, config.data),
    ...(pid === undefined ? await checkPorts(machine, config) : []),
    ...(await checkSettingsFile(machine, settingsFile)),
    ...checkSettings(config),
    // A database of its own is backed up by its own means, which nobody can see from here.
    ...(config.store === "postgres"
      ? []
      : [await checkBackup(machine, join(config.data, LAST_BACKUP_FILE), config.retentionDays)]),
  ];
}
