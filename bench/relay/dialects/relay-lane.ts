import { initCrypto, sha256, systemRandom } from "@stonechat/crypto/issuer";
import {
  replyFrame,
  requestFrame,
  SOCKET_PATH,
  SUBPROTOCOL,
  type LogId,
  type Request,
  type Token,
  type TokenHash,
} from "@stonechat/protocol";
import type { Heard, Lane, LaneSize, OpenLane } from "../load/lane.ts";
import { frameOf, ServerClosed, takeFrames, upgradeAnswerBytes, upgradeRequest } from "../load/web-socket.ts";
import { Wire, type Hear, type Place } from "../load/wire.ts";
import { AppendFrames, takeAppended, takeEntries } from "./relay-frames.ts";

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

  /** Upgrades, greets and asks, all in one go; resolves when everything is answered. */
  async #open(requests: readonly Request[], part: Part, hear: Hear): Promise<Wire> {
    const place = this.#place();
    const hello: Request = { type: "hello", minVersion: 1, maxVersion: 1 };
    const asked = [hello, ...requests];
    const greeted = Promise.withResolvers<undefined>();
    const wire: Wire = await Wire.open(
      place,
      this.#safely(
        () => wire,
        hearAnswers(asked.length, () => {
          wire.hear = this.#safely(() => wire, hear);
          greeted.resolve(undefined);
        }),
      ),
    );
    wire.ended = () => {
      greeted.reject(new Error("the connection ended before it was greeted"));
    };
    wire.after = () => {
      this.#heard.told();
    };
    wire.write(upgradeRequest(`${place.host}:${String(place.port)}`, SOCKET_PATH, SUBPROTOCOL));
    wire.write(Buffer.concat(asked.map((request, i) => frameOf(requestFrame.encode({ requestId: i + 1, request })))));
    await greeted.promise;
    wire.ended = () => {
      this.#lost(part);
    };
    if (!wire.open) this.#lost(part);
    return wire;
  }

  /** A server's goodbye ends the connection, and nothing more, where connections come back. */
  #safely(wireOf: () => Wire, hear: Hear): Hear {
    if (!this.#plan.comesBack) return hear;
    return (bytes) => {
      try {
        return hear(bytes);
      } catch (error) {
        if (!(error instanceof ServerClosed)) throw error;
        wireOf().destroy();
        return bytes.length;
      }
    };
  }

  #lost(part: Part): void {
    if (this.#closed) return;
    if (!this.#plan.comesBack) throw new RangeError(`the relay ended the connection of a ${part}`);
    this.#turn += 1;
    const again = (): void => {
      if (this.#closed) return;
      const opened = part === "sender" ? this.#reopenSender() : this.follow();
      opened.catch(() => setTimeout(again, Math.random() * BACK_WITHIN_MS));
    };
    setTimeout(again, Math.random() * BACK_WITHIN_MS);
  }

  #place(): Place {
    const place = this.#plan.places[this.#turn % this.#plan.places.length];
    if (place === undefined) throw new RangeError("no relay to connect to");
    return place;
  }
}

/** Hears the answers of the beginning: the handshake's, and then so many replies, none of which may be a refusal. */
function hearAnswers(count: number, done: () => void): Hear {
  let [upgraded, left] = [false, count];
  return (bytes) => {
    let at = 0;
    if (!upgraded) {
      at = upgradeAnswerBytes(bytes);
      if (at === 0) return 0;
      upgraded = true;
    }
    const used = takeFrames(
      bytes.subarray(at),
      (payload, start, end) => {
        const { reply } = replyFrame.decode(new Uint8Array(payload.subarray(start, end)));
        if (reply.type === "error") throw new RangeError(`refused: ${reply.code}`);
        if (reply.type === "subscribed" && reply.outcomes.some(({ type }) => type !== "subscribed"))
          throw new RangeError("a log is not known any more");
        left -= 1;
        if (left === 0) done();
        return left > 0; // behind the last answer another hears
      },
      nothing,
    );
    return at + used;
  };
}

function nothing(): void {
  // Nothing to do.
}
