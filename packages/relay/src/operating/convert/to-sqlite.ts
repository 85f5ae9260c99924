import { DatabaseSync } from "node:sqlite";
import { SCHEMA_VERSION } from "../../store/schema.ts";
import { requireSame, type Counts } from "./kept-log.ts";
import { SegmentReader } from "./segments-side.ts";
import { settledState } from "../../segments/log-table.ts";
import { copyWithoutLogs, countRows, RowWriter } from "./sqlite-side.ts";
import type { SegmentPlace } from "./to-segments.ts";

/** Rows a transaction. */
const ROWS = 10_000;

/**
 * Makes a database at `to` with everything of the one at `from`, and with all logs of the segments.
 *
 * @throws DamagedSegmentError; RefusedError unless all of it arrived but what is damaged.
 */
export async function moveToSqlite(
  from: string,
  to: string,
  { files, state, random }: SegmentPlace,
  steps: (step: string) => void,
): Promise<Counts & { readonly damaged: number }> {
  copyWithoutLogs(from, to, SCHEMA_VERSION);
  steps("copied");
  const reader = await SegmentReader.open(files, state, random);
  await state.close();
  const db = new DatabaseSync(to, { timeout: 2000 });
  try {
    // What is half written by a crash is thrown away by the next run, so only the end is synced.
    db.exec("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; BEGIN");
    const writer = new RowWriter(db);
    const pks = new Map<number, number>();
    for (const log of reader.logs()) pks.set(log.number, writer.addLog(settledState(log)));
    let rows = 0;
    await reader.entries((log, entry) => {
      const pk = pks.get(log.number);
      if (pk === undefined) return;
      writer.addEntry({ ...entry, log: pk }, log.epochOf(entry.seq));
      rows += 1;
      if (rows % ROWS === 0) db.exec("COMMIT; BEGIN");
      steps("entry");
    });
    writer.finish();
    db.exec("COMMIT; PRAGMA journal_mode=DELETE");
    steps("written");
    const moved = countRows(db);
    if (reader.damaged === 0) requireSame(reader.counts(), moved);
    steps("counted");
    return { ...moved, damaged: reader.damaged };
  } finally {
    db.close();
  }
}
