import { toHex, type Run } from "@stonechat/protocol";
import { notePoolStale } from "../contacts/own-pool.ts";
import type { PutBackView } from "../client-api.ts";
import { write, type CoreContext, type Writing } from "../context.ts";
import type { SqlRow } from "../vault/sql-value.ts";

type Row = SqlRow & {
  readonly relay_url: string;
  readonly number: number;
  readonly run_id: Uint8Array;
  readonly at: number;
  readonly put_back_at: number | undefined;
  readonly put_back_to: number | undefined;
  readonly acknowledged: number;
};

/**
 * Takes in what a relay tells of its runs, and keeps the newest.
 *
 * [Note: A relay that was put back] If the relay stands on an older copy of its store than we knew (PROTOCOL.md,
 * "Lineage"), the person is told, and every conversation there is compared with its log before anything else is read or
 * sent in it: what we have and the relay has not is put there again, under the ids it had; and the log is read again from
 * the first entry that we can still recognise. So nothing is believed because of where it lies, and nothing shows twice.
 *
 * @param runs - Oldest first, with growing numbers. None says nothing.
 * @returns Whether the relay was put back.
 */
export async function heedRuns(core: CoreContext, relayUrl: string, runs: readonly Run[]): Promise<boolean> {
  const newest = runs.at(-1);
  if (newest === undefined) return false;
  return write(core, (tx, afterwards) => {
    const known = tx.get<Row>("SELECT * FROM relay_runs WHERE relay_url = ?", relayUrl);
    const putBack = known !== undefined && isPutBack(known, runs, newest);
    if (known?.number !== newest.number || known.at !== newest.at || putBack)
      tx.run(
        `INSERT INTO relay_runs (relay_url, number, run_id, at) VALUES (?, ?, ?, ?)
         ON CONFLICT (relay_url) DO UPDATE SET number = excluded.number, run_id = excluded.run_id, at = excluded.at`,
        ...[relayUrl, newest.number, newest.id, newest.at],
      );
    if (putBack) notePutBack({ core, tx, afterwards }, relayUrl, stateOf(known, runs));
    return putBack;
  });
}

function isPutBack(known: Row, runs: readonly Run[], newest: Run): boolean {
  if (newest.number < known.number) return true;
  const same = runs.find(({ number }) => number === known.number);
  return same !== undefined && (toHex(same.id) !== toHex(known.run_id) || same.at < known.at);
}

/** When what the relay now has was last changed: the newest time that it tells and that is not after the one we knew. */
function stateOf(known: Row, runs: readonly Run[]): number | undefined {
  return runs.findLast(({ number, at }) => number <= known.number && at <= known.at)?.at;
}

/**
 * Writes down that a relay was put back, and tells it, once for each time.
 *
 * @param to - About when the state was made that it was put back to, by the relay's clock; undefined if nothing says.
 */
export function notePutBack({ core, tx, afterwards }: Writing, relayUrl: string, to: number | undefined): void {
  const now = core.clock.now();
  tx.run(
    "UPDATE conversations SET compare_since = ? WHERE relay_url = ? AND state = 'active' AND log_made = 1",
    now,
    relayUrl,
  );
  tx.run(
    `INSERT INTO relay_runs (relay_url, number, run_id, at, put_back_at, put_back_to, acknowledged) VALUES (?, 0, x'', 0, ?, ?, 0)
     ON CONFLICT (relay_url) DO UPDATE SET put_back_at = excluded.put_back_at, put_back_to = excluded.put_back_to, acknowledged = 0`,
    relayUrl,
    now,
    to,
  );
  if (core.account().relayUrl === relayUrl) notePoolStale(tx);
  afterwards.run(() => {
    core.compareConversations(relayUrl, now);
    core.wakeContacts();
  });
  afterwards.emit({ type: "alarm", alarm: "relay-put-back", relayUrl });
}

/** Each relay that was put back, the last time only; the newest first. */
export async function listPutBacks(core: CoreContext): Promise<readonly PutBackView[]> {
  const rows = await core.db.transaction((tx) =>
    tx.all<Row>("SELECT * FROM relay_runs WHERE put_back_at IS NOT NULL ORDER BY put_back_at DESC"),
  );
  return rows.map((row) => ({
    relayUrl: row.relay_url,
    noticedAt: row.put_back_at ?? 0,
    ...(row.put_back_to === undefined ? {} : { stateOf: row.put_back_to }),
    acknowledged: row.acknowledged === 1,
  }));
}

/** The person has read it. */
export function acknowledgePutBack(core: CoreContext, relayUrl: string): Promise<void> {
  return write(core, (tx, afterwards) => {
    tx.run("UPDATE relay_runs SET acknowledged = 1 WHERE relay_url = ?", relayUrl);
    afterwards.emit({ type: "settings-changed" });
  });
}
