import type { Run, RunId } from "@stonechat/protocol";
import { KEPT_RUNS, type Lineage } from "../lineage/lineage.ts";
import { bytesOf, numberOf, type Row } from "./columns.ts";
import type { PostgresLink } from "./postgres-link.ts";
import type { Ask } from "./postgres-session.ts";

const ADD = `
WITH forgotten AS (DELETE FROM lineage WHERE number <= $4::bigint)
INSERT INTO lineage (number, id, at) VALUES ($1::bigint, $2::bytea, $3::bigint)`;
const NEWEST = "SELECT number, id, at FROM lineage ORDER BY number DESC LIMIT $1::int";

/** The lineage in PostgreSQL. One for all relays over the database: each adds its runs to the same line. */
export class PostgresLineage implements Lineage {
  readonly #link: PostgresLink;

  constructor(link: PostgresLink) {
    this.#link = link;
  }

  /** A run whose adding got no answer is found by its id. Two relays at once meet at the number; the later tries again. */
  begin(id: RunId, at: number): Promise<Run> {
    let tries = 0;
    return this.#link.repeat(async ({ ask }) => {
      tries += 1;
      const [before] = tries === 1 ? [] : await ask("SELECT number, id, at FROM lineage WHERE id = $1::bytea", [id]);
      if (before !== undefined) return toRun(before);
      const [last] = await newest(ask, 1);
      const run: Run = { number: (last?.number ?? 0) + 1, id, at };
      await ask(ADD, [run.number, run.id, run.at, run.number - KEPT_RUNS]);
      return run;
    });
  }

  async mark(now: number): Promise<void> {
    await this.#link.repeat(async ({ ask }) => {
      const [run] = await newest(ask, 1);
      if (run === undefined) return;
      await ask("UPDATE lineage SET at = greatest(at + 1, $1::bigint) WHERE number = $2::bigint", [now, run.number]);
    });
  }

  runs(limit: number): Promise<readonly Run[]> {
    return this.#link.repeat(async ({ ask }) => (await newest(ask, limit)).toReversed());
  }
}

async function newest(ask: Ask, limit: number): Promise<readonly Run[]> {
  return (await ask(NEWEST, [limit])).map(toRun);
}

/** The row was written by {@link PostgresLineage.begin}, so its id has the brand's length. */
function toRun(row: Row): Run {
  return { number: numberOf(row["number"]), id: bytesOf(row["id"]) as RunId, at: numberOf(row["at"]) };
}
