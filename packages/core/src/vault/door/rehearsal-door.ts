import type { BlockFile } from "../../ports/block-file.ts";
import type { BlockFiles } from "../../ports/block-files.ts";
import { StorageError } from "../../ports/storage-error.ts";
import { BLOCK_BYTES } from "../container/index.ts";
import type { VaultDoor } from "../open-vault.ts";
import { RamFile } from "../ram-file.ts";
import type { DoorPorts } from "./ports.ts";
import { createVaultDoor } from "./vault-door.ts";

const REHEARSAL_SIZES = { headerBytes: 8 * BLOCK_BYTES, chunkBytes: 256 * BLOCK_BYTES };

/**
 * A door to a small vault in memory, with the real guards: to try out what a duress PIN does before it matters. The
 * caller wipes it, which takes its records away at the guards.
 */
export function createRehearsalDoor(ports: Omit<DoorPorts, "files" | "sizes">): VaultDoor {
  return createVaultDoor({ ...ports, files: new RamFiles(), sizes: REHEARSAL_SIZES });
}

/** Files that vanish with the process. */
class RamFiles implements BlockFiles {
  readonly #files = new Map<string, RamFile>();
  readonly #open = new Set<string>();

  async open(name: string): Promise<BlockFile> {
    if (this.#open.has(name)) throw new StorageError("busy", "open file");
    const stored = this.#files.get(name) ?? new RamFile();
    this.#files.set(name, stored);
    this.#open.add(name);
    return Promise.resolve({
      read: (into, at) => stored.read(into, at),
      write: (bytes, at) => stored.write(bytes, at),
      truncate: (size) => stored.truncate(size),
      flush: () => stored.flush(),
      size: () => stored.size(),
      close: () => {
        this.#open.delete(name);
      },
    });
  }

  async exists(name: string): Promise<boolean> {
    return Promise.resolve(this.#files.has(name));
  }

  async delete(name: string): Promise<void> {
    this.#files.get(name)?.close();
    this.#files.delete(name);
    return Promise.resolve();
  }

  async list(): Promise<readonly string[]> {
    return Promise.resolve([...this.#files.keys()].sort());
  }
}
