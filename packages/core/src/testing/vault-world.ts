import { sha256 } from "@stonechat/crypto";
import { ManualClock } from "@stonechat/testkit/manual-clock";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { MemoryGuards } from "@stonechat/testkit/memory-guards";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import type { NewVault } from "../client-api.ts";
import { joined } from "../vault/lock/keys.ts";
import { createVaultDoor } from "../vault/door/vault-door.ts";
import type { Stretch } from "../vault/door/ports.ts";
import type { OpenVault, VaultDoor } from "../vault/open-vault.ts";

export const REAL_PIN = "482913";
export const DECOY_PIN = "604718";
export const WRONG_PIN = "395027";
export const RELAY = "https://relay.example";
export const SIZES = { headerBytes: 24 * 1024, chunkBytes: 64 * 4096 };

/** Cheap, and as sensitive to what goes in as Argon2id. */
export const cheapStretch: Stretch = (password, salt, { memoryKib, passes }) =>
  sha256(joined(Uint8Array.of(passes, memoryKib >> 16, memoryKib >> 8), salt, password));

/** Guards, a disk and a clock, all in memory. */
export interface VaultWorld {
  readonly guards: MemoryGuards;
  readonly clock: ManualClock;
  readonly disk: MemoryBlockFiles;
  readonly door: VaultDoor;
  /** The door of another device with this disk, as a thief makes one from an image. */
  doorOf(disk: MemoryBlockFiles): VaultDoor;
}

/** A world with no vault yet. */
export function vaultWorld({ count = 3, threshold = 2, seed = 1 } = {}): VaultWorld {
  const clock = new ManualClock();
  const guards = new MemoryGuards({ count, threshold, clock, seed });
  const disk = new MemoryBlockFiles(seed);
  let doors = 0;
  const doorOf = (files: MemoryBlockFiles): VaultDoor => {
    doors += 1;
    return createVaultDoor({
      files,
      guardTransport: guards.transport,
      clock,
      random: repeatableRandom(`door ${String(seed)} ${String(doors)}`),
      stretch: cheapStretch,
      sizes: SIZES,
    });
  };
  return { guards, clock, disk, door: doorOf(disk), doorOf };
}

export const pinVault = (kind: "destroy" | "conceal" = "destroy"): NewVault => ({
  mode: "pin",
  relayUrl: RELAY,
  pin: REAL_PIN,
  kind,
});

/** Another disk with the same bytes: what a thief copies. */
export async function imageOf(disk: MemoryBlockFiles): Promise<MemoryBlockFiles> {
  const copy = new MemoryBlockFiles(77);
  for (const name of await disk.list()) {
    const file = await copy.open(name);
    file.write(disk.contents(name), 0);
    file.flush();
    file.close();
  }
  return copy;
}

/** Puts a text into a vault, so that one can tell which it is. */
export async function writeNote(vault: OpenVault, text: string): Promise<void> {
  const file = await vault.files.open("note");
  file.truncate(0);
  file.write(new TextEncoder().encode(text), 0);
  file.flush();
  file.close();
}

/** What {@link writeNote} wrote there, or the empty string. */
export async function readNote(vault: OpenVault): Promise<string> {
  const file = await vault.files.open("note");
  const bytes = new Uint8Array(file.size());
  file.read(bytes, 0);
  file.close();
  return new TextDecoder().decode(bytes);
}

/** Unlocks, waits for the renewal, reads the note and closes: what a secret opens. */
export async function whatOpens(door: VaultDoor, secret: string): Promise<string> {
  const { result, vault } = await door.unlock(secret);
  if (vault === undefined) return result.type;
  await vault.settled();
  const note = await readNote(vault);
  await vault.close();
  return note;
}

/** A vault with the note `real`, and a decoy with the note `decoy`. Closed. */
export async function makeRealAndDecoy(world: VaultWorld): Promise<void> {
  const real = await world.door.create(pinVault());
  await writeNote(real, "real");
  await real.setDuressPin(DECOY_PIN);
  const decoy = await real.visitDecoy();
  await writeNote(decoy, "decoy");
  await decoy.close();
}

/** A world as it was at some moment: what each trial of a fault begins with. */
export interface SavedWorld {
  /** The guards as they were, and a fresh disk with the bytes that were on it. */
  begin(): Promise<MemoryBlockFiles>;
}

/** Keeps guards and disk as they are now. */
export function saveWorld({ guards, disk }: VaultWorld): SavedWorld {
  const kept = guards.guards.map((guard) => guard.snapshot());
  const image = imageOf(disk);
  return {
    async begin() {
      guards.guards.forEach((guard, at) => {
        const snapshot = kept[at];
        if (snapshot !== undefined) guard.restore(snapshot);
        guard.exchanges.length = 0;
      });
      return imageOf(await image);
    },
  };
}
