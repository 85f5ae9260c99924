import type { Clock } from "../clock.ts";
import type {
  AppendOutcome,
  CreateLog,
  CreateOutcome,
  DestroyLog,
  DestroyOutcome,
  LogLimits,
} from "../logs/log-store.ts";
import { equalSecrets } from "@stonechat/crypto/issuer";
import { mapKey } from "../map-key.ts";
import type { BodyPartitions } from "./body-partitions.ts";
import { bytesOf, joined, numberOf, type Row } from "./columns.ts";
import { planAdditions, type Addition, type Move, type Plan, type Standing } from "./log-plan.ts";
import { CREATE, DESTROY, LOOK, MADE_SO, OWNER, WRITE } from "./log-statements.ts";
import { kindOfFailure } from "./postgres-errors.ts";
import type { PostgresLink } from "./postgres-link.ts";
import type { Ask } from "./postgres-session.ts";
import { writeParameters } from "./write-parameters.ts";

/** Stands in for the hash of what does not exist, so that absent and wrong take the same path. */
const NOBODY = new Uint8Array(32);
const DAY_MS = 24 * 3600 * 1000;

export interface LogWriterParts {
  readonly link: PostgresLink;
  readonly partitions: BodyPartitions;
  readonly limits: LogLimits;
  readonly clock: Clock;
}

/**
 * The writing half of the logs in PostgreSQL.
 *
 * [Note: Planned, then swapped] A batch looks where its logs stand, decides in memory what to do, and writes that in one
 * statement which moves a log only if it still stands there. Whoever was too late looks again. No lock is held between.
 * A statement whose answer was lost is tried again: what it stored is then found by entry id.
 */
export class PostgresLogWriter {
  readonly #parts: LogWriterParts;

  constructor(parts: LogWriterParts) {
    this.#parts = parts;
  }

  /** Adds messages and commits, in the order given. */
  async add(additions: readonly Addition[]): Promise<readonly AppendOutcome[]> {
    const outcomes = new Map<Addition, AppendOutcome>();
    let left = additions;
    while (left.length > 0) {
      const round = left;
      const done = await this.#parts.link.repeat(({ ask }) => this.#round(ask, round));
      for (const [addition, outcome] of done) outcomes.set(addition, outcome);
      left = left.filter((addition) => !outcomes.has(addition));
    }
    return additions.map((addition) => outcomes.get(addition) ?? { type: "storage-full" });
  }

  async create(logs: readonly CreateLog[]): Promise<readonly CreateOutcome[]> {
    // Once for each id; the second of two at once finds the first.
    const firsts = new Map<string, CreateLog>();
    for (const log of logs) if (!firsts.has(mapKey(log.logId))) firsts.set(mapKey(log.logId), log);
    const ordered = [...firsts.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, log]) => log);
    let tries = 0;
    const made = await unlessFull(
      this.#parts.link.repeat(async ({ ask }) => {
        tries += 1;
        const rows = await ask(CREATE, [
          ...hashesOf(ordered),
          `{${ordered.map(({ ownerHash }) => String(ownerHash !== undefined)).join(",")}}`,
          joined(ordered.map(({ ownerHash }) => ownerHash ?? NOBODY)),
          ordered.length,
        ]);
        const keys = rows.map((row) => mapKey(bytesOf(row["id"])));
        return tries === 1 ? keys : [...keys, ...(await this.#madeBefore(ask, ordered))];
      }),
    );
    if (made === undefined) return logs.map(() => ({ type: "storage-full" }));
    const created = new Set(made);
    return logs.map((log) => {
      const key = mapKey(log.logId);
      return { type: created.has(key) && firsts.get(key) === log ? "created" : "exists" };
    });
  }

  async destroy({ logId, ownerHash }: DestroyLog): Promise<DestroyOutcome> {
    let known = false;
    return await this.#parts.link.repeat(async ({ ask }): Promise<DestroyOutcome> => {
      const [row] = await ask(OWNER, [logId]);
      // Known before and gone now: our own try, whose answer was lost, or somebody with the same right.
      if (row === undefined && known) return { type: "destroyed" };
      const owner: unknown = row?.["owner_hash"] ?? NOBODY;
      const right = equalSecrets(ownerHash, bytesOf(owner));
      if (row === undefined || row["owner_hash"] === null || !right) return { type: "unknown" };
      known = true;
      const gone = await ask(DESTROY, [numberOf(row["pk"])]);
      return { type: gone.length > 0 ? "destroyed" : "unknown" };
    });
  }

  /** @returns what is settled. The rest met another relay, and must look again. */
  async #round(ask: Ask, additions: readonly Addition[]): Promise<ReadonlyMap<Addition, AppendOutcome>> {
    const { limits, partitions, clock } = this.#parts;
    const plan = planAdditions(additions, await look(ask, additions), limits);
    if (plan.moves.length === 0) return settled(additions, plan, () => true);
    await partitions.prepare(plan.moves.flatMap(({ entries }) => entries.map((e) => e.addition.entry.expiresAt)));
    const fineUntil = clock.now() + DAY_MS;
    try {
      const rows = await ask(WRITE, writeParameters(plan.moves, fineUntil));
      const moved = new Set(rows.map((row) => numberOf(row["pk"])));
      return settled(additions, plan, (move) => moved.has(move.pk));
    } catch (error) {
      switch (kindOfFailure(error)) {
        case "no-partition":
          // Another relay dropped a day that is over for it.
          partitions.forget();
          return new Map();
        case "full":
          return settled(additions, plan, () => "storage-full");
        case "lost":
          for (const addition of additions) noteUnsure(addition);
          throw error;
        case "clash":
        case "broken":
        case "other":
          throw error;
      }
    }
  }

  async #madeBefore(ask: Ask, logs: readonly CreateLog[]): Promise<readonly string[]> {
    const rows = await ask(MADE_SO, [...hashesOf(logs), logs.length]);
    return rows.flatMap((row) => {
      const log = logs[numberOf(row["n"]) - 1];
      return log === undefined ? [] : [mapKey(log.logId)];
    });
  }
}

