import { BackOff } from "../attachments/back-off.ts";
import { AttachmentError } from "../attachments/attachment-error.ts";
import type { Cancellation } from "../attachments/cancellation.ts";
import type { OnProgress } from "../attachments/seal-file.ts";
import { ClientError } from "../client-api.ts";
import type { VaultDoor } from "../vault/open-vault.ts";
import { openedVault, type ReadSealed } from "./sealed-vault.ts";
import { unlessStalled, type TravelPorts } from "./travel-ports.ts";
import { deriveTravel, parseTravel, type TravelSecrets } from "./travel-secrets.ts";

export type { TravelPorts } from "./travel-ports.ts";

/** Fetched at once: sixteen chunks. */
const FETCH_BYTES = 16 * (65_536 + 16);

/**
 * Brings a vault back that {@link Client.prepareTravel} left at a relay, and takes it off the relay once it lies here.
 * Nothing is opened: the vault asks for its secret as before.
 *
 * @param input - The words or the text of the QR code; with words, also the relay.
 * @throws ClientError `bad-kit`, `relay-unknown`, `vault-exists`, `relay-unreachable`, `travel-not-found`,
 *   `travel-damaged`, `storage-full`. Nothing is left on this device then, and the vault stays at the relay.
 */
export async function restoreTravel(
  ports: TravelPorts,
  door: VaultDoor,
  input: { readonly code: string; readonly relayUrl?: string },
  onProgress: OnProgress,
): Promise<void> {
  const { secret, relayUrl } = parseTravel(input.code, input.relayUrl);
  if ((await door.status()).type !== "absent") throw new ClientError("vault-exists");
  const secrets = deriveTravel(secret);
  await unlessStalled(ports, async (cancellation, moved) => {
    const storedSize = await sizeAt(ports, relayUrl, secrets, cancellation);
    const fetch = fetcher(ports, relayUrl, secrets, storedSize, cancellation, (done) => {
      moved();
      onProgress(done, storedSize);
    });
    const vault = await openedVault(storedSize, secrets.file, fetch);
    try {
      await door.importFrom(vault);
    } catch (error) {
      // Somebody made another vault meanwhile: it stays.
      if (error instanceof ClientError && error.code === "vault-exists") throw error;
      // Half a vault would look like a damaged one, and stand in the way of another try.
      await door.forget();
      if (error instanceof ClientError && error.code === "bad-secret")
        throw new ClientError("travel-damaged", { cause: error });
      throw error;
    }
  });
  // It lies here now. Out of reach, the relay forgets its copy in time; who opens either one claims the profile.
  await ports.blobs.remove(relayUrl, secrets.blobId, secrets.writeToken);
}

async function sizeAt(
  ports: TravelPorts,
  relayUrl: string,
  { blobId }: TravelSecrets,
  cancellation: Cancellation,
): Promise<number> {
  const backOff = new BackOff(ports.clock, ports.random, cancellation);
  for (;;) {
    const status = await cancellation.race(ports.blobs.status(relayUrl, blobId));
    if (status.type === "unknown" || (status.type === "status" && status.offset < status.size))
      throw new AttachmentError("gone");
    if (status.type === "status") return status.size;
    await backOff.wait();
  }
}

/** Reads ahead: an import asks in small steps and in order. */
function fetcher(
  ports: TravelPorts,
  relayUrl: string,
  { blobId }: TravelSecrets,
  size: number,
  cancellation: Cancellation,
  onFetched: (done: number) => void,
): ReadSealed {
  const backOff = new BackOff(ports.clock, ports.random, cancellation);
  let held = { at: 0, bytes: new Uint8Array(0) };
  return async (at, length) => {
    const end = at + length;
    if (at < held.at || at >= held.at + held.bytes.length) held = { at, bytes: new Uint8Array(0) };
    while (held.at + held.bytes.length < end) {
      const from = held.at + held.bytes.length;
      const wanted = Math.min(FETCH_BYTES, size - from);
      const outcome = await cancellation.race(ports.blobs.read(relayUrl, blobId, from, wanted));
      if (outcome.type === "unknown") throw new AttachmentError("gone");
      if (outcome.type === "part" && (outcome.size !== size || outcome.bytes.length > wanted))
        throw new AttachmentError("damaged");
      if (outcome.type === "unavailable" || outcome.bytes.length === 0) {
        await backOff.wait();
        continue;
      }
      const kept = held.bytes.subarray(Math.max(0, at - held.at));
      const joined = new Uint8Array(kept.length + outcome.bytes.length);
      joined.set(kept);
      joined.set(outcome.bytes, kept.length);
      held = { at: Math.max(at, held.at), bytes: joined };
      backOff.reset();
      onFetched(from + outcome.bytes.length);
    }
    return held.bytes.slice(at - held.at, end - held.at);
  };
}
