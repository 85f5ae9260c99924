import {
  ClientError,
  createClient,
  StorageError,
  type Client,
  type ClientEvent,
  type ClientPorts,
  type FilePort,
  type Sqlite,
} from "@stonechat/core";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { memorySource, type MemorySink } from "@stonechat/testkit/memory-files";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import type { Counters } from "./counters.ts";
import { Life } from "./life.ts";
import type { Lots } from "./lots.ts";
import { goodConditions, Network, type Meddle } from "./network.ts";
import type { Scheduler } from "./scheduler.ts";
import { createSimMls, type MlsRecords } from "./sim-mls.ts";
import type { SimRelay } from "./sim-relay.ts";
import { openProfile, type Profile, type Storage } from "./storage.ts";

/** What all devices of a run share. */
export interface SimWorld {
  readonly seed: number;
  readonly scheduler: Scheduler;
  readonly lots: Lots;
  readonly counters: Counters;
  readonly relay: SimRelay;
  readonly sqlite: Sqlite;
  readonly mls: "fake" | "real";
  readonly storage: Storage;
  readonly records: MlsRecords;
  readonly treePadding: number;
  readonly meddle?: (device: string) => Meddle;
  /** What went wrong; empty at the end of a good run. */
  readonly failures: Set<string>;
}

const RESTART_MS = 20_000;

/** One device: a disk that stays, and one process after another. */
export class Device {
  readonly name: string;
  readonly files: MemoryBlockFiles;
  readonly conditions = goodConditions();
  /** How far the clock is off, in milliseconds. */
  skew = 0;
  client: Client | undefined;
  /** Hex of the account's identity key, once there is one. */
  id = "";
  /** Alarms that were raised: with an honest relay there are none. */
  readonly alarms: string[] = [];
  /** The disk was full at some time: refusals are expected. */
  fullDisk = false;
  /** Nothing more is to break. */
  calm = false;
  /** What it commits nobody can read: whoever owns it runs another program. */
  commitsNonsense = false;
  /** Stays down until told. */
  down = false;
  readonly #world: SimWorld;
  #life: Life | undefined;
  #lives = 0;
  /** The vault was made and opened once. */
  #wasOpen = false;
  #network: Network | undefined;
  #starting = false;
  #stopping = false;

  constructor(world: SimWorld, name: string, number: number) {
    this.#world = world;
    this.name = name;
    this.files = new MemoryBlockFiles(world.seed * 31 + number);
  }

  get running(): boolean {
    return this.client !== undefined;
  }

