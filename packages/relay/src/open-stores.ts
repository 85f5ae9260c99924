import type { Admission } from "./admission/admission.ts";
import { openAdmissionCodes } from "./admission/admission-codes.ts";
import { SwitchedAdmission } from "./admission/switched-admission.ts";
import type { BlobStore } from "./blobs/blob-store.ts";
import { FileBlobStore } from "./blobs/file-blob-store.ts";
import type { RelayConfig } from "./config.ts";
import type { DataFolder } from "./data-folder.ts";
import type { LogLimits } from "./logs/log-store.ts";
import { noWakeUps, type WakeUps } from "./service/wake-ups.ts";
import type { RelayPorts } from "./start-relay.ts";
import { openEmbeddedStore } from "./store/open-embedded-store.ts";
import type { RelayStore } from "./store/relay-store.ts";

export const MIB = 1024 * 1024;
const COMMIT_HEADROOM_BYTES = 8 * MIB;

/** What is kept, who may add to it, and how others over the same store are told. */
export interface Stores {
  readonly store: RelayStore;
  readonly blobs: BlobStore;
  readonly admission: Admission;
  readonly wakeUps: WakeUps;
}

/** Opens everything that the relay keeps, by the setting `store`. `stack` closes it again. */
export async function openStores(
  config: RelayConfig,
  ports: RelayPorts,
  folder: DataFolder,
  stack: AsyncDisposableStack,
): Promise<Stores> {
  const reserveBytes = config.reserveMib * MIB;
  const limits = logLimitsOf(config);
  const { store, wakeUps, openCodes } = await openLogs(config, ports, { folder, limits, reserveBytes }, stack);
  const blobs = await FileBlobStore.open(folder.blobs, { totalBytes: config.blobTotalMib * MIB }, reserveBytes);
  const admission = new SwitchedAdmission(config.admission, openCodes);
  stack.defer(() => {
    admission.close();
  });
  return { store, blobs, admission, wakeUps };
}

/** What the settings say of the sizes of logs. */
export function logLimitsOf({ logQuotaMib }: RelayConfig): LogLimits {
  return { logQuotaBytes: logQuotaMib * MIB, commitHeadroomBytes: COMMIT_HEADROOM_BYTES };
}

interface Logs {
  readonly store: RelayStore;
  readonly wakeUps: WakeUps;
  readonly openCodes: () => Admission & { close(): void };
}

async function openLogs(
  config: RelayConfig,
  { clock, log }: RelayPorts,
  { folder, limits, reserveBytes }: { folder: DataFolder; limits: LogLimits; reserveBytes: number },
  stack: AsyncDisposableStack,
): Promise<Logs> {
  if (config.store === "postgres") {
    // Loaded only where it is needed: its clients are no part of a relay that is alone.
    const { openPostgres } = await import("./postgres/open-postgres.ts");
    return await openPostgres(config, { clock, log }, limits, stack);
  }
  const store = await openEmbeddedStore(config.store, { folder, limits, reserveBytes, log });
  stack.defer(() => store.close());
  return { store, wakeUps: noWakeUps, openCodes: () => openAdmissionCodes(folder.admission, clock) };
}
