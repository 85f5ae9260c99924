import { ERASED, recordBytes } from "./segment-format.ts";
import type { SegmentFile } from "./segment-files.ts";
import type { DeadEntry } from "./segment-list.ts";

/** Writes under way at once. */
const AT_ONCE = 32;

/**
 * Overwrites the bodies of dead entries with zeros, durably. Their headers stay, so that the segment can still be read.
 * One write each marks the record as erased and clears it: a record that was met half-way belongs to an entry that is in
 * no log any more.
 */
export async function eraseBodies(file: SegmentFile, dead: readonly DeadEntry[]): Promise<void> {
  for (let from = 0; from < dead.length; from += AT_ONCE) {
    await Promise.all(
      dead.slice(from, from + AT_ONCE).map(({ at, length, commit }) => {
        const bytes = new Uint8Array(length + 1);
        bytes[0] = ERASED;
        return file.write(bytes, at + recordBytes(0, commit) - 1);
      }),
    );
  }
  await file.sync();
}
