import { DatabaseSync } from "node:sqlite";
import type { Random } from "@stonechat/crypto/issuer";
import type { SegmentFiles } from "../../segments/segment-files.ts";
import type { LogState } from "../../segments/segment-log.ts";
import type { SegmentState } from "../../segments/segment-state.ts";
import { SEGMENTS_VERSION } from "../../store/schema.ts";
import { requireSame, type Counts } from "./kept-log.ts";
import { SegmentReader, SegmentWriter } from "./segments-side.ts";
import { copyWithoutLogs, countRows, readEntries, readLogs, type StoredLog } from "./sqlite-side.ts";

/** Where segments lie. */
export interface SegmentPlace {
  readonly files: SegmentFiles;
  readonly state: SegmentState;
  readonly random: Random;
}

/** Hashes for a commit whose next epoch nobody knows any more. */
const NO_HASHES = [new Uint8Array(32), new Uint8Array(32)] as const;

/**
 * Writes all logs of the database at `from` into segments, counts them there, and makes a database at `to` with
 * everything else. The caller puts it in the place of the other.
 *
 * @throws RefusedError unless all of it arrived.
 */
export async function moveToSegments(
  from: string,
  to: string,
  { files, state, random }: SegmentPlace,
  steps: (step: string) => void,
): Promise<Counts> {
  const db = new DatabaseSync(from, { timeout: 2000 });
  try {
    const wanted = countRows(db);
    const logs = new Map([...readLogs(db)].map((log, i) => [log.pk, { log, number: i + 1 }]));
    const writer = new SegmentWriter(files, random);
    for (const { log: pk, commit, ...entry } of readEntries(db)) {
      const found = logs.get(pk);
      if (found === undefined) continue;
      const nextHashes = commit ? hashesAfter(found.log, entry.seq) : undefined;
      await writer.add({ ...entry, log: found.number, nextHashes });
      steps("entry");
    }
    await writer.finish(state, statesOf(logs.values()), logs.size + 1);
    steps("written");
    const reader = await SegmentReader.open(files, state, random);
    requireSame(wanted, reader.counts());
    steps("counted");
    copyWithoutLogs(from, to, SEGMENTS_VERSION);
    steps("copied");
    return wanted;
  } finally {
    await state.close();
    db.close();
  }
}

function* statesOf(logs: Iterable<{ readonly log: StoredLog; readonly number: number }>): Generator<LogState> {
  for (const { log, number } of logs) {
    const { logId, ownerHash, firstEpoch, epochs, nextSeq } = log;
    yield { number, logId, ownerHash, firstEpoch, epochs, nextSeq };
  }
}

function hashesAfter({ epochs }: StoredLog, seq: number): readonly [Uint8Array, Uint8Array] {
  const next = epochs.find(({ firstSeq }) => firstSeq === seq + 1);
  return next === undefined ? NO_HASHES : [next.hashes.subarray(0, 32), next.hashes.subarray(32)];
}
