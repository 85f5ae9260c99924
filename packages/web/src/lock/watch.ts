import type { LockSettings } from "@stonechat/core/client-api";
import { judgeAttention, nextJudgement, type Attention, type LockVerdict } from "./auto-lock.ts";
import { Elapsed, type Clocks } from "./elapsed.ts";

interface Judgement {
  readonly verdict: LockVerdict;
  /** Milliseconds until something else may be due; undefined if nothing ever is. */
  readonly wait: number | undefined;
}

/** What an open app knows of its user, from unlocking to locking. Being covered, or other settings, begin nothing anew. */
export class Watch {
  readonly #elapsed: Elapsed;
  #attention: Attention;

  /** `hidden`: whether the page is hidden now. */
  constructor(clocks: Clocks, hidden: boolean) {
    this.#elapsed = new Elapsed(clocks);
    this.#attention = { activeAt: 0, hiddenAt: hidden ? 0 : undefined };
  }

  /** What is due. Comes before anything is noted: who comes back too late finds it locked. */
  judge(settings: LockSettings, heldAwake: boolean): Judgement {
    const now = this.#elapsed.read();
    if (heldAwake) this.#attention = { ...this.#attention, activeAt: now };
    return {
      verdict: judgeAttention(this.#attention, settings, now, this.#elapsed.slept),
      wait: nextJudgement(this.#attention, settings, now),
    };
  }

  /** Something was pressed, or the secret was given. */
  noteActivity(): void {
    this.#attention = { ...this.#attention, activeAt: this.#elapsed.read() };
  }

  noteVisibility(hidden: boolean): void {
    const now = this.#elapsed.read();
    this.#attention = { ...this.#attention, hiddenAt: hidden ? (this.#attention.hiddenAt ?? now) : undefined };
  }
}
