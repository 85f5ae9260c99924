import type { VaultDoor } from "@stonechat/core";
import { refuse } from "../failure.ts";
import type { Host } from "../host.ts";
import type { Ending, Holder } from "./calls.ts";
import { noAnswer } from "./profile-door.ts";
import type { ProfilePaths } from "./profile-folder.ts";
import { tryLock } from "./profile-lock.ts";
import { connectRemote } from "./remote-backend.ts";

/** A burn before the lock may take this long, and closing a little more. */
const LOCK_PATIENCE_MS = 20_000;
/** Who destroys does not wait for anybody's tidiness. */
const NOW_PATIENCE_MS = 3_000;
/** A process that was killed is gone within moments. */
const KILL_PATIENCE_MS = 5_000;
const PAUSE_MS = 50;

/** The process that has the profile open, or undefined if none has. */
export async function findHolder(paths: ProfilePaths): Promise<Holder | undefined> {
  const remote = await connectRemote(paths.socket);
  await remote?.backend.close();
  return remote?.holder;
}

/**
 * Makes the process that has the profile open lock it and let go. One that greets but does not let go is killed: after
 * this, nobody holds the keys.
 *
 * @returns Whether there was one.
 * @throws {@link CliFailure} if there is one that cannot be reached.
 */
export async function endHolder(host: Host, paths: ProfilePaths, how: Ending): Promise<boolean> {
  const deadline = host.now() + (how === "now" ? NOW_PATIENCE_MS : LOCK_PATIENCE_MS);
  let found: Holder | undefined;
  while (!isFree(paths)) {
    if (found === undefined) {
      const remote = await connectRemote(paths.socket);
      found = remote?.holder;
      // It may go away while it is asked, which is what is wanted.
      await remote?.end(how).catch(() => undefined);
    }
    if (host.now() >= deadline) {
      if (found === undefined) throw noAnswer();
      await kill(host, paths, found);
      break;
    }
    await host.delay(PAUSE_MS);
  }
  return found !== undefined;
}

/** @throws {@link CliFailure} if even that does not free the profile. */
async function kill(host: Host, paths: ProfilePaths, { pid }: Holder): Promise<void> {
  host.endProcess(pid);
  const deadline = host.now() + KILL_PATIENCE_MS;
  while (!isFree(paths)) {
    if (host.now() >= deadline) throw refuse("The stonechat that has the profile open could not be ended.");
    await host.delay(PAUSE_MS);
  }
}

/**
 * Works on the vault as it lies there, without opening it.
 *
 * @param force - Even if another process has it and cannot be ended. Only for destroying it.
 * @returns undefined if another process has the profile.
 */
export async function withVaultDoor<Result>(
  host: Host,
  paths: ProfilePaths,
  force: boolean,
  use: (door: VaultDoor) => Promise<Result>,
): Promise<Result | undefined> {
  const lock = tryLock(paths.lock);
  if (lock === undefined && !force) return undefined;
  try {
    const folder = await host.openVaultFolder(paths.home, force);
    try {
      return await use(folder.door);
    } finally {
      folder.close();
    }
  } finally {
    lock?.release();
  }
}

function isFree(paths: ProfilePaths): boolean {
  const lock = tryLock(paths.lock);
  lock?.release();
  return lock !== undefined;
}
