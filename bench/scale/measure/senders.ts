import { setTimeout as sleep } from "node:timers/promises";
import { AppendFrames, takeAppended } from "../../relay/dialects/relay-frames.ts";
import { openGreeted } from "../../relay/dialects/relay-greeting.ts";
import { takeFrames } from "../../relay/load/web-socket.ts";
import type { Place, Wire } from "../../relay/load/wire.ts";
import { BODY_BYTES } from "../../relay/scale.ts";
import { benchLog } from "../../relay/stores/bench-log.ts";

const TICK_MS = 2;

/** Many connections that append one message each in turns, as people do, each to a log of its own. */
export class Senders implements Disposable {
  readonly #lanes: readonly { readonly frames: AppendFrames; readonly wire: Wire }[];
  readonly #counts: { acknowledged: number };
  #sent = 0;

  private constructor(
    lanes: readonly { readonly frames: AppendFrames; readonly wire: Wire }[],
    counts: { acknowledged: number },
  ) {
    this.#lanes = lanes;
    this.#counts = counts;
  }

  /** To the logs of {@link benchLog} below `count`, which exist. */
  static async open(place: Place, count: number): Promise<Senders> {
    const counts = { acknowledged: 0 };
    const lanes: { readonly frames: AppendFrames; readonly wire: Wire }[] = [];
    for (let index = 0; index < count; index += 1) {
      const { logId, token } = benchLog(index);
      const wire = await openGreeted(
        place,
        [],
        (own) => (bytes) =>
          takeFrames(
            bytes,
            (payload, start) => {
              takeAppended(payload, start);
              counts.acknowledged += 1;
            },
            (pong) => {
              own.write(pong);
            },
          ),
      );
      lanes.push({ wire, frames: new AppendFrames(logId, token, { window: 1, bodyBytes: BODY_BYTES }) });
    }
    return new Senders(lanes, counts);
  }

  /** Sends evenly for a while, and waits until everything is acknowledged. @returns how many. */
  async pace(rate: number, seconds: number): Promise<number> {
    const from = performance.now();
    const first = this.#sent;
    while (performance.now() - from < seconds * 1000) {
      for (; this.#sent - first < ((performance.now() - from) / 1000) * rate; this.#sent += 1) {
        const lane = this.#lanes[this.#sent % this.#lanes.length];
        lane?.frames.stamp(0, this.#sent);
        lane?.wire.write(Buffer.from(lane.frames.bytes));
      }
      await sleep(TICK_MS);
    }
    while (this.#counts.acknowledged < this.#sent) await sleep(TICK_MS);
    return this.#sent - first;
  }

  [Symbol.dispose](): void {
    for (const { wire } of this.#lanes) wire.destroy();
  }
}
