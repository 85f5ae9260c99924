import { equalSecrets } from "@stonechat/crypto";
import { TRAVEL_SECRET_BYTES } from "@stonechat/protocol";
import { BackOff } from "../attachments/back-off.ts";
import type { Cancellation } from "../attachments/cancellation.ts";
import type { OnProgress } from "../attachments/seal-file.ts";
import { uploadBlob, type UploadSource } from "../attachments/upload-blob.ts";
import { ClientError, type TravelView } from "../client-api.ts";
import type { OpenVault } from "../vault/open-vault.ts";
import { sealedVault, STORED_CHUNK_BYTES } from "./sealed-vault.ts";
import { unlessStalled, type TravelPorts } from "./travel-ports.ts";
import { deriveTravel, printTravel, type TravelSecrets } from "./travel-secrets.ts";

const TTL_SECONDS = 30 * 86_400;
/** Chunks that the relay is asked to show, besides the first and the last. */
const SAMPLES = 16;

/** What the vault notes of its journey before it is copied. */
export interface Journey {
  readonly secret: Uint8Array;
  readonly relayUrl: string;
}

/** A code that nobody has used before. */
export function planJourney({ random }: Pick<TravelPorts, "random">, relayUrl: string): Journey {
  return { secret: random.bytes(TRAVEL_SECRET_BYTES), relayUrl };
}

/**
 * Brings the whole vault to the relay. Resolves only after the relay acknowledged every byte and showed that it has them.
 * Nothing may be written to the vault meanwhile, nor afterwards: whoever goes on with it must first have claimed it.
 *
 * @throws ClientError `relay-unreachable`, `storage-full`, `too-large`, `not-admitted`, `not-possible`.
 */
export async function uploadVault(
  ports: TravelPorts,
  vault: OpenVault,
  { secret, relayUrl }: Journey,
  admission: Uint8Array,
  onProgress: OnProgress,
): Promise<TravelView> {
  const secrets = deriveTravel(secret);
  const source = sealedVault(vault.exportSource(), secrets.file);
  const { blobId, writeToken } = secrets;
  const blob = { relayUrl, blobId, writeToken, ttlSeconds: TTL_SECONDS, admission };
  const startedAt = ports.clock.now();
  await unlessStalled(ports, async (cancellation, moved) => {
    let last = -1;
    const progress: OnProgress = (done, total) => {
      if (done > last) moved();
      last = Math.max(last, done);
      onProgress(done, total);
    };
    await uploadBlob(
      { transport: ports.blobs, clock: ports.clock, random: ports.random },
      blob,
      source,
      cancellation,
      progress,
    );
    await readBack(ports, relayUrl, secrets, source, cancellation, moved);
  });
  const keptUntil = startedAt + TTL_SECONDS * 1000;
  return { ...printTravel(secret, relayUrl), relayUrl, keptUntil, bytes: source.size() };
}

/** Asks for the first chunk, the last and some others, and compares. @throws ClientError `not-possible` */
async function readBack(
  ports: TravelPorts,
  relayUrl: string,
  { blobId }: TravelSecrets,
  source: UploadSource,
  cancellation: Cancellation,
  moved: () => void,
): Promise<void> {
  const size = source.size();
  const chunks = Math.ceil(size / STORED_CHUNK_BYTES);
  const backOff = new BackOff(ports.clock, ports.random, cancellation);
  const places = [0, chunks - 1, ...Array.from({ length: SAMPLES }, () => randomBelow(ports, chunks))];
  for (const place of places) {
    const at = place * STORED_CHUNK_BYTES;
    const sent = new Uint8Array(Math.min(STORED_CHUNK_BYTES, size - at));
    await source.read(sent, at);
    for (;;) {
      const outcome = await cancellation.race(ports.blobs.read(relayUrl, blobId, at, sent.length));
      if (outcome.type === "unavailable") {
        await backOff.wait();
        continue;
      }
      if (outcome.type === "unknown" || outcome.size !== size || !equalSecrets(outcome.bytes, sent))
        throw new ClientError("not-possible");
      break;
    }
    moved();
  }
}

function randomBelow({ random }: TravelPorts, limit: number): number {
  const bytes = random.bytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) % limit;
}
