import { cut } from "./columns.ts";

/** Milliseconds since 1970 by the database's clock: the one that all relays share. */
export const DATABASE_NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/**
 * Where each addition's log, token and entry stand, all seen at one moment. Rows only for logs that exist.
 *
 * `OFFSET 0` keeps the planner from turning the join around: it must go from the few rows of the batch to the index of a
 * table that it may believe to be small.
 */
export const LOOK = `
SELECT i.n, l.pk, l.epoch, l.next_seq, l.bytes, l.append_hash, e.seq AS stored_seq, e.epoch AS stored_epoch,
  CASE WHEN l.append_hash = i.append_hash THEN NULL ELSE
    (SELECT max(number) FROM epoch WHERE log = l.pk AND append_hash = i.append_hash) END AS token_epoch
FROM (
  SELECT n, ${cut("$1", 32)} AS id, ${cut("$2", 32)} AS append_hash, ${cut("$3", 16)} AS entry_id
  FROM generate_series(1, $4::int) n
) i
CROSS JOIN LATERAL (SELECT pk, epoch, next_seq, bytes, append_hash FROM log WHERE id = i.id OFFSET 0) l
LEFT JOIN LATERAL (SELECT seq, epoch FROM entry WHERE log = l.pk AND entry_id = i.entry_id OFFSET 0) e ON true`;

/**
 * Moves logs and stores their entries: a compare-and-swap on epoch and position in one statement, so that no lock
 * outlives it and a lost connection leaves nothing half done. Logs that moved meanwhile are left alone.
 *
 * `held` locks the rows in the order in which they are given (by `pk`), so that two batches never wait for each other.
 */
export const WRITE = `
WITH held AS MATERIALIZED (
  SELECT w.*, l.id FROM (
    SELECT k, ($1::bigint[])[k] AS pk, ($2::bigint[])[k] AS old_epoch, ($3::bigint[])[k] AS old_next,
      ($4::bigint[])[k] AS new_epoch, ($5::bigint[])[k] AS new_next, ($6::bigint[])[k] AS added,
      ${cut("$7", 32, "k")} AS append_hash, ($8::bigint[])[k] AS first
    FROM generate_series(1, $9::int) k
  ) w
  CROSS JOIN LATERAL (
    SELECT id FROM log WHERE pk = w.pk AND epoch = w.old_epoch AND next_seq = w.old_next FOR UPDATE
  ) l
), moved AS (
  UPDATE log SET epoch = held.new_epoch, next_seq = held.new_next, append_hash = held.append_hash,
    bytes = log.bytes + held.added, entries = log.entries + held.new_next - held.old_next
  FROM held WHERE log.pk = held.pk AND log.pk = ANY($1::bigint[])
), fresh AS MATERIALIZED (
  SELECT held.pk, held.old_next + n - held.first AS seq, n, ($14::bigint[])[n] AS expires_at, ($15::int[])[n] AS size
  FROM held CROSS JOIN LATERAL generate_series(held.first, held.first + held.new_next - held.old_next - 1) n
), entries AS (
  INSERT INTO entry (log, seq, epoch, kind, fine, entry_id, expires_at, size)
  SELECT pk, seq, ($10::bigint[])[n], ($11::smallint[])[n], ($12::boolean[])[n], ${cut("$13", 16)}, expires_at, size
  FROM fresh
), bodies AS (
  INSERT INTO body (log, seq, expires_at, body)
  SELECT pk, seq, expires_at, substr($17::bytea, ($16::int[])[n], size) FROM fresh
), closed AS (
  UPDATE epoch SET closing_seq = c.seq, closing_expires_at = c.expires_at, closed_until = c.until
  FROM (
    SELECT held.pk, held.old_epoch, c.seq, c.expires_at, c.until
    FROM unnest($18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[]) AS c (pk, seq, expires_at, until)
    JOIN held ON held.pk = c.pk
  ) c
  WHERE epoch.log = c.pk AND epoch.number = c.old_epoch AND epoch.log = ANY($18::bigint[])
), opened AS (
  INSERT INTO epoch (log, number, read_hash, append_hash, first_seq, closing_seq, closing_expires_at, closed_until)
  SELECT o.pk, o.number, ${cut("$28", 32, "o.n")}, ${cut("$29", 32, "o.n")}, o.first_seq, o.seq, o.expires_at, o.until
  FROM unnest($22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[], $26::bigint[], $27::bigint[])
    WITH ORDINALITY AS o (pk, number, first_seq, seq, expires_at, until, n)
  JOIN held ON held.pk = o.pk
), told AS (
  INSERT INTO change (at, ids, nexts)
  SELECT ${DATABASE_NOW}, string_agg(id, ''::bytea ORDER BY k), array_agg(new_next ORDER BY k) FROM held HAVING count(*) > 0
)
SELECT pk FROM held`;

/** Makes logs. Rows come only for those that did not exist. The ids are given in order, so that nobody waits in a circle. */
export const CREATE = `
WITH i AS MATERIALIZED (
  SELECT n, ${cut("$1", 32)} AS id, ${cut("$2", 32)} AS read_hash, ${cut("$3", 32)} AS append_hash,
    CASE WHEN ($4::boolean[])[n] THEN ${cut("$5", 32)} END AS owner_hash
  FROM generate_series(1, $6::int) n
), made AS (
  INSERT INTO log (id, owner_hash, append_hash, epoch, next_seq, bytes, entries)
  SELECT id, owner_hash, append_hash, 0, 0, 0, 0 FROM i ORDER BY n
  ON CONFLICT (id) DO NOTHING RETURNING pk, id
), epochs AS (
  INSERT INTO epoch (log, number, read_hash, append_hash, first_seq)
  SELECT made.pk, 0, i.read_hash, i.append_hash, 0 FROM made JOIN i ON i.id = made.id
)
SELECT id FROM made`;

/** Of logs that exist: those that were made with exactly these hashes, as far as can still be told. */
export const MADE_SO = `
SELECT i.n FROM (
  SELECT n, ${cut("$1", 32)} AS id, ${cut("$2", 32)} AS read_hash, ${cut("$3", 32)} AS append_hash
  FROM generate_series(1, $4::int) n
) i
CROSS JOIN LATERAL (SELECT pk FROM log WHERE id = i.id OFFSET 0) l
JOIN epoch ON epoch.log = l.pk AND epoch.number = 0
  AND epoch.read_hash = i.read_hash AND epoch.append_hash = i.append_hash`;

export const OWNER = "SELECT pk, owner_hash FROM log WHERE id = $1::bytea";

/** Its epochs and entries are erased later, in slices. */
export const DESTROY = `
WITH gone AS (DELETE FROM log WHERE pk = $1::bigint RETURNING pk, id),
doomed AS (INSERT INTO doomed (log) SELECT pk FROM gone),
told AS (INSERT INTO change (at, ids, nexts) SELECT ${DATABASE_NOW}, id, ARRAY[-1]::bigint[] FROM gone)
SELECT pk FROM gone`;

export const STATS = `
SELECT count(*) AS logs, coalesce(sum(entries), 0)::bigint AS entries, coalesce(sum(bytes), 0)::bigint AS bytes FROM log`;
