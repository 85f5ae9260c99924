import {
  CLOSE_CODES,
  MAX_RUNS,
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  replyFrame,
  requestFrame,
  WireError,
  type Reply,
  type ReplyOf,
  type Request,
  type Run,
} from "@stonechat/protocol";
import type { Random } from "@stonechat/crypto";
import type { Clock, Timer } from "../ports/clock.ts";
import type { Socket, Transport } from "../ports/transport.ts";
import { Heartbeat } from "./heartbeat.ts";

/** The relay cannot be reached now, or the connection ended before it answered. What was asked may or may not have happened. */
export class RelayUnavailable extends Error {
  override readonly name = "RelayUnavailable";
}

export type LinkState = "closed" | "connecting" | "online" | "offline" | "outdated";

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 60_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** A way that swallows everything lets a connection neither come to be nor fail; nor does the relay's welcome come. */
const STAGE_TIMEOUT_MS = 20_000;
/** Changes nothing, is answered without a look at the store, has one size, and every relay knows it. */
const SIGN_OF_LIFE: Request = { type: "unsubscribe", logIds: [] };
const HELLO_ID = 1;
/** From this version on a relay tells its runs. */
const LINEAGE_VERSION = 2;
/** Runs that are asked for while the connection holds: more than can begin between two questions. */
const NEWEST_RUNS = 8;
/** What was taken in is guarded by the relay's newest run, of which we hear so long after it. */
const ASK_RUNS_MS = 5 * 60_000;

export interface LinkEvents {
  onState(state: LinkState): void;
  /** A page of a subscribed log. */
  onEntries(page: ReplyOf<"entries">): void;
  /** Whether pages that the relay holds are still to come. */
  isBehind(): boolean;
  /**
   * What the relay tells of its runs: before it is `online`, and some minutes after it gave us something.
   * @returns Whether it was put back, which ends a connection that was online. A rejection ends the connection.
   */
  onRuns(runs: readonly Run[]): Promise<boolean>;
}

/**
 * The one connection to one relay: handshake, requests and their answers, and coming back after the network was gone.
 * Retries with full jitter, doubling from 0.5 s to 60 s, so that a relay's restart is not followed by everybody at once.
 */
export class RelayLink {
  readonly url: string;
  readonly #ports: { readonly transport: Transport; readonly clock: Clock; readonly random: Random };
  readonly #events: LinkEvents;
  readonly #pending = new Map<
    number,
    {
      readonly resolve: (reply: Reply) => void;
      readonly reject: (error: Error) => void;
      readonly timer: Timer;
    }
  >();
  #socket: Socket | undefined;
  #state: LinkState = "closed";
  #nextId = HELLO_ID + 1;
  #failures = 0;
  #retry: Timer | undefined;
  /** While it connects: until the stage that it is in must be over. */
  #stage: Timer | undefined;
  readonly #heartbeat: Heartbeat;
  #welcome: ReplyOf<"welcome"> | undefined;
  #asking = false;

