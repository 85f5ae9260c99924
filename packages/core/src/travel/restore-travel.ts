import type { BlobTransport } from "../ports/blob-transport.ts";
import type { Clock } from "../ports/clock.ts";
import type { OnProgress } from "../attachments/seal-file.ts";
import type { VaultDoor } from "../vault/open-vault.ts";
import type { Random } from "@stonechat/crypto";

/** What a restore after a journey needs; there is no client yet. */
export interface TravelPorts {
  readonly blobs: BlobTransport;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Brings a vault back that {@link Client.prepareTravel} left at a relay, and takes it off the relay once it lies here.
 * Nothing is opened: the vault asks for its secret as before.
 *
 * @param input - The words or the text of the QR code; with words, also the relay.
 * @throws ClientError `bad-kit`, `relay-unknown`, `vault-exists`, `relay-unreachable`, `travel-not-found`,
 *   `travel-damaged`, `storage-full`. Nothing is left on this device then, and the vault stays at the relay.
 */
export function restoreTravel(
  _ports: TravelPorts,
  _door: VaultDoor,
  _input: { readonly code: string; readonly relayUrl?: string },
  _onProgress: OnProgress,
): Promise<void> {
  return Promise.reject(new RangeError("not yet"));
}
