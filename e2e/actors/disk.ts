import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Header copies and the first chunks of four slots: no other file of a profile is so large. */
const SMALLEST_CONTAINER = 64 * 1024 * 1024;

/** Every plain file below a folder, as a path within it. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Copies a folder as a thief does, whoever writes in it meanwhile; files that vanish are left out. */
export function takeImage(from: string, to: string): void {
  for (const path of filesBelow(from)) {
    mkdirSync(join(to, path, ".."), { recursive: true });
    try {
      copyFileSync(join(from, path), join(to, path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
}

/** The path of the container in a browser's profile or a terminal's home: in a browser its name is the browser's affair. */
export function containerPathIn(folder: string): string {
  const [path, ...more] = filesBelow(folder).filter((each) => statSync(join(folder, each)).size >= SMALLEST_CONTAINER);
  if (path === undefined || more.length > 0) throw new RangeError("there should be one container");
  return path;
}

/** The bytes of that container. */
export function containerIn(folder: string): Buffer {
  return readFileSync(join(folder, containerPathIn(folder)));
}
