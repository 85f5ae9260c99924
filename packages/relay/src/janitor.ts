import type { BlobStore } from "./blobs/blob-store.ts";
import type { Clock } from "./clock.ts";
import { ClockGuard } from "./clock-guard.ts";
import { ErasingPace } from "./erasing-pace.ts";
import { describeError, type Log } from "@stonechat/serving";
import type { RelayService } from "./service/relay-service.ts";

const SLICE_BLOBS = 20;
const INTERVAL_MS = 1000;

export interface JanitorParts {
  readonly service: RelayService;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** Erases what expired: looks every second, and works in slices with pauses between them. Stop it before the store. */
export class Janitor {
  readonly #parts: JanitorParts;
  #timer: NodeJS.Timeout;
  #work: Promise<void> = Promise.resolve();
  #stopped = false;
  readonly #guard: ClockGuard;
  readonly #pace = new ErasingPace();

  constructor(parts: JanitorParts) {
    this.#parts = parts;
    this.#guard = new ClockGuard(parts.clock.now(), performance.now());
    this.#timer = this.#wait(INTERVAL_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#work;
  }

  #wait(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#work = this.#slice();
    }, ms);
  }

  async #slice(): Promise<void> {
    const { service, blobs, clock, log } = this.#parts;
    let more = false;
    const trust = this.#guard.look(clock.now(), performance.now());
    if (trust === "leapt") log({ level: "warn", event: "clock-leapt" });
    if (trust !== "steady") {
      if (!this.#stopped) this.#timer = this.#wait(INTERVAL_MS);
      return;
    }
    try {
      const begun = performance.now();
      more = await service.expire(this.#pace.entries);
      this.#pace.learn(performance.now() - begun);
      const removed = await blobs.expire(clock.now(), SLICE_BLOBS);
      more ||= removed === SLICE_BLOBS;
    } catch (error) {
      log({ level: "error", event: "expiry-failed", ...describeError(error) });
    }
    if (!this.#stopped) this.#timer = this.#wait(more ? this.#pace.pauseMs : INTERVAL_MS);
  }
}
