import type { BlobStore } from "./blobs/blob-store.ts";
import type { Clock } from "./clock.ts";
import { ClockGuard } from "./clock-guard.ts";
import { describeError, type Log } from "@stonechat/serving";
import type { RelayService } from "./service/relay-service.ts";

/** Erasing runs in slices this small, so that an append waits for one of them at most. */
const SLICE_ENTRIES = 200;
const SLICE_BLOBS = 20;
const INTERVAL_MS = 1000;
const PAUSE_MS = 20;

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
      more = await service.expire(SLICE_ENTRIES);
      const removed = await blobs.expire(clock.now(), SLICE_BLOBS);
      more ||= removed === SLICE_BLOBS;
    } catch (error) {
      log({ level: "error", event: "expiry-failed", ...describeError(error) });
    }
    if (!this.#stopped) this.#timer = this.#wait(more ? PAUSE_MS : INTERVAL_MS);
  }
}
