import type { Clock } from "../clock.ts";
import type {
  AppendEntry,
  AppendOutcome,
  CommitEntry,
  CreateLog,
  CreateOutcome,
  DestroyLog,
  DestroyOutcome,
  ExpireOutcome,
  LogLimits,
  LogStats,
  ReadLog,
  ReadOutcome,
} from "../logs/log-store.ts";
import type { Lineage } from "../lineage/lineage.ts";
import type { PoolStore } from "../pools/pool-store.ts";
import type { RelayStore, StoreFailedError } from "../store/relay-store.ts";
import { BodyPartitions } from "./body-partitions.ts";
import { numberOf } from "./columns.ts";
import { Lane } from "./lane.ts";
import type { Addition } from "./log-plan.ts";
import { STATS } from "./log-statements.ts";
import { PostgresExpiry } from "./postgres-expiry.ts";
import { PostgresLineage } from "./postgres-lineage.ts";
import { PostgresLink, type PostgresLinkOptions } from "./postgres-link.ts";
import { PostgresLogReader } from "./postgres-log-reader.ts";
import { PostgresLogWriter } from "./postgres-log-writer.ts";
import { PostgresPools } from "./postgres-pools.ts";

/** How many batches may be under way at once. Each log belongs to one lane, which keeps its order. */
const WRITE_LANES = 2;
const READ_LANES = 2;

export interface PostgresStoreOptions extends PostgresLinkOptions {
  readonly limits: LogLimits;
  readonly clock: Clock;
}

/** Logs and pools in PostgreSQL, for any number of relays at once. */
export class PostgresStore implements RelayStore {
  readonly failed: Promise<StoreFailedError>;
  readonly pools: PoolStore;
  readonly lineage: Lineage;
  /** What else is kept there: admission codes, and what changed. */
  readonly link: PostgresLink;
  #storageLow = false;
  readonly #writer: PostgresLogWriter;
  readonly #expiry: PostgresExpiry;
  readonly #additions: readonly Lane<Addition, AppendOutcome>[];
  readonly #creations: Lane<CreateLog, CreateOutcome>;
  readonly #reads: readonly Lane<ReadLog, ReadOutcome>[];

  private constructor(link: PostgresLink, { limits, clock }: PostgresStoreOptions) {
    this.link = link;
    this.failed = link.failed;
    this.pools = new PostgresPools(link);
    this.lineage = new PostgresLineage(link);
    const partitions = new BodyPartitions(link);
    const writer = new PostgresLogWriter({ link, partitions, limits, clock });
    const reader = new PostgresLogReader(link);
    this.#writer = writer;
    this.#expiry = new PostgresExpiry(link, partitions);
    this.#additions = lanes(
      WRITE_LANES,
      (batch: readonly Addition[]) => writer.add(batch),
      ({ entry }) => entry.body.length,
    );
    this.#creations = new Lane(
      (batch) => writer.create(batch),
      () => 0,
    );
    this.#reads = lanes(
      READ_LANES,
      (batch: readonly ReadLog[]) => reader.read(batch),
      ({ limit, maxBytes }) => (limit === 0 ? 0 : maxBytes),
    );
  }

  /** Connects and prepares the tables. @throws UnsafeDatabaseError, NewerDatabaseError, or what the network says. */
  static async open(options: PostgresStoreOptions): Promise<PostgresStore> {
    return new PostgresStore(await PostgresLink.open(options), options);
  }

  /** The database refused the last addition for want of room. */
  get storageLow(): boolean {
    return this.#storageLow;
  }

  create(log: CreateLog): Promise<CreateOutcome> {
    return this.#note(this.#creations.ask(log));
  }
  append(entry: AppendEntry): Promise<AppendOutcome> {
    return this.#note(laneOf(this.#additions, entry).ask({ type: "append", entry }));
  }
  commit(entry: CommitEntry): Promise<AppendOutcome> {
    return this.#note(laneOf(this.#additions, entry).ask({ type: "commit", entry }));
  }
  read(what: ReadLog): Promise<ReadOutcome> {
    return laneOf(this.#reads, what).ask(what);
  }
  destroy(log: DestroyLog): Promise<DestroyOutcome> {
    return this.#writer.destroy(log);
  }
  expire(now: number, maxEntries: number): Promise<ExpireOutcome> {
    return this.#expiry.expire(now, maxEntries);
  }
  async stats(): Promise<LogStats> {
    const [row] = await this.link.repeat(({ ask }) => ask(STATS));
    return { logs: numberOf(row?.["logs"]), entries: numberOf(row?.["entries"]), bytes: numberOf(row?.["bytes"]) };
  }

  /** Random letters by which relays over this database know each other. */
  async name(): Promise<string> {
    const [row] = await this.link.repeat(({ ask }) => ask("SELECT name FROM stonechat"));
    return String(row?.["name"]);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#additions, this.#creations, ...this.#reads].map((lane) => lane.idle()));
    await this.link.close();
  }

  async #note<T extends { readonly type: string }>(answer: Promise<T>): Promise<T> {
    const outcome = await answer;
    this.#storageLow = outcome.type === "storage-full";
    return outcome;
  }
}

function lanes<Q, A>(
  count: number,
  work: (batch: readonly Q[]) => Promise<readonly A[]>,
  weigh: (question: Q) => number,
): readonly Lane<Q, A>[] {
  return Array.from({ length: count }, () => new Lane(work, weigh));
}

function laneOf<Q, A>(all: readonly Lane<Q, A>[], { logId }: { readonly logId: Uint8Array }): Lane<Q, A> {
  const lane = all[(logId[0] ?? 0) % all.length];
  if (lane === undefined) throw new RangeError("no lanes");
  return lane;
}
