import type { Fingerprints } from "./fingerprint.ts";
import type { SegmentFile, SegmentFiles } from "./segment-files.ts";
import { entryIdAt } from "./segment-format.ts";
import { decodeIndex, SegmentIndex, type IndexedSegment } from "./segment-index.ts";
import { indexName } from "./segment-names.ts";
import { scanSegment } from "./segment-scan.ts";

/** Reads the index of a segment from its file. @returns undefined if there is none, or none of this very file. */
export async function readIndex(files: SegmentFiles, segment: IndexedSegment): Promise<SegmentIndex | undefined> {
  let file: SegmentFile;
  try {
    file = await files.open(indexName(segment.number));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const bytes = new Uint8Array(await file.size());
    const count = await file.read(bytes, 0);
    return count === bytes.length ? decodeIndex(segment, bytes) : undefined;
  } finally {
    await file.close();
  }
}

/** Makes the index of a sealed segment from its records. @throws DamagedSegmentError */
export async function rebuildIndex(
  file: SegmentFile,
  { number, salt, end }: IndexedSegment,
  fingerprints: Fingerprints,
): Promise<SegmentIndex> {
  const bytes = new Uint8Array(end);
  const count = await file.read(bytes, 0);
  const index = new SegmentIndex();
  scanSegment(
    { number, salt, bytes: bytes.subarray(0, count), mayBeTorn: false, durableEnd: end },
    {
      entry: ({ log, state, seq, at, length, commit, expiresAt }) => {
        const fingerprint = fingerprints.of(entryIdAt(bytes, at));
        index.add({ seq, segment: number, at, length, commit, expiresAt, fingerprint }, log, state !== "living");
      },
      state: () => undefined,
    },
  );
  return index;
}
