import { entryCost, type ExpireOutcome } from "../logs/log-store.ts";
import type { BodyPartitions } from "./body-partitions.ts";
import { numberOf } from "./columns.ts";
import { DATABASE_NOW } from "./log-statements.ts";
import type { PostgresLink } from "./postgres-link.ts";
import type { Ask } from "./postgres-session.ts";

/** How long other relays can find out what changed. */
export const CHANGES_KEPT_MS = 10 * 60 * 1000;

/**
 * Several relays may erase at once: each takes rows that nobody else has in hand. Logs are locked in order, as appends do.
 * The bytes of what lived long go with their day, see body-partitions.ts.
 */
const ENTRIES = `
WITH gone AS (
  DELETE FROM entry WHERE (log, seq) IN (
    SELECT log, seq FROM entry WHERE expires_at <= $1::bigint ORDER BY expires_at LIMIT $2::int FOR UPDATE SKIP LOCKED
  ) RETURNING log, seq, expires_at, size, fine
), bodies AS (
  DELETE FROM body USING gone
  WHERE gone.fine AND body.log = gone.log AND body.seq = gone.seq AND body.expires_at = gone.expires_at
), less AS MATERIALIZED (
  SELECT log, count(*) AS entries, sum(size + ${String(entryCost({ length: 0 }))}) AS bytes FROM gone GROUP BY log ORDER BY log
), held AS MATERIALIZED (
  SELECT less.* FROM less CROSS JOIN LATERAL (SELECT pk FROM log WHERE pk = less.log FOR UPDATE) l
), released AS (
  UPDATE log SET bytes = log.bytes - held.bytes, entries = log.entries - held.entries FROM held WHERE log.pk = held.log
)
SELECT count(*) AS expired FROM gone`;

const DOOMED = `
WITH gone AS (
  DELETE FROM entry WHERE (log, seq) IN (
    SELECT entry.log, entry.seq FROM entry WHERE entry.log = $1::bigint LIMIT $2::int FOR UPDATE SKIP LOCKED
  ) RETURNING log, seq, expires_at
), bodies AS (
  DELETE FROM body USING gone WHERE body.log = gone.log AND body.seq = gone.seq AND body.expires_at = gone.expires_at
)
SELECT count(*) AS expired FROM gone`;

const EPOCHS = `
WITH gone AS (
  DELETE FROM epoch WHERE (log, number) IN (
    SELECT log, number FROM epoch WHERE closed_until <= $1::bigint LIMIT $2::int FOR UPDATE SKIP LOCKED
  ) RETURNING log
)
SELECT count(*) AS expired FROM gone`;

/** Erases expired entries, the rest of destroyed logs, and epochs long over, in slices. */
export class PostgresExpiry {
  readonly #link: PostgresLink;
  readonly #partitions: BodyPartitions;

  constructor(link: PostgresLink, partitions: BodyPartitions) {
    this.#link = link;
    this.#partitions = partitions;
  }

  async expire(now: number, maxEntries: number): Promise<ExpireOutcome> {
    const outcome = await this.#link.repeat(async ({ ask }) => {
      let expired = await count(ask, ENTRIES, [now, maxEntries]);
      if (expired < maxEntries) expired += await eraseDoomed(ask, maxEntries - expired);
      const epochs = await count(ask, EPOCHS, [now, maxEntries]);
      return { expired, more: expired >= maxEntries || epochs >= maxEntries };
    });
    if (!outcome.more) await this.#tidy(now);
    return outcome;
  }

  async #tidy(now: number): Promise<void> {
    await this.#link.repeat(({ ask }) =>
      ask(`DELETE FROM change WHERE at < ${DATABASE_NOW} - $1::bigint`, [CHANGES_KEPT_MS]),
    );
    await this.#partitions.dropOver(now);
  }
}

async function eraseDoomed(ask: Ask, maxEntries: number): Promise<number> {
  let erased = 0;
  while (erased < maxEntries) {
    const [row] = await ask("SELECT log FROM doomed ORDER BY log LIMIT 1");
    if (row === undefined) break;
    const log = numberOf(row["log"]);
    const entries = await count(ask, DOOMED, [log, maxEntries - erased]);
    if (entries === 0) {
      await ask("DELETE FROM epoch WHERE log = $1::bigint", [log]);
      await ask("DELETE FROM doomed WHERE log = $1::bigint", [log]);
    }
    erased += Math.max(1, entries);
  }
  return erased;
}

async function count(ask: Ask, text: string, parameters: readonly number[]): Promise<number> {
  const [row] = await ask(text, parameters);
  return numberOf(row?.["expired"]);
}
