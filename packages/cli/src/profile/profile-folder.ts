import { lstat, mkdir } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { LOCK_NAME } from "../platform/node-block-files.ts";
import { refuse } from "../failure.ts";
import type { Host } from "../host.ts";

/** Where things lie in a profile folder. */
export interface ProfilePaths {
  readonly home: string;
  /** Held, by a lock of the system, by the one process that has the core open. */
  readonly lock: string;
  /** Held by the same process, on the vault's files. */
  readonly filesLock: string;
  /** Where that process answers the others. */
  readonly socket: string;
  /** Where files go of a profile that nothing protects anyway. */
  readonly downloads: string;
  /** Where profiles lay before there was a vault. Never opened; only known, to say so and to destroy it. */
  readonly unencrypted: string;
}

/** The profile folder: `--home`, else `STONECHAT_HOME`, else `~/.stonechat`. Always absolute. */
export function profilePaths(host: Host, home: string | undefined): ProfilePaths {
  const fromEnv = host.env["STONECHAT_HOME"];
  const chosen = home ?? (fromEnv === undefined || fromEnv === "" ? join(host.userHome, ".stonechat") : fromEnv);
  if (chosen === "") throw refuse("--home needs a folder.");
  const absolute = isAbsolute(chosen) ? resolve(chosen) : resolve(host.cwd, chosen);
  return {
    home: absolute,
    lock: join(absolute, "profile.lock"),
    filesLock: join(absolute, LOCK_NAME),
    socket: join(absolute, "profile.sock"),
    downloads: join(absolute, "downloads"),
    unencrypted: join(absolute, "store"),
  };
}

/**
 * Makes sure that the folder is there and that no other user can look into it.
 *
 * @throws {@link CliFailure} if it is no folder, belongs to somebody else, or other users may enter it.
 */
export async function prepareProfileFolder(home: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const problem = await folderProblem(home);
  if (problem !== undefined) throw refuse(problem);
}

/** Why a profile must not be kept in that folder, as a sentence; undefined if it may. */
export async function folderProblem(home: string): Promise<string | undefined> {
  const found = await lstat(home);
  if (found.isSymbolicLink()) return "The profile folder is a symbolic link. Give the folder itself with --home DIR.";
  if (!found.isDirectory()) return "The profile folder is a file. Choose another with --home DIR.";
  if (process.getuid === undefined) return undefined;
  if (found.uid !== process.getuid())
    return "The profile folder belongs to another user. Choose another with --home DIR.";
  if ((found.mode & 0o077) !== 0)
    return "Other users of this machine can look into the profile folder. Close it with: chmod 700 FOLDER";
  return undefined;
}

/** Whether there is anything at `path`; what kind of thing is not looked at. */
export async function folderIsThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
