import type { Heard, Lane, OpenLane } from "./lane.ts";
import type { Tally } from "./tally.ts";

const ACKNOWLEDGED = 1;
const DELIVERED = 2;
const FREE = ACKNOWLEDGED | DELIVERED;

/** What ends a message's time under way: `acknowledged` is enough while nobody listens. */
export type Until = "acknowledged" | "delivered";

/**
 * One sender, one receiver and the messages between them that are under way, in a ring. It is also the ledger: a message
 * keeps its place until it was acknowledged and delivered, so that one that is lost, or comes twice, is noticed.
 */
export class Pair implements Heard {
  readonly #tally: Tally;
  readonly #window: number;
  readonly #state: Uint8Array;
  readonly #dueAt: Float64Array;
  #lane: Lane | undefined;
  #until: Until;
  /** Numbers of the next message to stamp, to write, and of the oldest that is still under way. */
  #next = 0;
  #written = 0;
  #oldest = 0;
  #lastDelivered = -1;
  /** While a backlog is read: the number that must come next, and where the backlog ends. */
  #replayed = 0;
  #replayEnd = 0;
  /** Called when there may be room for more. */
  onRoom: () => void = nothing;

  private constructor(window: number, until: Until, tally: Tally) {
    this.#window = window;
    this.#until = until;
    this.#tally = tally;
    this.#state = new Uint8Array(window).fill(FREE);
    this.#dueAt = new Float64Array(window);
  }

  static async open(open: OpenLane, index: number, window: number, until: Until, tally: Tally): Promise<Pair> {
    const pair = new Pair(window, until, tally);
    pair.#lane = await open(index, pair);
    return pair;
  }

  get lane(): Lane {
    if (this.#lane === undefined) throw new RangeError("the lane is not open");
    return this.#lane;
  }

  /** How many messages were stamped. */
  get sent(): number {
    return this.#next;
  }

  get hasRoom(): boolean {
    return this.#next - this.#oldest < this.#window;
  }

  /** What was sent and not yet acknowledged and delivered. Whatever is left when enough time has passed is lost. */
  get underWay(): number {
    return this.#next - this.#oldest;
  }

  /** Opens the receiver and from now on waits for it. Nothing may be under way. */
  async follow(): Promise<void> {
    this.#until = "delivered";
    await this.lane.follow();
  }

  /** From now on everything that was sent before is expected once more, by the receiver that {@link follow} opens. */
  replay(): void {
    [this.#replayed, this.#replayEnd] = [0, this.#next];
  }

  /** Takes on one more message; {@link flush} sends it. There must be room. `dueAt`: when it was to be sent. */
  stamp(dueAt: number): void {
    const slot = this.#next % this.#window;
    this.#state[slot] = this.#until === "delivered" ? 0 : DELIVERED;
    this.#dueAt[slot] = dueAt;
    this.lane.frames.stamp(slot, this.#next);
    this.#next += 1;
  }

  flush(): void {
    while (this.#written < this.#next) {
      const first = this.#written % this.#window;
      const count = Math.min(this.#next - this.#written, this.#window - first);
      const { bytes, frameBytes } = this.lane.frames;
      this.lane.write(bytes.subarray(first * frameBytes, (first + count) * frameBytes));
      this.#written += count;
    }
  }

  acknowledged(number: number): void {
    const slot = number % this.#window;
    const state = this.#state[slot] ?? 0;
    if (!this.#isUnderWay(number) || (state & ACKNOWLEDGED) !== 0) return; // a repeat after a lost connection
    this.#state[slot] = state | ACKNOWLEDGED;
    this.#tally.acknowledged(this.#dueAt[slot] ?? 0);
    this.#release();
  }

  delivered(number: number): void {
    if (number >= this.#next) throw new RangeError("a message came that nobody has sent");
    if (this.#replayed < this.#replayEnd) {
      this.#replay(number);
      return;
    }
    const slot = number % this.#window;
    const state = this.#state[slot] ?? 0;
    if (!this.#isUnderWay(number) || (state & DELIVERED) !== 0) {
      this.#tally.doubled += 1;
      return;
    }
    if (number < this.#lastDelivered) this.#tally.disordered += 1;
    this.#lastDelivered = number;
    this.#state[slot] = state | DELIVERED;
    this.#tally.delivered(this.#dueAt[slot] ?? 0);
    this.#release();
  }

  told(): void {
    if (this.hasRoom) this.onRoom();
  }

  broken(): void {
    this.#tally.broken += 1;
  }

  reopened(): void {
    this.#written = this.#oldest;
    this.flush();
  }

  #replay(number: number): void {
    if (number < this.#replayed) this.#tally.doubled += 1;
    if (number > this.#replayed) this.#tally.disordered += 1;
    this.#replayed = number + 1;
    this.#tally.delivered(performance.now());
  }

  #isUnderWay(number: number): boolean {
    return number >= this.#oldest && number < this.#next;
  }

  #release(): void {
    while (this.#oldest < this.#next && this.#state[this.#oldest % this.#window] === FREE) this.#oldest += 1;
  }
}

function nothing(): void {
  // Nobody waits for room.
}
