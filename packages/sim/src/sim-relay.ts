import type { HttpRequest, HttpResponse } from "@stonechat/core";
import {
  createBlobHandlers,
  createRelayService,
  MemoryBlobStore,
  MemoryLogStore,
  MemoryPoolStore,
  openAdmission,
  type AppendEntry,
  type AppendOutcome,
  type BlobHandlers,
  type CommitEntry,
  type Connection,
  type LogStore,
  type PoolStore,
  type PutPool,
  type RelayService,
  type Sink,
} from "@stonechat/relay";
import type { Counters } from "./counters.ts";
import type { Lots } from "./lots.ts";
import type { Scheduler } from "./scheduler.ts";

const GIB = 1024 ** 3;
const LIMITS = { logQuotaBytes: 100_000_000, commitHeadroomBytes: 10_000_000 };
const METHODS = { POST: "announce", PATCH: "write", HEAD: "status", GET: "read", DELETE: "remove" } as const;
const TICK_MS = 5_000;

/** One body that the relay was given to keep, and where. */
export interface Kept {
  readonly logId: Uint8Array;
  readonly kind: "message" | "commit";
  readonly body: Uint8Array;
}

/** The real relay service on stores in memory, that can lose its power. */
export class SimRelay {
  readonly store = new MemoryLogStore(LIMITS, (work) => {
    this.#later(work);
  });
  readonly pools = new MemoryPoolStore((work) => {
    this.#later(work);
  });
  readonly blobs = new MemoryBlobStore({ totalBytes: GIB });
  /** Every body that any store was given, whether it was synced or not. */
  readonly kept: Kept[] = [];
  /** Everything else that was stored as it came: KeyPackages and parts of blobs. */
  readonly keptBytes: Uint8Array[] = [];
  readonly puts = new Map<string, PutPool>();
  /** Longest time that a sync takes. */
  syncMs = 5;
  internalErrors = 0;
  readonly #scheduler: Scheduler;
  readonly #lots: Lots;
  readonly #counters: Counters;
  readonly #handlers: BlobHandlers;
  readonly #sockets = new Set<() => void>();
  #service: RelayService | undefined;
  #asked = 0;

  constructor(scheduler: Scheduler, lots: Lots, counters: Counters) {
    this.#scheduler = scheduler;
    this.#lots = lots;
    this.#counters = counters;
    this.#service = this.#start();
    this.#handlers = createBlobHandlers({
      blobs: this.blobs,
      admission: openAdmission,
      clock: { now: () => scheduler.now },
      counters: this.#service.counters,
      maxBlobBytes: GIB,
      retentionSeconds: 30 * 86_400,
    });
    this.#tick();
  }

  /** @returns Undefined while the relay is down. */
  connect(sink: Sink, lost: () => void): Connection | undefined {
    const connection = this.#service?.connect(sink);
    if (connection !== undefined) this.#sockets.add(lost);
    return connection;
  }

  async http(method: HttpRequest["method"], id: string, request: Request): Promise<HttpResponse | undefined> {
    if (this.#service === undefined) return undefined;
    if (method === "PATCH") this.keptBytes.push(new Uint8Array(await request.clone().arrayBuffer()));
    const response = await this.#handlers[METHODS[method]](id, request);
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, body: bytes };
  }

  /** The power fails: what was not synced is gone, or all of it happened and nobody was told. It comes back after `downMs`. */
  crash(downMs: number): void {
    if (this.#service === undefined) return;
    const synced = this.#lots.chance(0.5);
    if (this.#asked > 0) this.#counters.add("relay crashed with requests unanswered");
    if (this.#asked > 0 && synced) this.#counters.add("relay kept what it had not acknowledged");
    this.#asked = 0;
    this.store.crash(synced);
    this.pools.crash(synced);
    this.#service = undefined;
    for (const lost of [...this.#sockets]) lost();
    this.#sockets.clear();
    this.#scheduler.after(downMs, "relay starts", () => {
      this.#service ??= this.#start();
    });
  }

  /** Erases what has expired, as the janitor does every second. */
  async expire(): Promise<void> {
    await this.store.expire(this.#scheduler.now, 1_000_000);
    await this.blobs.expire(this.#scheduler.now, 1_000_000);
  }

  #later(work: () => void): void {
    this.#scheduler.after(this.#lots.between(0, this.syncMs), "sync", work);
  }

  #tick(): void {
    this.#scheduler.after(TICK_MS, "tick", () => {
      this.#service?.tick();
      this.#tick();
    });
  }

  #start(): RelayService {
    const clock = { now: () => this.#scheduler.now };
    return createRelayService({
      store: this.#watchLogs(),
      pools: this.#watchPools(),
      clock,
      log: ({ level }) => {
        if (level === "error") this.internalErrors += 1;
      },
    });
  }

  #watchLogs(): LogStore {
    const { store } = this;
    const note = (kind: "message" | "commit", entry: AppendEntry): void => {
      this.kept.push({ logId: entry.logId, kind, body: entry.body });
    };
    return {
      create: (log) => this.#ask(store.create(log)),
      append: (entry: AppendEntry) => {
        note("message", entry);
        return this.#appended(store.append(entry), "message");
      },
      commit: (entry: CommitEntry) => {
        note("commit", entry);
        return this.#appended(store.commit(entry), "commit");
      },
      read: (what) => store.read(what),
      destroy: (log) => this.#ask(store.destroy(log)),
      expire: (now, most) => store.expire(now, most),
      stats: () => store.stats(),
    };
  }

  #watchPools(): PoolStore {
    const { pools } = this;
    return {
      put: (what) => {
        this.keptBytes.push(...what.keyPackages, ...(what.lastResort === undefined ? [] : [what.lastResort]));
        this.puts.set(Buffer.from(what.poolId).toString("hex"), what);
        return this.#ask(pools.put(what));
      },
      take: async (what) => {
        const outcome = await this.#ask(pools.take(what));
        if (outcome.type === "taken" && outcome.lastResort) this.#counters.add("last-resort KeyPackage used");
        return outcome;
      },
      status: (what) => pools.status(what),
    };
  }

  async #appended(asked: Promise<AppendOutcome>, kind: "message" | "commit"): Promise<AppendOutcome> {
    const outcome = await this.#ask(asked);
    if (outcome.type === "appended" && outcome.duplicate) this.#counters.add("duplicate dropped by the relay");
    if (outcome.type === "stale-epoch")
      this.#counters.add(kind === "commit" ? "commit race lost" : "message refused by a stale epoch");
    return outcome;
  }

  async #ask<T>(asked: Promise<T>): Promise<T> {
    this.#asked += 1;
    const outcome = await asked;
    this.#asked = Math.max(0, this.#asked - 1);
    return outcome;
  }
}
