import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Entry, EntryId } from "@stonechat/protocol";
import type { ReadLog, ReadOutcome } from "./log-store.ts";
import { COMMIT } from "./sqlite-logs.ts";

/** The reading half of the logs in SQLite. Runs outside transactions, so that it sees only what is durable. */
export class SqliteLogReader {
  readonly #selectEpoch: StatementSync;
  readonly #selectEntries: StatementSync;
  readonly #selectOldest: StatementSync;

  constructor(db: DatabaseSync) {
    this.#selectEpoch = db.prepare(
      "SELECT pk, next_seq, number, first_seq, closing_seq, closing_expires_at FROM log " +
        "JOIN epoch ON epoch.log = log.pk AND read_hash = ? WHERE id = ? ORDER BY number DESC LIMIT 1",
    );
    this.#selectEntries = db.prepare(
      "SELECT seq, kind, entry_id, expires_at, body FROM entry " +
        "WHERE log = ? AND seq >= ? AND seq < ? AND expires_at > ? ORDER BY seq",
    );
    this.#selectOldest = db.prepare("SELECT seq FROM entry WHERE log = ? AND expires_at > ? ORDER BY seq LIMIT 1");
  }

  read(what: ReadLog): ReadOutcome {
    const epoch = this.#selectEpoch.get(what.readHash, what.logId);
    if (epoch === undefined) return { type: "unknown" };
    const log = Number(epoch["pk"]);
    const closing = epoch["closing_seq"] === null ? undefined : Number(epoch["closing_seq"]);
    const end = closing === undefined ? Number(epoch["next_seq"]) : closing + 1;
    if (closing !== undefined && what.from < end && Number(epoch["closing_expires_at"]) <= what.now) {
      const oldest = this.#selectOldest.get(log, what.now)?.["seq"] ?? epoch["next_seq"];
      return { type: "expired-before", seq: Number(oldest) };
    }
    const from = Math.max(what.from, Number(epoch["first_seq"]));
    const { entries, next } = this.#page(log, from, end, what);
    return {
      type: "page",
      entries,
      next,
      end,
      epoch: Number(epoch["number"]),
      endOfEpoch: closing !== undefined && next >= end,
    };
  }

  #page(log: number, from: number, end: number, { limit, maxBytes, now }: ReadLog): { entries: Entry[]; next: number } {
    const entries: Entry[] = [];
    if (limit === 0 || from >= end) return { entries, next: from };
    let bytes = 0;
    for (const row of this.#selectEntries.iterate(log, from, end, now)) {
      const body = row["body"] as Uint8Array; // BLOB NOT NULL
      const seq = Number(row["seq"]);
      if (entries.length === limit || (entries.length > 0 && bytes + body.length > maxBytes))
        return { entries, next: seq };
      bytes += body.length;
      entries.push({
        seq,
        kind: row["kind"] === COMMIT ? "commit" : "message",
        entryId: row["entry_id"] as EntryId, // only the codec's 16 bytes are ever stored
        expiresAt: Number(row["expires_at"]),
        body,
      });
    }
    return { entries, next: end };
  }
}
