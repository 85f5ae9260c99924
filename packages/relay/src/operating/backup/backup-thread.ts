import { parentPort, workerData } from "node:worker_threads";
import { initCrypto } from "@stonechat/crypto/issuer";
import type { BackupReport } from "./backup-report.ts";
import { BackupError } from "./manifest.ts";
import { writeBackup, type BackupOrder } from "./write-backup.ts";

/** What the thread says once, at its end. */
export type BackupThreadMessage =
  | { readonly type: "done"; readonly report: Omit<BackupReport, "tookMs"> }
  | { readonly type: "failed"; readonly code: BackupError["code"] | undefined; readonly message: string };

const port = parentPort;
if (port === null) throw new RangeError("backup-thread runs as a worker only");
const say = (message: BackupThreadMessage): void => {
  port.postMessage(message);
};
await initCrypto();
try {
  say({ type: "done", report: writeBackup(workerData as BackupOrder) }); // set by takeBackup
} catch (error) {
  if (error instanceof BackupError) say({ type: "failed", code: error.code, message: error.message });
  else say({ type: "failed", code: undefined, message: error instanceof Error ? error.message : "unknown" });
}
