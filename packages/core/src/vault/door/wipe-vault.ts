import { StorageError } from "../../ports/storage-error.ts";
import { Container, SLOT_COUNT } from "../container/index.ts";
import type { GuardSet } from "./device-record.ts";
import type { DeviceStore } from "./device-store.ts";
import { linkGuards } from "./guard-links.ts";
import { withDeadline } from "./patience.ts";
import { CONTAINER_FILE, type DoorPorts } from "./ports.ts";

/** How long a wipe waits for guards: somebody may be at the door. */
const NETWORK_MS = 4000;

/**
 * Destroys a vault. First the device secret goes, without which no secret opens anything, and the lock areas; the
 * key that asks guards is kept for just as long as they are asked; then the roots of all slots and the files. Killed
 * anywhere, {@link wipeVault} goes on where it was.
 *
 * @param tellGuards - False where the vault lives on elsewhere.
 */
export async function wipeVault(
  ports: DoorPorts,
  store: DeviceStore,
  tellGuards: boolean,
): Promise<{ readonly guardsReached: number; readonly guards: number }> {
  const state = await store.read();
  const guards = tellGuards ? state?.guards : undefined;
  if (state !== undefined && (state.type !== "wiping" || !tellGuards)) await store.write({ type: "wiping", guards });
  await store.forgetOlder();
  const container = await openContainer(ports);
  if (container !== undefined) {
    for (const copy of [0, 1] as const)
      container.writeHeader(copy, ports.random.bytes(container.readHeader(copy).length));
    container.flush();
  }
  const guardsReached = guards === undefined ? 0 : await wipeGuards(ports, guards);
  if (container !== undefined) {
    for (let slot = 0; slot < SLOT_COUNT; slot += 1) container.scrubSlot(slot);
    container.close();
  }
  await removeFiles(ports, store);
  return { guardsReached, guards: guards?.guards.length ?? 0 };
}

/** Asks all guards to destroy the record, for a few seconds. Returns how many say that it is gone. */
export async function wipeGuards(ports: DoorPorts, guards: GuardSet): Promise<number> {
  let gone = 0;
  const asked = linkGuards(ports, guards).map(async (link) => {
    const answer = await link.ask({ type: "wipe" });
    if (answer?.type === "done" || (answer?.type === "refused" && answer.reason === "denied")) gone += 1;
  });
  await withDeadline(Promise.all(asked), NETWORK_MS, ports.clock);
  return gone;
}

/** Removes both files; the device record last, since it says what is to be removed. */
export async function removeFiles({ files }: DoorPorts, store: DeviceStore): Promise<void> {
  await files.delete(CONTAINER_FILE);
  await store.destroy();
}

/** Undefined if there is none, or it is too short to hold anything. */
async function openContainer({ files, random, sizes }: DoorPorts): Promise<Container | undefined> {
  if (!(await files.exists(CONTAINER_FILE))) return undefined;
  const file = await files.open(CONTAINER_FILE);
  try {
    return Container.open(file, random, sizes);
  } catch (error) {
    file.close();
    if (error instanceof StorageError && error.code === "corrupt") return undefined;
    throw error;
  }
}
