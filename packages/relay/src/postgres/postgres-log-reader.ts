import type { Entry, EntryId } from "@stonechat/protocol";
import type { ReadLog, ReadOutcome } from "../logs/log-store.ts";
import { COMMIT } from "../logs/sqlite-logs.ts";
import { bytesOf, cut, joined, numberOf, numbers, type Row } from "./columns.ts";
import type { PostgresLink } from "./postgres-link.ts";

/**
 * Pages of several readers at once. Each has at least one row if its log and token exist: where it stands, and on each
 * row one entry. An entry that is one too many, or does not fit, comes without its body and says where to go on.
 *
 * `LIMIT` depends on the reader, which CockroachDB does not take.
 */
const READ = `
SELECT p.n, p.next_seq, p.number, p.first_seq, p.closing_seq, p.closing_expires_at,
  CASE WHEN p.closing_expires_at <= p.now AND p.start <= p.closing_seq THEN
    coalesce((SELECT min(seq) FROM entry WHERE log = p.pk AND expires_at > p.now), p.next_seq) END AS oldest,
  e.seq, e.kind, e.entry_id, e.expires_at, e.fits, b.body
FROM (
  SELECT i.*, l.pk, l.next_seq, o.number, o.first_seq, o.closing_seq, o.closing_expires_at
  FROM (
    SELECT n, ${cut("$1", 32)} AS id, ${cut("$2", 32)} AS read_hash, ($3::bigint[])[n] AS start,
      ($4::bigint[])[n] AS most, ($5::bigint[])[n] AS room, ($6::bigint[])[n] AS now
    FROM generate_series(1, $7::int) n
  ) i
  CROSS JOIN LATERAL (SELECT pk, next_seq FROM log WHERE id = i.id OFFSET 0) l
  CROSS JOIN LATERAL (
    SELECT number, first_seq, closing_seq, closing_expires_at FROM epoch
    WHERE log = l.pk AND read_hash = i.read_hash ORDER BY number DESC LIMIT 1
  ) o
) p
LEFT JOIN LATERAL (
  SELECT seq, kind, entry_id, expires_at,
    row_number() OVER w <= p.most AND (row_number() OVER w = 1 OR sum(size) OVER w <= p.room) AS fits
  FROM (
    SELECT seq, kind, entry_id, expires_at, size FROM entry
    WHERE log = p.pk AND seq >= greatest(p.start, p.first_seq) AND seq < coalesce(p.closing_seq + 1, p.next_seq)
      AND expires_at > p.now
    ORDER BY seq LIMIT CASE WHEN p.most = 0 THEN 0 ELSE p.most + 1 END
  ) page
  WINDOW w AS (ORDER BY seq ROWS UNBOUNDED PRECEDING)
) e ON true
LEFT JOIN LATERAL (
  SELECT body FROM body WHERE e.fits AND log = p.pk AND seq = e.seq AND expires_at = e.expires_at OFFSET 0
) b ON true`;

/** The reading half of the logs in PostgreSQL. */
export class PostgresLogReader {
  readonly #link: PostgresLink;

  constructor(link: PostgresLink) {
    this.#link = link;
  }

  /** Answers several readers with what was there at one moment. */
  async read(asked: readonly ReadLog[]): Promise<readonly ReadOutcome[]> {
    const rows = await this.#link.repeat(({ ask }) =>
      ask(READ, [
        joined(asked.map(({ logId }) => logId)),
        joined(asked.map(({ readHash }) => readHash)),
        numbers(asked.map(({ from }) => from)),
        numbers(asked.map(({ limit }) => limit)),
        numbers(asked.map(({ maxBytes }) => maxBytes)),
        numbers(asked.map(({ now }) => now)),
        asked.length,
      ]),
    );
    const byReader = asked.map((): Row[] => []);
    for (const row of rows) byReader[numberOf(row["n"]) - 1]?.push(row);
    return asked.map((what, i) => outcomeOf(what, byReader[i] ?? []));
  }
}

function outcomeOf({ from, limit }: ReadLog, rows: readonly Row[]): ReadOutcome {
  const [place] = rows;
  if (place === undefined) return { type: "unknown" };
  if (place["oldest"] !== null) return { type: "expired-before", seq: numberOf(place["oldest"]) };
  const closing = place["closing_seq"] === null ? undefined : numberOf(place["closing_seq"]);
  const end = closing === undefined ? numberOf(place["next_seq"]) : closing + 1;
  const start = Math.max(from, numberOf(place["first_seq"]));
  const found = rows.filter((row) => row["seq"] !== null).toSorted((a, b) => numberOf(a["seq"]) - numberOf(b["seq"]));
  const rest = found.find((row) => row["fits"] !== true);
  const next = limit === 0 || start >= end ? start : rest === undefined ? end : numberOf(rest["seq"]);
  return {
    type: "page",
    // Without a body: its day was dropped by a relay whose clock is ahead. It has expired.
    entries: found.filter((row) => row["fits"] === true && row["body"] !== null).map(entryOf),
    next,
    end,
    epoch: numberOf(place["number"]),
    endOfEpoch: closing !== undefined && next >= end,
  };
}

function entryOf(row: Row): Entry {
  return {
    seq: numberOf(row["seq"]),
    kind: row["kind"] === COMMIT ? "commit" : "message",
    entryId: bytesOf(row["entry_id"]) as EntryId, // only the codec's 16 bytes are ever stored
    expiresAt: numberOf(row["expires_at"]),
    body: bytesOf(row["body"]),
  };
}
