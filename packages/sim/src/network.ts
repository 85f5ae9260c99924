import type { Http, HttpResponse, SocketEvents, Transport } from "@stonechat/core";
import type { Connection } from "@stonechat/relay";
import type { Counters } from "./counters.ts";
import type { Life } from "./life.ts";
import type { Lots } from "./lots.ts";
import { Pipe } from "./pipe.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SimRelay } from "./sim-relay.ts";

/** How a client's way to the relay is just now. */
export interface Conditions {
  /** Nothing gets through, and nobody is told. */
  blocked: boolean;
  lowMs: number;
  highMs: number;
  bytesPerMs: number;
  /** Connections begun now come to nothing, and nobody is told that either. */
  swallows: boolean;
  /** Chance that a frame ends the connection. */
  cutChance: number;
  /** Chance that a blob request or its answer is lost. */
  lossChance: number;
}

export function goodConditions(): Conditions {
  return { blocked: false, lowMs: 5, highMs: 40, bytesPerMs: 1000, swallows: false, cutChance: 0, lossChance: 0 };
}

/** How long at most a side takes to see that a connection is dead (TCP keep-alive, or the system's word). */
const SLOWEST_NOTICE_MS = 20_000;
/** When a relay gives up a socket that answers no ping. */
const RELAY_NOTICE_MS = { first: 60_000, last: 90_000 } as const;

/** Changes what goes over the wire: a hostile relay. Frames to the client; undefined swallows, several multiply. */
export type Meddle = (frame: Uint8Array) => readonly Uint8Array[];

interface World {
  readonly scheduler: Scheduler;
  readonly lots: Lots;
  readonly counters: Counters;
  readonly relay: SimRelay;
}

/** The way of one process of a client to the relay. */
export class Network {
  readonly #world: World;
  readonly #life: Life;
  readonly #conditions: Conditions;
  readonly #open = new Set<OneSocket>();
  meddle: Meddle = (frame) => [frame];

  constructor(world: World, life: Life, conditions: Conditions) {
    this.#world = world;
    this.#life = life;
    this.#conditions = conditions;
    life.endings.add(() => {
      this.cut();
    });
  }

