import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/** The disk alone: writes of `bytes`, each synced before the next, a second, in a file in `folder`. */
export function rawSyncRate(folder: string, bytes: number, seconds: number): number {
  const path = join(folder, "raw");
  const file = openSync(path, "w");
  const body = new Uint8Array(bytes).fill(0x5a);
  const startedAt = performance.now();
  let count = 0;
  while (performance.now() - startedAt < seconds * 1000) {
    writeSync(file, body);
    fdatasyncSync(file);
    count += 1;
  }
  const rate = count / ((performance.now() - startedAt) / 1000);
  closeSync(file);
  rmSync(path);
  return rate;
}
