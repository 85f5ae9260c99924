import { KIT_TTL_SECONDS, type KitFile } from "@stonechat/protocol";
import { AttachmentError } from "../attachments/attachment-error.ts";
import { within } from "../attachments/secret-blobs.ts";
import { uploadBlob } from "../attachments/upload-blob.ts";
import { ClientError } from "../client-api.ts";
import type { CoreContext } from "../context.ts";
import { RelayUnavailable } from "../sync/relay-link.ts";
import { RamFile } from "../vault/ram-file.ts";
import { deriveKitFile, KIT_SLOTS, type KitSlot } from "./kit-secrets.ts";
import { MAX_SEALED_KIT_BYTES, openKitFile, sealKitFile } from "./sealed-kit-file.ts";

const PART_BYTES = 1024 * 1024;
/** Clocks of two devices may differ by so much. */
const SLACK_MS = 86_400_000;

type Core = Pick<CoreContext, "blobs" | "clock" | "random">;

/** What a relay has for a kit. `refused`: something that the kit's maker did not put there, or long ago. */
export type FoundKit =
  { readonly type: "found"; readonly file: KitFile; readonly slot: KitSlot } | { readonly type: "missing" | "refused" };

/** Puts a file in one place, in place of what lies there. @throws RelayUnavailable @throws ClientError */
export async function uploadKit(
  core: Core,
  relayUrl: string,
  seed: Uint8Array,
  slot: KitSlot,
  file: KitFile,
): Promise<void> {
  const secrets = deriveKitFile(seed, slot);
  await removeKit(core, relayUrl, seed, slot);
  const staged = new RamFile();
  staged.write(sealKitFile(file, secrets, core.random), 0);
  const blob = { relayUrl, ...secrets, ttlSeconds: KIT_TTL_SECONDS, admission: file.admission };
  const ports = { transport: core.blobs, clock: core.clock, random: core.random };
  try {
    await within(core, (cancellation) => uploadBlob(ports, blob, staged, cancellation, () => undefined));
  } catch (error) {
    if (error instanceof AttachmentError) throw toClientError(error);
    throw error;
  }
}

/** @throws RelayUnavailable */
export async function removeKit(core: Core, relayUrl: string, seed: Uint8Array, slot: KitSlot): Promise<void> {
  const { blobId, writeToken } = deriveKitFile(seed, slot);
  const outcome = await within(core, (cancellation) =>
    cancellation.race(core.blobs.remove(relayUrl, blobId, writeToken)),
  );
  if (outcome.type === "unavailable") throw new RelayUnavailable();
}

/** The newest file that the relay has for a kit. @throws RelayUnavailable */
export async function fetchKit(core: Core, relayUrl: string, seed: Uint8Array): Promise<FoundKit> {
  const found: FoundKit[] = [];
  for (const slot of KIT_SLOTS) found.push(await fetchSlot(core, relayUrl, seed, slot));
  const [newest] = found
    .flatMap((one) => (one.type === "found" ? [one] : []))
    .sort((a, b) => b.file.madeAt - a.file.madeAt);
  if (newest !== undefined) return newest;
  return { type: found.some(({ type }) => type === "refused") ? "refused" : "missing" };
}

async function fetchSlot(core: Core, relayUrl: string, seed: Uint8Array, slot: KitSlot): Promise<FoundKit> {
  const secrets = deriveKitFile(seed, slot);
  const status = await within(core, (cancellation) => cancellation.race(core.blobs.status(relayUrl, secrets.blobId)));
  if (status.type === "unavailable") throw new RelayUnavailable();
  // Half of a file is what a crash leaves; the other place has the whole one.
  if (status.type === "unknown" || status.offset < status.size) return { type: "missing" };
  if (status.size > MAX_SEALED_KIT_BYTES) return { type: "refused" };
  const sealed = new Uint8Array(status.size);
  for (let at = 0; at < sealed.length;) {
    const length = Math.min(PART_BYTES, sealed.length - at);
    const part = await within(core, (cancellation) =>
      cancellation.race(core.blobs.read(relayUrl, secrets.blobId, at, length)),
    );
    if (part.type === "unavailable") throw new RelayUnavailable();
    if (part.type === "unknown") return { type: "missing" };
    if (part.bytes.length === 0 || part.bytes.length > length) return { type: "refused" };
    sealed.set(part.bytes, at);
    at += part.bytes.length;
  }
  const file = openKitFile(sealed, secrets);
  if (file === undefined) return { type: "refused" };
  // The relay was asked to forget it by now; a copy that it kept would bring back who was a contact long ago.
  const expired = core.clock.now() - file.madeAt > KIT_TTL_SECONDS * 1000 + SLACK_MS;
  return expired ? { type: "refused" } : { type: "found", file, slot };
}

function toClientError(error: AttachmentError): unknown {
  switch (error.code) {
    case "not-admitted":
      return new ClientError("not-admitted", { cause: error });
    case "relay-full":
      return new ClientError("storage-full", { cause: error });
    case "too-large":
      return new ClientError("too-large", { cause: error });
    default:
      return new RelayUnavailable(undefined, { cause: error });
  }
}
