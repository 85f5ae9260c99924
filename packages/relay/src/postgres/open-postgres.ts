import { systemRandom } from "@stonechat/crypto/issuer";
import type { Log } from "@stonechat/serving";
import type { BlobBytes } from "../blobs/blob-bytes.ts";
import { FolderBlobBytes } from "../blobs/folder-blob-bytes.ts";
import { S3BlobBytes } from "../blobs/s3-blob-bytes.ts";
import { s3PlaceOf } from "../blobs/s3-settings.ts";
import type { Clock } from "../clock.ts";
import type { RelayConfig } from "../config.ts";
import { NatsWakeUps } from "../nats/nats-wake-ups.ts";
import type { Opened, StoreSizes } from "../opened-stores.ts";
import { CatchUp } from "../service/catch-up.ts";
import { noWakeUps } from "../service/wake-ups.ts";
import { ChangeFeed } from "./change-feed.ts";
import { postgresAdmission } from "./postgres-admission.ts";
import { PostgresBlobBytes } from "./postgres-blob-bytes.ts";
import { PostgresBlobStore } from "./postgres-blob-store.ts";
import { PostgresStore } from "./postgres-store.ts";

/** How long a lost wake-up delays an entry at most, besides the reading. */
const LOOK_MS = 2000;

/**
 * Opens the database and, if it is set, joins the other relays over NATS. Files lie in the bucket or folder that the
 * settings name, else in the database. `stack` closes all of it again.
 */
export async function openPostgres(
  config: RelayConfig,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  { limits, blobLimits, reserveBytes }: StoreSizes,
  stack: AsyncDisposableStack,
): Promise<Opened> {
  const { postgres: urls = [], nats } = config;
  const store = await PostgresStore.open({ urls, limits, clock, log });
  stack.defer(() => store.close());
  let told = noWakeUps;
  if (nats !== undefined) {
    const subject = `stonechat.${await store.name()}`;
    const overNats = new NatsWakeUps({ address: nats, subject, log });
    stack.defer(() => overNats.close());
    told = overNats;
  }
  const wakeUps = new CatchUp(told, new ChangeFeed(store.link), log);
  await wakeUps.look();
  const timer = setInterval(() => {
    void wakeUps.look();
  }, LOOK_MS);
  stack.defer(async () => {
    clearInterval(timer);
    await wakeUps.look();
  });
  const bytes = await openBytes(config, store, reserveBytes);
  const blobs = await PostgresBlobStore.open(store.link, bytes, blobLimits, systemRandom());
  return { store, blobs, wakeUps, openCodes: () => postgresAdmission(store.link, clock) };
}

async function openBytes(config: RelayConfig, store: PostgresStore, reserveBytes: number): Promise<BlobBytes> {
  const bucket = s3PlaceOf(config);
  if (bucket !== undefined) return new S3BlobBytes(bucket);
  if (config.blobFolder !== undefined) return await FolderBlobBytes.open(config.blobFolder, reserveBytes);
  return new PostgresBlobBytes(store.link);
}
