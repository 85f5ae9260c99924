import { closeSync, fdatasync, openSync, rmSync, write } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const HEADER_BYTES = 64;
const [writeTo, syncTo] = [promisify(write), promisify(fdatasync)];

/**
 * The least that any store must do: everything that arrives during one sync is written and synced together, in one file.
 * `underWay` appends of `bytes` and a header are always waiting. @returns appends a second.
 */
export async function groupCommitRate(
  folder: string,
  bytes: number,
  underWay: number,
  seconds: number,
): Promise<number> {
  const path = join(folder, "group-commit");
  const file = openSync(path, "w");
  const record = Buffer.alloc(bytes + HEADER_BYTES, 0x5a);
  const batch = Buffer.alloc(record.length * underWay);
  const startedAt = performance.now();
  let [count, at] = [0, 0];
  while (performance.now() - startedAt < seconds * 1000) {
    for (let i = 0; i < underWay; i += 1) record.copy(batch, i * record.length);
    await writeTo(file, batch, 0, batch.length, at);
    await syncTo(file);
    at += batch.length;
    count += underWay;
  }
  const rate = count / ((performance.now() - startedAt) / 1000);
  closeSync(file);
  rmSync(path);
  return rate;
}
