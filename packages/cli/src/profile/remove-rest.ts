import { rm, rmdir } from "node:fs/promises";
import type { ProfilePaths } from "./profile-folder.ts";

/**
 * Removes what lies beside a vault that is gone: files in the open, what older versions left, files without content, and
 * the folder if nothing else is in it.
 */
export async function removeRest(paths: ProfilePaths): Promise<void> {
  for (const path of [paths.downloads, paths.unencrypted, paths.socket, paths.filesLock, paths.lock])
    await rm(path, { recursive: true, force: true });
  try {
    await rmdir(paths.home);
  } catch (error) {
    // Something of somebody else's lies there too, or the folder is a mount: it stays.
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}
