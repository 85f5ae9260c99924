/** For who runs a relay: what the command line needs beside starting one. */
export { loadConfig } from "../config.ts";
export { askRelay } from "./control/ask-relay.ts";
export type { ControlAnswer, ControlRequest } from "./control/control-messages.ts";
export { examine, type DoctorInput } from "./doctor/doctor.ts";
export { systemMachine } from "./doctor/system-machine.ts";
export { problemsOf } from "./status/status-page.ts";
export type { RelayStatus } from "./status/relay-status.ts";
export type { SettingsReport } from "./settings/settings-report.ts";
export { BackupError } from "./backup/manifest.ts";
export { backupStopped } from "./backup/backup-stopped.ts";
export type { BackupReport } from "./backup/backup-report.ts";
export { RefusedError } from "./control/refused-error.ts";
export { convertStore, type ConversionReport } from "./convert/convert-store.ts";
export { restoreBackup, type RestoreReport } from "./backup/restore-backup.ts";
