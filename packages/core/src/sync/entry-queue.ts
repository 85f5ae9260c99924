import type { Entry } from "@stonechat/protocol";
import type { CoreContext } from "../context.ts";
import { SerialQueue } from "./serial-queue.ts";
import type { LogReader, Span } from "./subscriptions.ts";

const RETRY_MS = 5_000;

/**
 * Takes in the entries of a log that is no conversation's, one after the other. What fails (a full disk, a blob out of
 * reach) is asked for again a little later, and nothing behind it is taken in before.
 */
export class EntryQueue {
  readonly #core: Pick<CoreContext, "clock" | "relays" | "report">;
  readonly #relayUrl: string;
  readonly #queue = new SerialQueue();
  #next: number;

  constructor(core: Pick<CoreContext, "clock" | "relays" | "report">, relayUrl: string, next: number) {
    this.#core = core;
    this.#relayUrl = relayUrl;
    this.#next = next;
  }

  /** The first position that was not taken in. */
  get next(): number {
    return this.#next;
  }

  /** Runs `work` after all that was given before. */
  run<T>(work: () => Promise<T> | T): Promise<T> {
    return this.#queue.run(work);
  }

  /** Hands `entries` to `receive`. `reader` follows the log anew after a failure, if it still has a position. */
  take(
    reader: LogReader,
    entries: readonly Entry[],
    { from, next }: Span,
    receive: (entry: Entry) => Promise<void>,
  ): void {
    this.#queue
      .run(async () => {
        if (from > this.#next) return;
        for (const entry of entries) {
          if (entry.seq < this.#next) continue;
          await receive(entry);
          this.#next = entry.seq + 1;
        }
        this.#next = Math.max(this.#next, next);
      })
      .catch((error: unknown) => {
        this.#core.report(error);
        this.#core.clock.setTimer(RETRY_MS, () => {
          if (reader.position() !== undefined) this.#core.relays.at(this.#relayUrl).subscriptions.follow(reader);
        });
      });
  }
}