  constructor(
    url: string,
    ports: { readonly transport: Transport; readonly clock: Clock; readonly random: Random },
    events: LinkEvents,
  ) {
    this.url = url;
    this.#ports = ports;
    this.#events = events;
    this.#heartbeat = new Heartbeat(ports, {
      ask: () => {
        this.#socket?.send(requestFrame.encode({ requestId: this.#takeId(), request: SIGN_OF_LIFE }));
      },
      isBehind: () => events.isBehind(),
      onSilence: () => {
        this.#drop();
      },
    });
  }

  get state(): LinkState {
    return this.#state;
  }

  /** What the relay said of itself; undefined until it was reached once. */
  get welcome(): ReplyOf<"welcome"> | undefined {
    return this.#welcome;
  }

  open(): void {
    if (this.#state !== "closed") return;
    this.#connect();
  }

  close(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.#end();
    this.#become("closed");
  }

  /** Connects at once if it was waiting to. A connection that is there is asked for a sign of life. */
  hurry(): void {
    this.#heartbeat.hurry();
    if (this.#retry === undefined) return;
    this.#retry.cancel();
    this.#connect();
  }

  /**
   * Asks, and resolves to the answer.
   *
   * @param onReply - Called with it before any later frame is looked at: the promise may settle after that.
   * @throws RelayUnavailable
   */
  request<T extends Reply["type"]>(
    request: Request,
    expected: T,
    onReply?: (reply: ReplyOf<T> | ReplyOf<"error">) => void,
  ): Promise<ReplyOf<T> | ReplyOf<"error">> {
    if (this.#state !== "online") return Promise.reject(new RelayUnavailable());
    return this.#ask(request, expected, onReply);
  }

  #ask<T extends Reply["type"]>(
    request: Request,
    expected: T,
    onReply?: (reply: ReplyOf<T> | ReplyOf<"error">) => void,
  ): Promise<ReplyOf<T> | ReplyOf<"error">> {
    const id = this.#takeId();
    return new Promise((resolve, reject) => {
      const timer = this.#ports.clock.setTimer(REQUEST_TIMEOUT_MS, () => {
        this.#drop();
      });
      this.#pending.set(id, {
        timer,
        reject,
        resolve: (reply) => {
          if (reply.type === expected || reply.type === "error") {
            onReply?.(reply as ReplyOf<T>);
            resolve(reply as ReplyOf<T>);
          } else {
            reject(new RelayUnavailable());
            this.#drop();
          }
        },
      });
      this.#socket?.send(requestFrame.encode({ requestId: id, request }));
    });
  }

  #takeId(): number {
    const id = this.#nextId;
    this.#nextId = id >= 0xffff_ffff ? HELLO_ID + 1 : id + 1;
    return id;
  }

  /** Calls `work` after `delayMs`, if this connection holds until then. */
  later(delayMs: number, work: () => void): void {
    const socket = this.#socket;
    this.#ports.clock.setTimer(delayMs, () => {
      if (this.#socket === socket && this.#state === "online") work();
    });
  }

  #connect(): void {
    this.#retry = undefined;
    this.#become("connecting");
    const socket: Socket = this.#ports.transport.openSocket(this.url, {
      onOpen: () => {
        if (this.#socket !== socket) return;
        this.#limitStage();
        const request = { type: "hello", minVersion: OLDEST_PROTOCOL_VERSION, maxVersion: PROTOCOL_VERSION } as const;
        socket.send(requestFrame.encode({ requestId: HELLO_ID, request }));
      },
      onFrame: (frame) => {
        if (this.#socket === socket) this.#receive(frame);
      },
      onClose: (code) => {
        if (this.#socket === socket) this.#lost(code);
      },
    });
    this.#socket = socket;
    this.#limitStage();
  }

  #limitStage(): void {
    this.#stage?.cancel();
    this.#stage = this.#ports.clock.setTimer(STAGE_TIMEOUT_MS, () => {
      this.#drop();
    });
  }

  #receive(frame: Uint8Array): void {
    this.#heartbeat.heard();
    let decoded;
    try {
      decoded = replyFrame.decode(frame);
    } catch (error) {
      // A relay that talks nonsense is left; nothing it said is acted on.
      if (!(error instanceof WireError)) throw error;
      this.#drop();
      return;
    }
    const { requestId, reply } = decoded;
    if (requestId === 0) {
      if (reply.type !== "entries") return;
      this.#events.onEntries(reply);
      this.#askRunsLater();
      return;
    }
    if (requestId === HELLO_ID) {
      if (reply.type !== "welcome") {
        this.#drop();
        return;
      }
      this.#stage?.cancel();
      this.#welcome = reply;
      this.#greeted(reply);
      return;
    }
    const pending = this.#pending.get(requestId);
    if (pending === undefined) return;
    this.#pending.delete(requestId);
    pending.timer.cancel();
    pending.resolve(reply);
  }

  /** Nothing is asked of a relay before it has said which state it stands on. */
  #greeted({ version }: ReplyOf<"welcome">): void {
    const socket = this.#socket;
    const goOn = (): void => {
      if (this.#socket !== socket || this.#state !== "connecting") return;
      this.#failures = 0;
      this.#asking = false;
      this.#heartbeat.start();
      this.#become("online");
    };
    if (version < LINEAGE_VERSION) goOn();
    else this.#askRuns(MAX_RUNS).then(goOn, this.#dropIf(socket));
  }

  #dropIf(socket: Socket | undefined): () => void {
    return () => {
      if (this.#socket === socket) this.#drop();
    };
  }

  async #askRuns(limit: number): Promise<boolean> {
    const reply = await this.#ask({ type: "lineage", limit }, "lineage");
    if (reply.type === "error") throw new RelayUnavailable();
    const ordered = reply.runs.every(({ number }, i) => i === 0 || number > (reply.runs[i - 1]?.number ?? 0));
    if (!ordered) throw new RelayUnavailable();
    return this.#events.onRuns(reply.runs);
  }

  #askRunsLater(): void {
    if (this.#asking || (this.#welcome?.version ?? 0) < LINEAGE_VERSION) return;
    this.#asking = true;
    const socket = this.#socket;
    this.later(ASK_RUNS_MS, () => {
      this.#asking = false;
      this.#askRuns(NEWEST_RUNS).then((putBack) => {
        if (putBack) this.#dropIf(socket)();
      }, this.#dropIf(socket));
    });
  }

  #drop(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    socket.close();
    this.#lost(1006);
  }

  #lost(code: number): void {
    this.#socket = undefined;
    this.#end();
    const limit = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    this.#retry = this.#ports.clock.setTimer(limit * (0.5 + this.#fraction() / 2), () => {
      this.#connect();
    });
    this.#become(code === CLOSE_CODES.unsupportedVersion ? "outdated" : "offline");
  }

  /** Nothing of the connection that was is waited for any more. */
  #end(): void {
    this.#stage?.cancel();
    this.#heartbeat.stop();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject, timer } of pending) {
      timer.cancel();
      reject(new RelayUnavailable());
    }
  }

  #fraction(): number {
    const [a = 0, b = 0] = this.#ports.random.bytes(2);
    return (a * 256 + b) / 65_536;
  }

  #become(state: LinkState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#events.onState(state);
  }
}
