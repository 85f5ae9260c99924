import type { Admission } from "./admission/admission.ts";
import { openAdmissionCodes } from "./admission/admission-codes.ts";
import { SwitchedAdmission } from "./admission/switched-admission.ts";
import type { BlobStore } from "./blobs/blob-store.ts";
import { FileBlobStore } from "./blobs/file-blob-store.ts";
import type { RelayConfig } from "./config.ts";
import type { DataFolder } from "./data-folder.ts";
import type { LogLimits } from "./logs/log-store.ts";
import type { Opened, StoreSizes } from "./opened-stores.ts";
import { noWakeUps, type WakeUps } from "./service/wake-ups.ts";
import type { RelayPorts } from "./start-relay.ts";
import { openEmbeddedStore, type EmbeddedKind } from "./store/open-embedded-store.ts";
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
  const sizes = { limits, reserveBytes, blobLimits: { totalBytes: config.blobTotalMib * MIB } };
  const { store, blobs, wakeUps, openCodes } =
    config.store === "postgres"
      ? await openShared(config, ports, sizes, stack)
      : await openOwn(config.store, ports, folder, sizes, stack);
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

/** What this relay shares with others. Loaded only where it is needed: its clients are no part of a relay that is alone. */
async function openShared(
  config: RelayConfig,
  { clock, log }: RelayPorts,
  sizes: StoreSizes,
  stack: AsyncDisposableStack,
): Promise<Opened> {
  const { openPostgres } = await import("./postgres/open-postgres.ts");
  return await openPostgres(config, { clock, log }, sizes, stack);
}

/** What this relay keeps alone, in its folder. */
async function openOwn(
  kind: EmbeddedKind,
  { clock, log }: RelayPorts,
  folder: DataFolder,
  { limits, blobLimits, reserveBytes }: StoreSizes,
  stack: AsyncDisposableStack,
): Promise<Opened> {
  const store = await openEmbeddedStore(kind, { folder, limits, reserveBytes, log });
  stack.defer(() => store.close());
  const blobs = await FileBlobStore.open(folder.blobs, blobLimits, reserveBytes);
  const openCodes = (): ReturnType<Opened["openCodes"]> => openAdmissionCodes(folder.admission, clock);
  return { store, blobs, wakeUps: noWakeUps, openCodes };
}
