import { constants } from "node:fs";
import { lstat, mkdir, open, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { refuse } from "../failure.ts";
import { numberedName, safeName } from "./safe-name.ts";

const MAX_TRIES = 10_000;

/** A file that did not exist before and that nobody else can have put there. The caller writes and closes it. */
export interface NewFile {
  readonly path: string;
  readonly handle: FileHandle;
}

/**
 * Creates a file for an attachment in `folder`, under a safe form of its name, with a number if the name is taken.
 *
 * The file is created exclusively and readable by this user only; neither it nor the folder is reached through a
 * symbolic link. It is never opened by a program, and has no right to be executed.
 *
 * @throws {@link CliFailure} if the folder is a link or no folder.
 */
export async function createDownload(folder: string, name: string): Promise<NewFile> {
  await prepareFolder(folder);
  const safe = safeName(name);
  for (let number = 1; number <= MAX_TRIES; number += 1) {
    const path = join(folder, number === 1 ? safe : numberedName(safe, number));
    const handle = await createExclusively(path);
    if (handle !== undefined) return { path, handle };
  }
  throw refuse("The download folder holds too many files of that name.");
}

/** Removes a download that did not complete, so that half a file is never taken for a whole one. */
export async function discardDownload(file: NewFile): Promise<void> {
  await file.handle.close();
  await rm(file.path, { force: true });
}

async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  if (!found.isDirectory()) throw refuse("The download folder is a link or a file. Remove it, and try again.");
}

async function createExclusively(path: string): Promise<FileHandle | undefined> {
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;
  try {
    return await open(path, flags, 0o600);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return undefined;
    throw error;
  }
}
