import { initCrypto, sha256, systemRandom } from "@stonechat/crypto/issuer";
import type { LogId, Request, Token, TokenHash } from "@stonechat/protocol";
import type { Heard, Lane, LaneSize, OpenLane } from "../load/lane.ts";
import { ServerClosed, takeFrames } from "../load/web-socket.ts";
import type { Hear, Place, Wire } from "../load/wire.ts";
import { AppendFrames, AppendRefused, takeAppended, takeEntries } from "./relay-frames.ts";
import { openGreeted } from "./relay-greeting.ts";

/** Lanes whose connection is lost come back after a time up to this, so that not all come at once. */
const BACK_WITHIN_MS = 500;

/** How the relay's lanes are to be opened. */
export interface RelayLanes extends LaneSize {
  /** Any of them serves any log; lanes take turns, and go to the next one when a connection is lost. */
  readonly places: readonly Place[];
  /** A lost connection is opened again. Without it, losing one is the end. */
  readonly comesBack: boolean;
}

/** Opens lanes at one or more relays: each pair has a log of its own, made through the real protocol. */
export async function relayLanes(plan: RelayLanes): Promise<OpenLane> {
  await initCrypto();
  return (index, heard) => RelayLane.open(plan, index, heard);
}

type Part = "sender" | "receiver";

/** A sender that appends to its log, and a receiver that has subscribed to it. */
export class RelayLane implements Lane {
  readonly frames: AppendFrames;
  readonly #plan: RelayLanes;
  readonly #heard: Heard;
  readonly #logId: LogId;
  readonly #token: Token;
  #turn: number;
  #sender: Wire | undefined;
  #receiver: Wire | undefined;
  #following = false;
  #closed = false;
  /** Counts {@link drop}s: what was begun before one is not wanted any more. */
  #generation = 0;
  /** The receiver has everything before this. */
  #from = 0;

  private constructor(plan: RelayLanes, index: number, heard: Heard) {
    const random = systemRandom();
    this.#plan = plan;
    this.#turn = index;
    this.#heard = heard;
    [this.#logId, this.#token] = [random.bytes(32) as LogId, random.bytes(32) as Token]; // 32 bytes each
    this.frames = new AppendFrames(this.#logId, this.#token, plan);
  }

  static async open(plan: RelayLanes, index: number, heard: Heard): Promise<RelayLane> {
    const lane = new RelayLane(plan, index, heard);
    const hash = sha256(lane.#token) as TokenHash;
    const create = { type: "create", logId: lane.#logId, readHash: hash, appendHash: hash } as const;
    await lane.#openSender({ ...create, ownerHash: undefined, admission: new Uint8Array(0) });
    return lane;
  }

  write(bytes: Buffer): void {
    this.#sender?.write(bytes);
  }

  async follow(): Promise<void> {
    this.#following = true;
    const items = [{ logId: this.#logId, readToken: this.#token, from: this.#from }];
    const wire = await this.#open([{ type: "subscribe", items }], "receiver", this.#hearReceiver);
    this.#receiver = wire;
  }

  close(): void {
    this.#closed = true;
    this.#sender?.destroy();
    this.#receiver?.destroy();
  }

  /** Loses both connections, as when the network goes. */
  drop(): void {
    this.#generation += 1;
    const [sender, receiver] = [this.#sender, this.#receiver];
    [this.#sender, this.#receiver] = [undefined, undefined];
    for (const wire of [sender, receiver]) {
      if (wire === undefined) continue;
      wire.ended = nothing;
      wire.destroy();
    }
  }

  /** Opens what {@link drop} lost. */
  async reopen(): Promise<void> {
    await Promise.all([this.#reopenSender(), this.#following ? this.follow() : undefined]);
  }

  async #openSender(...requests: readonly Request[]): Promise<void> {
    this.#sender = await this.#open(requests, "sender", this.#hearSender);
  }

  async #reopenSender(): Promise<void> {
    await this.#openSender();
    this.#heard.reopened();
  }

  readonly #hearSender: Hear = (bytes) =>
    takeFrames(
      bytes,
      (payload, start) => {
        this.#heard.acknowledged(takeAppended(payload, start));
      },
      (pong) => this.#sender?.write(pong),
    );

  readonly #hearReceiver: Hear = (bytes) => takeFrames(bytes, this.#takePushed, (pong) => this.#receiver?.write(pong));

  readonly #takePushed = (payload: Buffer, start: number, end: number): void => {
    takeEntries(payload, start, end, (seq, number, bytes, bodyAt, bodyEnd) => {
      if (!this.frames.isBodyOf(number, bytes, bodyAt, bodyEnd)) throw new RangeError("not the body that was sent");
      this.#from = seq + 1;
      this.#heard.delivered(number);
    });
  };

  async #open(requests: readonly Request[], part: Part, hear: Hear): Promise<Wire> {
    const generation = this.#generation;
    const wire = await openGreeted(this.#place(part), requests, (greeted) => this.#safely(greeted, hear));
    if (this.#closed || generation !== this.#generation) {
      wire.destroy();
      throw new RangeError("dropped while it was opened");
    }
    wire.after = () => {
      this.#heard.told();
    };
    wire.ended = () => {
      this.#lost(part);
    };
    if (!wire.open) this.#lost(part);
    return wire;
  }

  /** A goodbye or a refusal ends the connection, and nothing more, where connections come back. */
  #safely(wire: Wire, hear: Hear): Hear {
    if (!this.#plan.comesBack) return hear;
    return (bytes) => {
      try {
        return hear(bytes);
      } catch (error) {
        if (!(error instanceof ServerClosed || error instanceof AppendRefused)) throw error;
        wire.destroy();
        return bytes.length;
      }
    };
  }

  #lost(part: Part): void {
    if (this.#closed) return;
    if (!this.#plan.comesBack) throw new RangeError(`the relay ended the connection of a ${part}`);
    this.#heard.broken();
    this.#turn += 1;
    const generation = this.#generation;
    const again = (): void => {
      if (this.#closed || generation !== this.#generation) return;
      const opened = part === "sender" ? this.#reopenSender() : this.follow();
      opened.catch(() => {
        this.#turn += 1;
        setTimeout(again, Math.random() * BACK_WITHIN_MS);
      });
    };
    setTimeout(again, Math.random() * BACK_WITHIN_MS);
  }

  /** Where there are several relays, sender and receiver are at different ones. */
  #place(part: Part): Place {
    const { places } = this.#plan;
    const place = places[(this.#turn + (part === "sender" ? 0 : 1)) % places.length];
    if (place === undefined) throw new RangeError("no relay to connect to");
    return place;
  }
}

function nothing(): void {
  // Nothing to do.
}
