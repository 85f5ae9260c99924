import {
  createVaultDoor,
  type BlockFiles,
  type Clock,
  type OpenVault,
  type Random,
  type VaultDoor,
} from "@stonechat/core";
import { sha256 } from "@stonechat/crypto";

/** `plain`: files as they are, for breadth. `vault`: everything in a slot of a container, as the product keeps it. */
export type Storage = "plain" | "vault";

/** What a client is opened on. */
export interface Profile {
  readonly files: BlockFiles;
  readonly vault?: OpenVault;
}

/** Where everybody's relay is. */
export const RELAY_URL = "http://localhost:1";
/** Small, so that a run does not spend its time on random bytes, and grows now and then. */
const SIZES = { headerBytes: 24 * 1024, chunkBytes: 32 * 4096 };

/**
 * Opens a device's profile, or makes it. A crash while a vault was made leaves one that says it is damaged: it never was
 * in use, so it is made anew, as a user would; afterwards it must never say so again.
 *
 * @param wasOpen - Whether this device's vault has been open before.
 */
export async function openProfile(
  storage: Storage,
  ports: { readonly files: BlockFiles; readonly clock: Clock; readonly random: Random },
  wasOpen: boolean,
): Promise<Profile> {
  if (storage === "plain") return { files: ports.files };
  const door = createVaultDoor({ ...ports, guardTransport: NO_GUARDS, sizes: SIZES, stretch: cheap });
  const vault = await openVault(door, wasOpen);
  return { files: vault.files, vault };
}

async function openVault(door: VaultDoor, wasOpen: boolean): Promise<OpenVault> {
  const status = await door.status();
  if (status.type !== "locked" && wasOpen) throw new Error(`the vault is ${status.type}`);
  if (status.type === "damaged") await door.wipe();
  if (status.type !== "locked") return door.create({ mode: "none", relayUrl: RELAY_URL });
  const { vault } = await door.unlock("");
  if (vault === undefined) throw new Error("the vault does not open");
  return vault;
}

const NO_GUARDS = { list: () => Promise.resolve(undefined), send: () => Promise.resolve(undefined) };

/** The cost of a KDF is nothing that faults could break. */
function cheap(password: Uint8Array, salt: Uint8Array): Uint8Array {
  return sha256(Uint8Array.of(...salt, ...password));
}
