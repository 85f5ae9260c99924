import { kindOfFailure } from "./postgres-errors.ts";
import type { PostgresLink } from "./postgres-link.ts";

const DAY_MS = 24 * 3600 * 1000;
/** Dropping a table waits for its readers, and appends wait for the drop: give up soon and try again later. */
const DROP_WAIT_MS = 50;

/**
 * The tables that hold bodies, one for each day on which they expire. Made when first needed, dropped when the day is over:
 * that unlinks their files, which no deletion of rows does.
 */
export class BodyPartitions {
  readonly #link: PostgresLink;
  readonly #known = new Set<number>();
  #droppedBefore = -Infinity;

  constructor(link: PostgresLink) {
    this.#link = link;
  }

  /** Sees to it that bodies that expire at these times have a place. */
  async prepare(times: readonly number[]): Promise<void> {
    for (const day of new Set(times.map(dayOf))) if (!this.#known.has(day)) await this.#make(day);
  }

  /** Somebody else may have dropped some. */
  forget(): void {
    this.#known.clear();
  }

  /** Drops the days that were over at `now`, unless somebody is reading. Cheap when there is nothing to do. */
  async dropOver(now: number): Promise<void> {
    const today = dayOf(now);
    if (today <= this.#droppedBefore) return;
    const rows = await this.#link.repeat(({ ask }) =>
      ask(
        "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'body'::regclass",
      ),
    );
    for (const row of rows) {
      const name = String(row["relname"]);
      const day = Number(/^body_(\d+)$/.exec(name)?.[1]);
      if (!(day < today)) continue;
      this.#known.delete(day);
      if (!(await this.#drop(name))) return;
    }
    this.#droppedBefore = today;
  }

  /** @returns false when somebody is reading, as a backup does for long. */
  #drop(name: string): Promise<boolean> {
    return this.#link.repeat(async ({ transaction }) => {
      try {
        await transaction(async (ask) => {
          await ask(`SET LOCAL lock_timeout = ${String(DROP_WAIT_MS)}`);
          await ask(`DROP TABLE IF EXISTS ${name}`);
        });
        return true;
      } catch (error) {
        if (kindOfFailure(error) === "clash") return false;
        throw error;
      }
    });
  }

  /** `ATTACH` lets readers and writers pass, which `CREATE TABLE … PARTITION OF` would not. */
  async #make(day: number): Promise<void> {
    const name = `body_${String(day)}`;
    await this.#link.repeat(({ transaction }) =>
      transaction(async (ask) => {
        await ask("LOCK TABLE body IN SHARE UPDATE EXCLUSIVE MODE");
        const [row] = await ask("SELECT to_regclass($1::text) AS found", [name]);
        if (row?.["found"] !== null) return;
        await ask(`CREATE TABLE ${name} (LIKE body INCLUDING ALL)`);
        await ask(
          `ALTER TABLE body ATTACH PARTITION ${name} FOR VALUES FROM (${String(day * DAY_MS)}) TO (${String((day + 1) * DAY_MS)})`,
        );
      }),
    );
    this.#known.add(day);
  }
}

function dayOf(time: number): number {
  return Math.floor(time / DAY_MS);
}
