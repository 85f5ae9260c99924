import { mapKey } from "../../map-key.ts";
import type { Outcome } from "../../store/operations.ts";
import { Findings, type Finding } from "./findings.ts";
import type { JournalItem } from "./journal.ts";
import { LogRecord, type LogSighting, type OpenLog } from "./log-record.ts";
import type { Perform, StoreOperation } from "./perform.ts";
import { PoolRecord } from "./pool-record.ts";

const ERASE_SLICE = 1000;
/** Logs that are read at the same time. */
const AT_ONCE = 8;

/** How a store is looked at: `thorough` also erases what expired, counts, and takes all KeyPackages. */
export type Manner = "only-read" | "thorough";

/** What was found, and what makes the doubts of before certain. */
export interface Examination {
  readonly findings: readonly Finding[];
  readonly settle: () => void;
}

/**
 * What the clients of a store know: what was acknowledged, what was refused, and what they never heard of again. After a
 * fault everything acknowledged must be there once, at its position and with its bytes; what was never answered may be
 * there or not, but wholly; what was destroyed, expired or given away stays away.
 */
export class Ledger {
  readonly #exactTimes: boolean;
  readonly #asked = new Map<number, { readonly operation: StoreOperation; readonly log: LogRecord | undefined }>();
  readonly #logs: LogRecord[] = [];
  readonly #current = new Map<string, LogRecord>();
  readonly #pools = new Map<string, PoolRecord>();
  readonly #noticed = new Findings();
  #now = 0;

  /** @param exactTimes - False where the store chooses the time of expiry itself, as a relay does. */
  constructor(exactTimes = true) {
    this.#exactTimes = exactTimes;
  }

  /** Entries that the store must have. */
  get acknowledged(): number {
    return this.#logs.reduce((sum, log) => sum + (log.over ? 0 : log.acknowledged), 0);
  }

  /** The latest time that a client named: what expires later must be there. */
  get now(): number {
    return this.#now;
  }

  /** Logs that are there for sure, and how to go on in them. */
  openLogs(): readonly OpenLog[] {
    return [...this.#current.values()].flatMap((log) => log.open() ?? []);
  }

  note(item: JournalItem): void {
    if (item.type === "asked") {
      this.#ask(item.number, item.operation);
      return;
    }
    const asked = this.#asked.get(item.number);
    if (asked === undefined) throw new RangeError("an answer to nothing");
    this.#asked.delete(item.number);
    this.#answer(asked.operation, asked.log, item.outcome);
  }

  /** Looks at the store as it is now. Nothing else may use it meanwhile. */
  async examine(perform: Perform, manner: Manner): Promise<Examination> {
    const now = this.#now;
    const findings = new Findings();
    findings.all.push(...this.#noticed.all);
    if (manner === "thorough") {
      for (;;) {
        const outcome = await perform({ type: "expire", now, maxEntries: ERASE_SLICE });
        if (outcome.type !== "expired" || !outcome.more) break;
      }
    }
    const sightings: (readonly [LogRecord, LogSighting])[] = [];
    for (let at = 0; at < this.#logs.length; at += AT_ONCE) {
      const some = this.#logs.slice(at, at + AT_ONCE);
      sightings.push(
        ...(await Promise.all(some.map(async (log) => [log, await log.examine(perform, now, findings)] as const))),
      );
    }
    for (const pool of this.#pools.values()) await pool.count(perform, findings);
    if (manner === "thorough") {
      await compareStats(perform, sightings, findings);
      for (const pool of this.#pools.values()) await pool.drain(perform, findings);
    }
    return {
      findings: findings.all,
      settle: () => {
        this.#asked.clear();
        for (const [log, sighting] of sightings) log.settle(sighting, now, this.#noticed);
      },
    };
  }

  #ask(number: number, operation: StoreOperation): void {
    if (operation.type === "read" || operation.type === "expire") this.#now = Math.max(this.#now, operation.now);
    let log: LogRecord | undefined;
    switch (operation.type) {
      case "create":
        log = this.#logFor(operation);
        log.askCreate();
        break;
      case "append":
      case "commit":
        log = this.#current.get(mapKey(operation.logId));
        log?.askAdd(operation);
        break;
      case "destroy":
        log = this.#current.get(mapKey(operation.logId));
        log?.askDestroy();
        break;
      case "read":
        log = this.#current.get(mapKey(operation.logId));
        break;
      case "pool-put":
        this.#pool(operation.poolId).askPut(operation);
        break;
      case "pool-take":
        this.#pool(operation.poolId).askTake();
        break;
      case "expire":
      case "stats":
      case "pool-status":
        break;
    }
    this.#asked.set(number, { operation, log });
  }

  #answer(operation: StoreOperation, log: LogRecord | undefined, outcome: Outcome): void {
    switch (operation.type) {
      case "create":
        log?.answerCreate(outcome);
        break;
      case "append":
      case "commit":
        log?.answerAdd(operation, outcome, this.#noticed);
        break;
      case "destroy":
        log?.answerDestroy(outcome);
        break;
      case "read":
        if (outcome.type === "page") log?.answerRead(outcome.entries, this.#noticed);
        break;
      case "pool-put":
        this.#pool(operation.poolId).answerPut(operation, outcome);
        break;
      case "pool-take":
        this.#pool(operation.poolId).answerTake(outcome, this.#noticed);
        break;
      case "expire":
      case "stats":
      case "pool-status":
        break;
    }
  }

  /** The log that this makes: a new one under the id of a destroyed one is another log. */
  #logFor(create: StoreOperation & { readonly type: "create" }): LogRecord {
    const key = mapKey(create.logId);
    const known = this.#current.get(key);
    if (known !== undefined && !known.over) return known;
    const log = new LogRecord(`log ${String(this.#logs.length)}`, create, this.#exactTimes);
    this.#logs.push(log);
    this.#current.set(key, log);
    return log;
  }

  #pool(poolId: Uint8Array): PoolRecord {
    const key = mapKey(poolId);
    const pool = this.#pools.get(key) ?? new PoolRecord(`pool ${String(this.#pools.size)}`);
    this.#pools.set(key, pool);
    return pool;
  }
}

async function compareStats(
  perform: Perform,
  sightings: readonly (readonly [LogRecord, LogSighting])[],
  findings: Findings,
): Promise<void> {
  const stats = await perform({ type: "stats" });
  if (stats.type !== "stats") throw new RangeError("no statistics");
  const there = sightings.filter(([, sighting]) => sighting.there);
  const entries = there.reduce((sum, [, { seqs }]) => sum + seqs.size, 0);
  const kind = (more: boolean): "invented" | "lost" => (more ? "invented" : "lost");
  const say = (what: string, counted: number, seen: number): void =>
    findings.expect(
      counted === seen,
      kind(counted > seen),
      `${what}: ${String(counted)} counted, ${String(seen)} read`,
    );
  say("logs", stats.logs, there.length);
  say("entries", stats.entries, entries);
}
