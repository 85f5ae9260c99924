import type { Entry, LogId, Token } from "@stonechat/protocol";
import type { CoreContext } from "../context.ts";
import type { SqlRow } from "../vault/sql-value.ts";
import { RelayUnavailable } from "./relay-link.ts";
import { SerialQueue } from "./serial-queue.ts";
import type { LogReader, Refusal, Span } from "./subscriptions.ts";

const RETRY_MS = 5_000;

/** A log of ours that is no conversation's: an invite's, or one that waits for an answer. */
export type InboxRow = SqlRow & {
  readonly relay_url: string;
  readonly log_id: Uint8Array;
  readonly read_token: Uint8Array;
  readonly owner_token: Uint8Array;
  readonly next_seq: number;
};

/** What is done with what comes. */
export interface InboxWork {
  /** Takes in one entry and says whether more may come; after `done` the log is destroyed. */
  readonly receive: (entry: Entry) => Promise<"more" | "done">;
  /** The relay does not know the log any more. */
  readonly refused: () => Promise<void>;
}

/**
 * Follows one such log and takes in its entries one after the other. What fails (a full disk, a blob out of reach) is
 * asked for again a little later, and nothing behind it is taken in before.
 */
export class InboxReader implements LogReader {
  readonly logId: LogId;
  readonly #core: CoreContext;
  readonly #row: InboxRow;
  readonly #work: InboxWork;
  readonly #queue = new SerialQueue();
  /** The first position that was not taken in. */
  #next: number;
  #done = false;

  constructor(core: CoreContext, row: InboxRow, work: InboxWork) {
    this.#core = core;
    this.#row = row;
    this.#work = work;
    // Stored with the brand it came with.
    this.logId = row.log_id as LogId;
    this.#next = row.next_seq;
  }

  /** Resolves when nothing more is being taken in. */
  finished(): Promise<void> {
    this.#done = true;
    return this.#queue.run(() => undefined);
  }

  position(): { readonly readToken: Token; readonly from: number } | undefined {
    return this.#done ? undefined : { readToken: this.#row.read_token as Token, from: this.#next };
  }

  onEntries(entries: readonly Entry[], span: Span): void {
    this.#queue
      .run(() => this.#take(entries, span))
      .catch((error: unknown) => {
        this.#core.report(error);
        this.#core.clock.setTimer(RETRY_MS, () => {
          if (!this.#done) this.#core.relays.at(this.#row.relay_url).subscriptions.follow(this);
        });
      });
  }

  onRefused(refusal: Refusal): void {
    if (refusal === "rolled-back") {
      // What comes may lie where something else lay. Who writes here counts once, however often it comes.
      this.#startOver();
      return;
    }
    this.#done = true;
    this.#queue.run(() => this.#work.refused()).catch(this.#core.report);
  }

  #startOver(): void {
    this.#queue
      .run(() => {
        this.#next = 0;
        if (!this.#done) this.#core.relays.at(this.#row.relay_url).subscriptions.follow(this);
      })
      .catch(this.#core.report);
  }

  async #take(entries: readonly Entry[], { from, next }: Span): Promise<void> {
    if (from > this.#next) return;
    for (const entry of entries) {
      if (this.#done) return;
      if (entry.seq < this.#next) continue;
      const outcome = await this.#work.receive(entry);
      this.#next = entry.seq + 1;
      if (outcome === "more") continue;
      this.#done = true;
      await destroyInbox(this.#core, this.#row);
      return;
    }
    this.#next = Math.max(this.#next, next);
  }
}

/** Leaves and destroys such a log. Out of reach it ends by its entries' expiry, and holds nothing that anybody could use. */
export async function destroyInbox(core: Pick<CoreContext, "relays">, row: InboxRow): Promise<void> {
  const { link, subscriptions } = core.relays.at(row.relay_url);
  const logId = row.log_id as LogId;
  subscriptions.leave(logId);
  try {
    await link.request({ type: "destroy", logId, ownerToken: row.owner_token as Token }, "done");
  } catch (error) {
    if (!(error instanceof RelayUnavailable)) throw error;
  }
}
