import {
  createHttpBlobTransport,
  createRehearsalDoor,
  createVaultDoor,
  restoreTravel,
  type DoorPorts,
  type VaultDoor,
} from "@stonechat/core";
import type { VaultFolder } from "../host.ts";
import { openNodeBlockFiles } from "./node-block-files.ts";
import { nodeClock } from "./node-clock.ts";
import { nodeHttp } from "./node-http.ts";
import { nodeGuardTransport } from "./node-guard-transport.ts";
import { loadRandom } from "./system-random.ts";

/** See {@link Host.openVaultFolder}. */
export async function openVaultFolder(home: string, force: boolean): Promise<VaultFolder> {
  const ports = await doorPorts();
  const files = await openNodeBlockFiles(home, force);
  return {
    door: createVaultDoor({ ...ports, files }),
    close: () => {
      files.close();
    },
  };
}

/** See {@link Host.rehearsalDoor}. */
export async function openRehearsalDoor(): Promise<VaultDoor> {
  return createRehearsalDoor(await doorPorts());
}

/** See {@link Host.restoreTravel}. */
export async function bringBack(
  door: VaultDoor,
  input: { readonly code: string; readonly relayUrl?: string },
): Promise<void> {
  const ports = { blobs: createHttpBlobTransport(nodeHttp), clock: nodeClock, random: await loadRandom() };
  await restoreTravel(ports, door, input, () => undefined);
}

async function doorPorts(): Promise<Omit<DoorPorts, "files" | "sizes">> {
  return { guardTransport: nodeGuardTransport(), clock: nodeClock, random: await loadRandom() };
}
