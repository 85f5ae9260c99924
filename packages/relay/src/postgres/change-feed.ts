import type { LogId, Seq } from "@stonechat/protocol";
import { bytesOf, numberOf, numbers } from "./columns.ts";
import { DATABASE_NOW } from "./log-statements.ts";
import { CHANGES_KEPT_MS } from "./postgres-expiry.ts";
import type { PostgresLink } from "./postgres-link.ts";

const LOG_ID_BYTES = 32;
/** A change gets its time before it can be seen: this much later at most, as statements take no longer. */
const OVERLAP_MS = 12_000;

/** A log that somebody moved. */
export interface LogChange {
  readonly logId: LogId;
  /** All positions before it are stored. `undefined`: it was destroyed. */
  readonly next: Seq | undefined;
}

/** What happened to the logs since the last time. */
export interface Changes {
  readonly logs: readonly LogChange[];
  /** It is so long ago that some of it is not kept any more. */
  readonly incomplete: boolean;
}

/** Tells which logs were moved, by this relay or another. Each change is told once, late ones too. */
export class ChangeFeed {
  readonly #link: PostgresLink;
  #until: number | undefined;
  #seen = new Map<number, number>();

  constructor(link: PostgresLink) {
    this.#link = link;
  }

  /** The first call only begins: it tells nothing. @throws StoreUnavailableError. */
  async since(): Promise<Changes> {
    const until = this.#until;
    const [rows, now] = await this.#link.repeat(async ({ ask }) => {
      const [clock] = await ask(`SELECT ${DATABASE_NOW} AS now`);
      const changes = await ask(
        `SELECT pk, at, ids, nexts::text AS nexts FROM change
         WHERE at >= coalesce($1::bigint, (SELECT max(at) FROM change)) - $2::bigint AND pk <> ALL($3::bigint[])`,
        [until ?? null, OVERLAP_MS, numbers([...this.#seen.keys()])],
      );
      return [changes, numberOf(clock?.["now"])] as const;
    });
    for (const row of rows) this.#seen.set(numberOf(row["pk"]), numberOf(row["at"]));
    for (const [pk, at] of this.#seen) if (at < now - 2 * OVERLAP_MS) this.#seen.delete(pk);
    this.#until = now;
    if (until === undefined) return { logs: [], incomplete: false };
    const logs = rows.flatMap((row) => changesOf(bytesOf(row["ids"]), String(row["nexts"])));
    // A database that took another's place may be behind its clock: then changes lie before those that were looked for.
    return { logs, incomplete: now < until || now - until > CHANGES_KEPT_MS - OVERLAP_MS };
  }
}

/** @param nexts - As PostgreSQL writes an array: `{1,2}`. */
function changesOf(ids: Uint8Array, nexts: string): readonly LogChange[] {
  return nexts
    .slice(1, -1)
    .split(",")
    .map((text, i) => {
      const next = numberOf(text);
      // As long as the column `id`, in which only such ids are.
      const logId = ids.slice(i * LOG_ID_BYTES, (i + 1) * LOG_ID_BYTES) as LogId;
      return { logId, next: next < 0 ? undefined : next };
    });
}
