import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { initCrypto } from "@stonechat/crypto/issuer";
import type { Request } from "@stonechat/protocol";
import { AppendFrames, takeAppended, takeEntries } from "./dialects/relay-frames.ts";
import { openGreeted } from "./dialects/relay-greeting.ts";
import { each } from "./each.ts";
import { takeFrames } from "./load/web-socket.ts";
import type { Place, Wire } from "./load/wire.ts";
import { benchLog } from "./stores/bench-log.ts";
import type { Usage } from "./usage.ts";

/** One connection may make so many logs at once. */
const CREATES_A_CONNECTION = 500;
const AT_ONCE = 50;
const SETTLE_MS = 2000;
const TICK_MS = 2;

/** People who are connected as {@link Usage} says, each following the conversations it is in. */
export class Community {
  readonly #wires: readonly Wire[];
  readonly #logs: number;
  readonly #bodyBytes: number;
  #delivered = 0;

  private constructor(wires: Wire[], logs: number, bodyBytes: number) {
    this.#wires = wires;
    this.#logs = logs;
    this.#bodyBytes = bodyBytes;
  }

  /** Makes the conversations and connects every device, at the relays in turns. */
  static async open(places: readonly Place[], people: number, usage: Usage): Promise<Community> {
    await initCrypto();
    const devices = Math.round(people * usage.devices);
    const logs = Math.ceil((devices * usage.conversations) / usage.followers);
    await makeLogs(places, logs);
    const wires: Wire[] = [];
    const community = new Community(wires, logs, usage.bodyBytes);
    await each(devices, AT_ONCE, async (device) => {
      // Every log gets its followers evenly, and members of one conversation have others in common with nobody.
      const followed = new Set(
        Array.from(
          { length: usage.conversations },
          (_, i) => (device * 7919 + i * Math.floor(logs / usage.conversations)) % logs,
        ),
      );
      const items = [...followed].map((log) => ({
        logId: benchLog(log).logId,
        readToken: benchLog(log).token,
        from: 0,
      }));
      wires.push(await community.#follow(placeAt(places, device), { type: "subscribe", items }));
    });
    await sleep(SETTLE_MS);
    return community;
  }

  /** Entries that reached a follower so far. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Sends evenly from `senders` connections for a while, and waits until everything is acknowledged. @returns how many. */
  async send(places: readonly Place[], senders: number, rate: number, seconds: number): Promise<number> {
    const count = { sent: 0, acknowledged: 0 };
    const lanes = await each(senders, AT_ONCE, async (i) => {
      const { logId, token } = benchLog(i % this.#logs);
      const frames = new AppendFrames(logId, token, { window: 1, bodyBytes: this.#bodyBytes });
      const wire = await openGreeted(
        placeAt(places, i),
        [],
        (own) => (bytes) =>
          takeFrames(
            bytes,
            (payload, start) => {
              takeAppended(payload, start);
              count.acknowledged += 1;
            },
            (pong) => {
              own.write(pong);
            },
          ),
      );
      return { frames, wire };
    });
    const from = performance.now();
    // Entry ids are numbers: those of an earlier call must not come again.
    const first = randomBytes(3).readUIntBE(0, 3) * 64;
    while (performance.now() - from < seconds * 1000) {
      for (; count.sent < ((performance.now() - from) / 1000) * rate; count.sent += 1) {
        const lane = lanes[count.sent % lanes.length];
        lane?.frames.stamp(0, first + count.sent);
        lane?.wire.write(Buffer.from(lane.frames.bytes));
      }
      await sleep(TICK_MS);
    }
    while (count.acknowledged < count.sent) await sleep(TICK_MS);
    await sleep(SETTLE_MS);
    for (const { wire } of lanes) wire.destroy();
    return count.sent;
  }

  close(): void {
    for (const wire of this.#wires) wire.destroy();
  }

  #follow(place: Place, request: Request): Promise<Wire> {
    return openGreeted(
      place,
      [request],
      (wire) => (bytes) =>
        takeFrames(
          bytes,
          (payload, start, end) => {
            takeEntries(payload, start, end, () => {
              this.#delivered += 1;
            });
          },
          (pong) => {
            wire.write(pong);
          },
        ),
    );
  }
}

async function makeLogs(places: readonly Place[], count: number): Promise<void> {
  await each(Math.ceil(count / CREATES_A_CONNECTION), 4, async (part) => {
    const first = part * CREATES_A_CONNECTION;
    const requests = Array.from({ length: Math.min(CREATES_A_CONNECTION, count - first) }, (_, i): Request => {
      const { logId, hash } = benchLog(first + i);
      const hashes = { readHash: hash, appendHash: hash, ownerHash: undefined };
      return { type: "create", logId, ...hashes, admission: new Uint8Array(0) };
    });
    const wire = await openGreeted(placeAt(places, part), requests, () => (bytes) => bytes.length);
    wire.destroy();
  });
}

function placeAt(places: readonly Place[], index: number): Place {
  const place = places[index % places.length];
  if (place === undefined) throw new RangeError("no relay to connect to");
  return place;
}