  /** Starts the program. A crash while it opens is followed by another try. */
  start(): void {
    if (this.running || this.#starting) return;
    if (this.#stopping) {
      this.#world.scheduler.after(1_000, `start ${this.name}`, () => {
        this.start();
      });
      return;
    }
    this.#starting = true;
    this.down = false;
    this.#lives += 1;
    const { scheduler } = this.#world;
    const life = new Life(scheduler, this.name, this.#lives, () => this.skew);
    this.#life = life;
    this.#open(life).then(
      (client) => {
        this.#starting = false;
        if (life.alive) this.client = client;
      },
      (error: unknown) => {
        this.#starting = false;
        if (!life.alive) {
          this.#world.counters.add("crashed while opening");
          return;
        }
        if (!(error instanceof StorageError && this.fullDisk)) this.fail(`does not open: ${describe(error)}`);
        life.end();
        scheduler.after(RESTART_MS, `start ${this.name}`, () => {
          this.start();
        });
      },
    );
  }

  async #open(life: Life): Promise<Client> {
    const { seed, mls, storage, records, treePadding, sqlite, meddle } = this.#world;
    const random = repeatableRandom(`${String(seed)} ${this.name} ${String(life.number)}`);
    const network = new Network(this.#world, life, this.conditions);
    if (meddle !== undefined) network.meddle = meddle(this.name);
    this.#network = network;
    const profile = await openProfile(storage, { files: this.files, clock: life, random }, this.#wasOpen);
    this.#wasOpen = true;
    const client = await opened(profile, {
      filePort,
      clock: life,
      random,
      transport: network.transport,
      http: network.http,
      sqlite,
      mls: createSimMls({
        kind: mls,
        random,
        now: () => life.now(),
        records,
        treePadding,
        nonsense: () => this.commitsNonsense,
      }),
      report: (error) => {
        this.#report(life, error);
      },
    });
    if (!life.alive) {
      client.close().catch(ignore);
      throw new Error("crashed");
    }
    client.onEvent((event) => {
      if (life.alive) this.#hear(event);
    });
    await client.start();
    return client;
  }

  /** The user closes the program. Its timers may still fire, as they may in a real process. */
  async stop(): Promise<void> {
    const { client } = this;
    if (client === undefined) return;
    this.client = undefined;
    this.down = true;
    const [network, life] = [this.#network, this.#life];
    this.#stopping = true;
    try {
      await client.close();
    } catch (error) {
      // A power cut ends it, too.
      if (life?.alive === true) throw error;
    } finally {
      this.#stopping = false;
    }
    network?.cut();
  }

  /** The process or the whole device dies; it is started again later, unless `restart` is false. */
  crash(restart = true): void {
    const life = this.#life;
    if (life?.alive !== true) return;
    const { client } = this;
    const again = restart && !this.down;
    const { scheduler, lots } = this.#world;
    if (this.#network?.sending === true) this.#world.counters.add("crashed while sending");
    life.end();
    this.client = undefined;
    this.#stopping = true;
    // Next event: a disk operation may be what is dying, and its caller has to hear so first.
    scheduler.after(0, `crash ${this.name}`, () => {
      this.#stopping = false;
      this.files.crash(lots.chance(0.3) ? "keep" : "any");
      client?.close().catch(ignore);
      if (again)
        scheduler.after(lots.between(1, RESTART_MS), `start ${this.name}`, () => {
          // The next try meets the same fate now and then.
          if (!this.calm && lots.chance(0.2)) this.crashWhileWriting(lots.between(1, 12));
          this.start();
        });
    });
  }

  /** Dies at one of its next disk operations. */
  crashWhileWriting(withinOperations: number): void {
    const at = this.files.operations + withinOperations;
    this.files.decide = ({ number, kind }) => {
      if (number < at) return undefined;
      this.files.decide = () => "power-cut";
      if (kind !== "flush") this.#world.counters.add("crashed while writing");
      this.crash();
      return "power-cut";
    };
  }

  cut(): void {
    this.#network?.cut();
  }

  /** Its connections swallow everything from now on, and nobody is told. */
  fallSilent(): void {
    this.#network?.fallSilent();
  }

  /** A user does something. What the core refuses in words is fine; anything else is a failure. */
  act(label: string, work: (client: Client) => Promise<unknown>): Promise<void> {
    const { client } = this;
    const life = this.#life;
    if (client === undefined || life === undefined) return Promise.resolve();
    this.#world.scheduler.note(`${this.name} ${label}`);
    return work(client).then(
      () => undefined,
      (error: unknown) => {
        if (!life.alive || this.client !== client) return;
        if (error instanceof ClientError && error.code === "storage-full" && this.fullDisk) {
          this.#world.counters.add("disk full, then not");
          return;
        }
        if (error instanceof ClientError && error.code !== "storage-full" && error.code !== "storage-failed") {
          this.#world.scheduler.note(`${this.name} ${label} refused: ${error.code}`);
          return;
        }
        this.fail(`${label}: ${describe(error)}`);
      },
    );
  }

  fail(what: string): void {
    this.#world.failures.add(`${this.name}: ${what}`);
    this.#world.scheduler.note(`FAILURE ${this.name}: ${what}`);
  }

  #report(life: Life, error: unknown): void {
    if (!life.alive) return;
    if (error instanceof StorageError && error.code === "full" && this.fullDisk) {
      this.#world.counters.add("disk full, then not");
      return;
    }
    this.fail(`reported: ${describe(error)}`);
  }

  #hear(event: ClientEvent): void {
    if (event.type === "alarm") this.alarms.push(event.alarm);
    this.#world.scheduler.note(`${this.name} hears ${event.type}`);
  }
}

/** A client on a profile; closing it closes the profile, too. */
async function opened(profile: Profile, ports: Omit<ClientPorts, keyof Profile>): Promise<Client> {
  try {
    const client = await createClient({ ...profile, ...ports });
    const close = async (): Promise<void> => {
      try {
        await client.close();
      } finally {
        await profile.vault?.close();
      }
    };
    return { ...client, close };
  } catch (error) {
    await profile.vault?.close().catch(ignore);
    throw error;
  }
}

/** `file` is bytes; `target` is a {@link MemorySink}. */
const filePort: FilePort = {
  openSource: (file) => Promise.resolve(memorySource(file as Uint8Array)),
  openSink: (target) => Promise.resolve(target as MemorySink),
};

function ignore(): void {
  // A dead process hears nothing.
}

/** An error with its causes, for who looks for the bug. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : ` <- ${describe(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