function noteUnsure(addition: Addition): void {
  if (addition.planned === undefined) return;
  addition.unsure ??= new Set();
  addition.unsure.add(addition.planned);
}

function hashesOf(logs: readonly CreateLog[]): readonly Uint8Array[] {
  return [
    joined(logs.map(({ logId }) => logId)),
    joined(logs.map(({ readHash }) => readHash)),
    joined(logs.map(({ appendHash }) => appendHash)),
  ];
}

async function look(ask: Ask, additions: readonly Addition[]): Promise<readonly (Standing | undefined)[]> {
  const rows = await ask(LOOK, [
    joined(additions.map(({ entry }) => entry.logId)),
    joined(additions.map(({ entry }) => entry.appendHash)),
    joined(additions.map(({ entry }) => entry.entryId)),
    additions.length,
  ]);
  const standings = new Array<Standing | undefined>(additions.length).fill(undefined);
  for (const row of rows) standings[numberOf(row["n"]) - 1] = standingOf(row);
  return standings;
}

function standingOf(row: Row): Standing {
  return {
    pk: numberOf(row["pk"]),
    epoch: numberOf(row["epoch"]),
    nextSeq: numberOf(row["next_seq"]),
    bytes: numberOf(row["bytes"]),
    appendHash: bytesOf(row["append_hash"]),
    tokenEpoch: row["token_epoch"] === null ? undefined : numberOf(row["token_epoch"]),
    stored:
      row["stored_seq"] === null
        ? undefined
        : { seq: numberOf(row["stored_seq"]), epoch: numberOf(row["stored_epoch"]) },
  };
}

/** Outcomes of logs that did not have to move, and of those that did. */
function settled(
  additions: readonly Addition[],
  { outcomes, moves }: Plan,
  took: (move: Move) => boolean | "storage-full",
): ReadonlyMap<Addition, AppendOutcome> {
  const answers = new Map(moves.map((move) => [mapKey(move.logId), took(move)]));
  const done = new Map<Addition, AppendOutcome>();
  for (const [i, addition] of additions.entries()) {
    const took = answers.get(mapKey(addition.entry.logId)) ?? true;
    const outcome = outcomes[i];
    if (took === "storage-full") done.set(addition, { type: "storage-full" });
    else if (took && outcome !== undefined) done.set(addition, outcome);
  }
  return done;
}

async function unlessFull<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (kindOfFailure(error) === "full") return undefined;
    throw error;
  }
}
