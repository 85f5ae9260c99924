import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Histogram } from "../load/histogram.ts";

/** The disk alone: how long a write of `bytes` and its sync take, one after the other, to a file in `folder`. */
export function rawSyncs(folder: string, bytes: number, seconds: number): Histogram {
  const path = join(folder, "raw");
  const file = openSync(path, "w");
  const body = new Uint8Array(bytes).fill(0x5a);
  const times = new Histogram();
  const end = performance.now() + seconds * 1000;
  for (let startedAt = performance.now(); startedAt < end; startedAt = performance.now()) {
    writeSync(file, body);
    fdatasyncSync(file);
    times.add(performance.now() - startedAt);
  }
  closeSync(file);
  rmSync(path);
  return times;
}
