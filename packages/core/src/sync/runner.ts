import { toHex, type Entry, type LogId, type Token } from "@stonechat/protocol";
import type { CoreContext } from "../context.ts";
import { conversationByRow, type ConversationRecord } from "../conversations/conversation-record.ts";
import { loadStoredGroup } from "../conversations/epoch.ts";
import { toDeviceKeys } from "../identity/account.ts";
import type { MlsGroup } from "../mls/contract.ts";
import type { Transaction } from "../vault/database.ts";
import { SerialQueue } from "./serial-queue.ts";
import type { LogReader, Span, Refusal } from "./subscriptions.ts";

/** A conversation's group and what the database says of it, both of the same moment. */
export interface Snapshot {
  readonly record: ConversationRecord;
  readonly group: MlsGroup;
}

/** What a runner calls to take entries in and to send; kept apart so that each can be read by itself. */
export interface RunnerWork {
  receive(runner: Runner, entries: readonly Entry[], span: Span): Promise<void>;
  send(runner: Runner): Promise<void>;
  refused(runner: Runner, refusal: Refusal): Promise<void>;
}

const RETRY_MS = 5_000;

/** The conversation goes on in another group, with another runner: this one has nothing more to do. */
class GroupReplaced extends Error {
  override readonly name = "GroupReplaced";
}

/**
 * One conversation at work. Everything that touches its group goes through {@link queue}, one piece at a time, and takes
 * the newest {@link Snapshot} from here; after the transaction that stored a step has committed, {@link adopt} replaces it.
 */
export class Runner implements LogReader {
  readonly row: number;
  readonly logId: LogId;
  readonly relayUrl: string;
  readonly queue = new SerialQueue();
  readonly #core: CoreContext;
  readonly #work: RunnerWork;
  #record: ConversationRecord;
  #group: MlsGroup | undefined;
  #sending = false;
  #sendAgain = false;
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(core: CoreContext, work: RunnerWork, record: ConversationRecord) {
    this.#core = core;
    this.#work = work;
    this.#record = record;
    this.row = record.id;
    this.logId = record.logId;
    this.relayUrl = record.relayUrl;
  }

  get record(): ConversationRecord {
    return this.#record;
  }

  /** Nothing is being taken in or sent. */
  get idle(): boolean {
    return this.queue.idle && !this.#sending;
  }

  /** The conversation begins anew with another runner, or is gone: nothing may be written for it here any more. */
  get stopped(): boolean {
    return this.#stopped;
  }

  start(): void {
    if (this.#record.logMade) this.follow();
    this.wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#core.relays.at(this.relayUrl).subscriptions.leave(this.logId);
  }

  /** After {@link stop}: resolves when nothing of this conversation touches the database any more. */
  async finished(): Promise<void> {
    await this.#loop;
    await this.queue.run(() => undefined);
  }

  follow(): void {
    if (!this.#stopped && this.#record.state === "active")
      this.#core.relays.at(this.relayUrl).subscriptions.follow(this);
  }

  /**
   * Inside the queue and inside a transaction: the newest state, loaded if need be.
   *
   * @throws GroupReplaced, which ends the step, if the conversation has gone on in another group since it was begun.
   */
  async snapshot(tx: Transaction): Promise<Snapshot> {
    const record = conversationByRow(tx, this.row);
    if (record === undefined) throw new RangeError("the conversation is gone");
    if (toHex(record.groupId) !== toHex(this.#record.groupId)) throw new GroupReplaced();
    this.#group ??= await this.#core.mls.load(loadStoredGroup(tx, this.row), toDeviceKeys(this.#core.account()));
    return { record, group: this.#group };
  }

  /** After the transaction that stored it: this is now the newest state. */
  adopt(snapshot: Snapshot): void {
    const tokenChanged = toHex(snapshot.record.keys.readToken) !== toHex(this.#record.keys.readToken);
    const ended = snapshot.record.state !== "active" && this.#record.state === "active";
    this.#record = snapshot.record;
    this.#group = snapshot.group;
    if (ended) this.#core.relays.at(this.relayUrl).subscriptions.leave(this.logId);
    else if (tokenChanged && snapshot.record.logMade) this.follow();
  }

  /** The log has to be compared before it is followed again. */
  compare(since: number): void {
    if (this.#record.state !== "active" || !this.#record.logMade) return;
    this.#record = { ...this.#record, compareSince: since };
    this.#core.relays.at(this.relayUrl).subscriptions.leave(this.logId);
    this.wake();
  }

  /** Something of the record changed outside the group's own steps. */
  refresh(record: ConversationRecord): void {
    this.#record = record;
  }

  /** Forgets the group held in memory: after a failed transaction the database is right. */
  forget(): void {
    this.#group = undefined;
  }

  position(): { readonly readToken: Token; readonly from: number } | undefined {
    if (this.#stopped || this.#record.state !== "active" || !this.#record.logMade) return undefined;
    if (this.#record.compareSince > 0) return undefined;
    return { readToken: this.#record.keys.readToken, from: this.#record.nextSeq };
  }

  onEntries(entries: readonly Entry[], span: Span): void {
    if (entries.length === 0 && span.next <= span.from) {
      this.wake();
      return;
    }
    this.queue
      .run(async () => {
        // After it was stopped the conversation may have begun anew, with another group than the one held here.
        if (!this.#stopped) await this.#work.receive(this, entries, span);
      })
      .then(
        () => {
          this.wake();
        },
        (error: unknown) => {
          this.forget();
          if (error instanceof GroupReplaced) return;
          this.#core.report(error);
          // The entries are still at the relay; ask for them again when the storage may have recovered.
          this.#core.clock.setTimer(RETRY_MS, () => {
            this.follow();
          });
        },
      );
  }

  onRefused(refusal: Refusal): void {
    this.queue
      .run(async () => {
        if (!this.#stopped) await this.#work.refused(this, refusal);
      })
      .catch((error: unknown) => {
        if (!(error instanceof GroupReplaced)) this.#core.report(error);
      });
  }

  /** Sends what waits, if the relay can be reached; called whenever something may have become possible. */
  wake(): void {
    this.#sendAgain = true;
    if (this.#sending || this.#stopped) return;
    this.#sending = true;
    this.#loop = (async () => {
      while (this.#sendAgain && !this.#stopped) {
        this.#sendAgain = false;
        await this.#work.send(this);
      }
    })()
      .catch((error: unknown) => {
        this.forget();
        if (error instanceof GroupReplaced) return;
        this.#core.report(error);
        this.#core.clock.setTimer(RETRY_MS, () => {
          this.wake();
        });
      })
      .finally(() => {
        this.#sending = false;
        this.#core.progress.wake();
      });
  }
}