  /** Something of this process is under way to the relay. */
  get sending(): boolean {
    return [...this.#open].some((socket) => socket.sending);
  }

  /** Ends what is open, as when the radio goes. */
  cut(): void {
    for (const socket of [...this.#open]) socket.cut();
  }

  /** From now on what is open swallows everything, and neither end is told. */
  fallSilent(): void {
    for (const socket of this.#open) socket.fallSilent();
  }

  readonly transport: Transport = {
    canReach: () => true,
    openSocket: (_url, events) => {
      const socket = new OneSocket(
        this.#world,
        this.#life,
        this.#conditions,
        events,
        (frame) => this.meddle(frame),
        () => {
          this.#open.delete(socket);
        },
      );
      this.#open.add(socket);
      return {
        send: (frame) => {
          socket.send(frame);
        },
        close: () => {
          socket.leave();
        },
      };
    },
  };

  readonly http: Http = {
    request: async ({ method, url, headers, body }): Promise<HttpResponse | undefined> => {
      const { scheduler, lots, relay } = this.#world;
      const conditions = this.#conditions;
      const wait = (label: string): Promise<void> =>
        new Promise((resolve) => {
          scheduler.after(lots.between(conditions.lowMs, conditions.highMs), `http ${label} ${this.#life.name}`, () => {
            resolve();
          });
        });
      const lost = (): boolean => !this.#life.alive || conditions.blocked || lots.chance(conditions.lossChance);
      if (!this.#life.alive) return undefined;
      await wait(method);
      if (lost()) return undefined;
      const request = new Request(url, {
        method,
        headers: { ...headers },
        ...(body === undefined ? {} : { body: body.slice() }),
      });
      const response = await scheduler.hold(() =>
        relay.http(method, new URL(url).pathname.split("/").at(-1) ?? "", request),
      );
      await wait("answer");
      return lost() ? undefined : response;
    },
  };
}

/** One connection, with frames under way in both directions. */
class OneSocket {
  readonly #world: World;
  readonly #life: Life;
  readonly #events: SocketEvents;
  readonly #up: Pipe;
  readonly #down: Pipe;
  readonly #conditions: Conditions;
  readonly #forget: () => void;
  #connection: Connection | undefined;
  #clientOpen = true;
  #silent = false;
  #over = false;

  constructor(
    world: World,
    life: Life,
    conditions: Conditions,
    events: SocketEvents,
    meddle: Meddle,
    forget: () => void,
  ) {
    this.#world = world;
    this.#life = life;
    this.#conditions = conditions;
    this.#events = events;
    this.#forget = forget;
    const { scheduler, lots } = world;
    const delay = (bytes: number): number =>
      lots.between(conditions.lowMs, conditions.highMs) + bytes / conditions.bytesPerMs;
    this.#up = new Pipe(scheduler, `up ${life.name}`, delay, (frame) => {
      this.#connection?.receive(frame);
    });
    this.#down = new Pipe(scheduler, `down ${life.name}`, delay, (frame) => {
      if (this.#clientOpen && life.alive)
        for (const shown of meddle(frame)) if (this.#clientOpen) events.onFrame(shown);
      this.#connection?.drained();
    });
    scheduler.after(delay(100), `connect ${life.name}`, () => {
      this.#connect();
    });
  }

  #connect(): void {
    if (this.#over || this.#silent) return;
    if (this.#conditions.swallows) {
      this.fallSilent();
      return;
    }
    if (this.#conditions.blocked) {
      this.cut();
      return;
    }
    const connection = this.#world.relay.connect(
      {
        send: (frame) => {
          if (this.#over) return;
          this.#down.send(frame);
          this.#risk();
        },
        pendingBytes: () => this.#down.pendingBytes,
        close: (code) => {
          this.#close(code);
        },
        pause: () => {
          this.#up.pause();
        },
        resume: () => {
          this.#up.resume();
        },
      },
      () => {
        this.#lostByRelay();
      },
    );
    if (connection === undefined) {
      this.cut();
      return;
    }
    this.#connection = connection;
    if (this.#life.alive && this.#clientOpen) this.#events.onOpen();
  }

  get sending(): boolean {
    return this.#up.inFlight > 0;
  }

  send(frame: Uint8Array): void {
    if (this.#over || !this.#life.alive) return;
    this.#up.send(frame);
    this.#risk();
  }

  /** The client closes: what it has sent still arrives. */
  leave(): void {
    if (this.#over) return;
    if (this.#silent && this.#life.alive) this.#world.counters.add("silence noticed");
    this.#clientOpen = false;
    this.#end(this.#up.inFlight, 0);
  }

  fallSilent(): void {
    if (this.#over || this.#silent) return;
    const { scheduler, lots, counters } = this.#world;
    counters.add("half-open connection");
    this.#silent = true;
    this.#up.cut(0);
    this.#down.cut(0);
    const { first, last } = RELAY_NOTICE_MS;
    scheduler.after(lots.between(first, last), `relay gives up ${this.#life.name}`, () => {
      this.#connection?.closed();
      this.#connection = undefined;
    });
  }

  /** The network ends the connection: a part of what was under way arrives, and each side notices when it does. */
  cut(): void {
    if (this.#over) return;
    const { lots, counters } = this.#world;
    counters.add("connection cut");
    const flying = this.#up.inFlight + this.#down.inFlight;
    const [up, down] = [lots.between(0, this.#up.inFlight), lots.between(0, this.#down.inFlight)];
    if (up + down > 0 && up + down < flying) counters.add("frames half delivered");
    this.#end(up, down);
    this.#tellClient(1006, lots.chance(0.7) ? lots.between(0, 300) : lots.between(0, SLOWEST_NOTICE_MS));
  }

  /** The relay closes properly: the client gets what was sent, then the code. */
  #close(code: number): void {
    if (this.#over) return;
    if (this.#silent) return;
    this.#end(0, this.#down.inFlight);
    this.#tellClient(code, 1);
  }

  /** The relay's process died. */
  #lostByRelay(): void {
    this.#connection = undefined;
    if (this.#over || this.#silent) return;
    this.#end(0, this.#world.lots.between(0, this.#down.inFlight));
    this.#tellClient(1006, this.#world.lots.between(0, 300));
  }

  #end(keepUp: number, keepDown: number): void {
    this.#over = true;
    this.#forget();
    this.#up.cut(keepUp);
    this.#down.cut(keepDown);
    const { scheduler, lots } = this.#world;
    const notice = this.#up.remainingMs + lots.between(0, 2_000);
    scheduler.after(notice, `relay hears the end of ${this.#life.name}`, () => {
      this.#connection?.closed();
      this.#connection = undefined;
    });
  }

  #tellClient(code: number, afterMs: number): void {
    this.#world.scheduler.after(this.#down.remainingMs + afterMs, `end ${this.#life.name}`, () => {
      if (!this.#clientOpen || !this.#life.alive) return;
      this.#clientOpen = false;
      this.#events.onClose(code);
    });
  }

  #risk(): void {
    if (this.#world.lots.chance(this.#conditions.cutChance)) {
      this.#world.scheduler.after(0, `cut ${this.#life.name}`, () => {
        this.cut();
      });
    }
  }
}
