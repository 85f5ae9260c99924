import type { Clock } from "../ports/clock.ts";
import { StorageError } from "../ports/storage-error.ts";
import type { Database, ExclusiveDatabase, Transaction } from "../vault/database.ts";
import {
  count,
  countedNow,
  loadCountedTime,
  saveCountedTime,
  startCounting,
  type CountedTime,
} from "./counted-time.ts";
import { eraseExpired, pending, type Erased, type Pending } from "./erase.ts";

/**
 * [Note: Nothing that has disappeared is shown]
 *
 * Every transaction of the client goes through here. Before it begins, the clock is looked at; if a timer has run out by
 * then, the message and all that belongs to it is erased first, in a transaction of its own that also makes counted time
 * durable. So no query meets it, and no later clock brings it back.
 *
 * Erasing can fail (a full disk) and takes long when much is due. Therefore whatever reads messages reads the view
 * `live_messages`, which leaves out what has run out whether it has been erased or not. The view and the moment it goes by
 * lie in memory, where they cannot fail.
 */
const LIVE_MESSAGES = [
  "CREATE TEMP TABLE moment (counted INTEGER NOT NULL)",
  "INSERT INTO temp.moment (counted) VALUES (0)",
  `CREATE TEMP VIEW live_messages AS SELECT * FROM main.messages
   WHERE expires_at IS NULL OR expires_at > (SELECT counted FROM temp.moment)`,
];

/** Time that was counted is made durable by itself when it has grown by so much. */
const SAVE_AFTER_MS = 60_000;

/** The client's database, less what has disappeared. */
export class ExpiringDatabase implements Database {
  readonly #inner: Database;
  readonly #clock: Clock;
  readonly #report: (error: unknown) => void;
  #time: CountedTime;
  /** As it is stored, or older. */
  #saved: CountedTime | undefined;
  #pending: Pending;
  #erased: Erased[] = [];
  #listener: (() => void) | undefined;

  private constructor(
    inner: Database,
    clock: Clock,
    report: (error: unknown) => void,
    stored: { readonly time: CountedTime | undefined; readonly pending: Pending },
  ) {
    this.#inner = inner;
    this.#clock = clock;
    this.#report = report;
    this.#saved = stored.time;
    this.#time = stored.time ?? startCounting(clock.now());
    this.#pending = stored.pending;
  }

  /** @param report - Hears of storage that fails while something is to be erased; that stays hidden, and is tried again. */
  static async open(inner: Database, clock: Clock, report: (error: unknown) => void): Promise<ExpiringDatabase> {
    const stored = await inner.transaction((tx) => {
      for (const sql of LIVE_MESSAGES) tx.run(sql);
      return { time: loadCountedTime(tx), pending: pending(tx) };
    });
    return new ExpiringDatabase(inner, clock, report, stored);
  }

  /** Counted time as of the beginning of the transaction under way, else of the last. */
  get now(): number {
    return countedNow(this.#time);
  }

  /** As of the last transaction. */
  get pending(): Pending {
    return this.#pending;
  }

  /** In each transaction that starts a countdown: a restart must not count from an earlier time. */
  saveTime(tx: Transaction): void {
    saveCountedTime(tx, this.#time);
  }

  /** Calls `listener` after transactions that erased something or changed {@link ExpiringDatabase.pending}. */
  listen(listener: () => void): void {
    this.#listener = listener;
  }

  /** What was erased since this was called last. */
  takeErased(): readonly Erased[] {
    const erased = this.#erased;
    this.#erased = [];
    return erased;
  }

  transaction<T>(work: (tx: Transaction) => Promise<T> | T): Promise<T> {
    return this.exclusively(({ transaction }) => transaction(work));
  }

  checkpoint(): Promise<void> {
    return this.#inner.checkpoint();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  exclusively<T>(work: (lent: ExclusiveDatabase) => Promise<T>): Promise<T> {
    return this.#telling(async (lent) => {
      const failure = await this.#forget(lent);
      if (failure !== undefined) this.#report(failure);
      return work({
        transaction: (inner) => this.#noting(lent, inner),
        checkpoint: () => lent.checkpoint(),
      });
    });
  }

  /** Erases everything that has run out by now. @throws StorageError if that fails; it stays hidden. */
  async eraseDue(): Promise<void> {
    for (;;) {
      const failure = await this.#telling((lent) => this.#forget(lent));
      if (failure !== undefined) throw failure;
      if (!this.#due) return;
    }
  }

  get #due(): boolean {
    return this.#pending.next !== undefined && this.#pending.next <= this.now;
  }

  async #telling<T>(work: (lent: ExclusiveDatabase) => Promise<T>): Promise<T> {
    const before = this.#pending;
    try {
      return await this.#inner.exclusively(work);
    } finally {
      const changed = this.#pending.next !== before.next || this.#pending.burn !== before.burn;
      if (changed || this.#erased.length > 0) this.#listener?.();
    }
  }

  async #noting<T>(lent: ExclusiveDatabase, work: (tx: Transaction) => Promise<T> | T): Promise<T> {
    const { value, left } = await lent.transaction(async (tx) => ({ value: await work(tx), left: pending(tx) }));
    this.#pending = left;
    return value;
  }

  /** Hides and erases what has run out. See [Note: Nothing that has disappeared is shown]. @returns what failed. */
  async #forget(lent: ExclusiveDatabase): Promise<StorageError | undefined> {
    this.#time = count(this.#time, this.#clock.now());
    const { now } = this;
    const time = this.#time;
    const due = this.#due;
    if (!due && !this.#outgrewSaved()) return undefined;
    try {
      if (due) await lent.transaction((tx) => tx.run("UPDATE temp.moment SET counted = ?", now));
      const erased = await lent.transaction((tx) => {
        saveCountedTime(tx, time);
        return due ? { ...eraseExpired(tx, now), left: pending(tx) } : undefined;
      });
      this.#saved = time;
      if (erased === undefined) return undefined;
      this.#pending = erased.left;
      this.#erased.push(erased);
      // The log still holds the pages as they were.
      await lent.checkpoint();
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      return error;
    }
    return undefined;
  }

  /** A restart would lose time that was counted while something counts down. */
  #outgrewSaved(): boolean {
    if (this.#pending.next === undefined) return false;
    if (this.#saved === undefined || this.#time.last < this.#saved.last) return true;
    return countedNow(this.#time) - countedNow(this.#saved) >= SAVE_AFTER_MS;
  }
}
