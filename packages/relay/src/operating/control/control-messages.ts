import type { BackupReport } from "../backup/backup-report.ts";
import type { SettingsReport } from "../settings/settings-report.ts";
import type { RelayStatus } from "../status/relay-status.ts";

/** The socket in the data folder at which a running relay listens to the person who runs it. */
export const CONTROL_SOCKET = "control.sock";

/** What a running relay can be asked, by who may read its data folder anyway. One line of JSON. */
export type ControlRequest =
  | { readonly ask: "status" }
  | { readonly ask: "settings" }
  | { readonly ask: "reload" }
  | { readonly ask: "backup"; readonly folder: string; readonly keep: number };

/** One line of JSON too. `refused`: why, in a sentence for that person. */
export type ControlAnswer =
  | { readonly type: "status"; readonly status: RelayStatus }
  | { readonly type: "settings"; readonly settings: SettingsReport }
  | { readonly type: "backup"; readonly backup: BackupReport }
  | { readonly type: "refused"; readonly reason: string };

/** Longer requests are none of ours. */
export const MAX_REQUEST_BYTES = 8192;
/** The most backups that are kept. */
export const MAX_KEPT = 1000;

/** @returns undefined for whatever is no request. */
export function parseControlRequest(text: string): ControlRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("ask" in value)) return undefined;
  switch (value.ask) {
    case "status":
    case "settings":
    case "reload":
      return Object.keys(value).length === 1 ? { ask: value.ask } : undefined;
    case "backup":
      return "folder" in value && "keep" in value && Object.keys(value).length === 3
        ? backupRequest(value.folder, value.keep)
        : undefined;
    default:
      return undefined;
  }
}

function backupRequest(folder: unknown, keep: unknown): ControlRequest | undefined {
  const fits = typeof folder === "string" && folder !== "" && !folder.includes("\0");
  const kept = typeof keep === "number" && Number.isInteger(keep) && keep >= 1 && keep <= MAX_KEPT;
  return fits && kept ? { ask: "backup", folder, keep } : undefined;
}
