import type { EntryId, LogId, PoolId, Token, TokenHash } from "@stonechat/protocol";
import { createSeededFractions, type SeededFractions } from "@stonechat/testkit/seeded-fractions";
import type { Outcome } from "../../store/operations.ts";
import type { Add, OpenLog } from "./log-record.ts";
import type { Perform, StoreOperation } from "./perform.ts";
import { TokenBook } from "./token-book.ts";

/** The workload's clock begins here, in milliseconds since 1970. It knows no other. */
export const WORKLOAD_EPOCH = 1_800_000_000_000;
const ROUND_MS = 1000;
const LONG_TTL_MS = 1_000_000_000;
const SHORT_TTL_ROUNDS = 4;
const HASH_BYTES = 32;
const ID_BYTES = 16;
const SMALL_BODY_BYTES = 300;

/** How much of everything. */
export interface WorkloadSize {
  readonly logs: number;
  /** The most entries added to one log in one round. */
  readonly perLog: number;
  /** Now and then a body has up to so many bytes. */
  readonly largeBody: number;
  /** Some entries live for a few rounds only, and are erased. */
  readonly expiring: boolean;
  readonly pools: boolean;
}

export const SMALL_WORKLOAD: WorkloadSize = { logs: 3, perLog: 2, largeBody: 6000, expiring: true, pools: true };

interface Writing {
  readonly log: OpenLog;
  appendHash: TokenHash;
  readHash: TokenHash;
  alive: boolean;
  /** The latest expiry in this log: a commit lives as long as what stands before it, so that this can be read. */
  latest: number;
  last: Add | undefined;
}

/**
 * What clients of a store do, by lot and by what they are answered: make logs, write, commit, try again, read, destroy,
 * fill pools and take from them, and let things expire. The same seed and the same answers give the same operations.
 */
export class Workload {
  now = WORKLOAD_EPOCH;
  readonly #random: SeededFractions;
  readonly #size: WorkloadSize;
  readonly #tokens: TokenBook;
  readonly #writings: Writing[] = [];
  readonly #pool: { readonly poolId: PoolId; readonly ownerHash: TokenHash; readonly takeHash: TokenHash };
  #round = 0;

  constructor(seed: number, size: WorkloadSize = SMALL_WORKLOAD, tokens = new TokenBook()) {
    this.#random = createSeededFractions(seed);
    this.#size = size;
    this.#tokens = tokens;
    const [poolId, ownerHash, takeHash] = [this.#bytes(HASH_BYTES), this.#hash(), this.#hash()];
    this.#pool = { poolId: poolId as PoolId, ownerHash, takeHash };
  }

  /** Goes on in these logs too. */
  adopt(logs: readonly OpenLog[]): void {
    for (const log of logs) this.#add(log, WORKLOAD_EPOCH + LONG_TTL_MS);
  }

  /** Runs so many rounds; the operations of a round are asked at once. */
  async run(perform: Perform, rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all(
        this.next().map(async (operation) => {
          this.heard(operation, await perform(operation));
        }),
      );
    }
  }

  /** The operations of the next round. */
  next(): readonly StoreOperation[] {
    this.#round += 1;
    this.now += ROUND_MS;
    const operations: StoreOperation[] = [];
    if (this.#round === 1) {
      for (let n = 0; n < this.#size.logs; n += 1) operations.push(this.#create());
      if (this.#size.pools) operations.push(this.#put(6));
      return operations;
    }
    for (const writing of this.#writings) if (writing.alive) operations.push(...this.#write(writing));
    if (this.#size.pools && this.#chance(0.5)) operations.push({ type: "pool-take", ...this.#pool });
    if (this.#size.pools && this.#chance(0.15)) operations.push(this.#put(1 + Math.floor(this.#random() * 4)));
    if (this.#size.expiring && this.#chance(0.25)) operations.push({ type: "expire", now: this.now, maxEntries: 3 });
    if (this.#chance(0.15)) operations.push(...this.#destroyOrRenew());
    return operations;
  }

  /** Tells what was answered. Whoever is not told, does not go on with it. */
  heard(operation: StoreOperation, outcome: Outcome): void {
    if (operation.type === "create" && outcome.type === "created") {
      const { logId, appendHash, readHash, ownerHash } = operation;
      this.#add({ logId, appendHash, readHash, ownerHash }, this.now);
    }
    if (operation.type === "destroy" && outcome.type === "destroyed") {
      for (const writing of this.#writings) if (writing.log.logId === operation.logId) writing.alive = false;
    }
    if (operation.type === "commit" && outcome.type === "appended") {
      const writing = this.#writings.find(({ alive, log }) => alive && log.logId === operation.logId);
      if (writing === undefined) return;
      writing.appendHash = operation.nextAppendHash;
      writing.readHash = operation.nextReadHash;
    }
  }

  #add(log: OpenLog, latest: number): void {
    const { appendHash, readHash } = log;
    this.#writings.push({ log, appendHash, readHash, alive: true, latest, last: undefined });
  }

  #write(writing: Writing): StoreOperation[] {
    const operations: StoreOperation[] = [];
    const count = Math.floor(this.#random() * (this.#size.perLog + 1));
    for (let n = 0; n < count; n += 1) operations.push(this.#append(writing));
    if (this.#chance(0.15)) operations.push(this.#commit(writing));
    // Too late for this epoch if the commit before it was stored.
    if (this.#chance(0.2)) operations.push(this.#append(writing));
    const { last, log, readHash } = writing;
    if (last !== undefined && this.#chance(0.15)) operations.push(last);
    if (this.#chance(0.2)) {
      operations.push({
        type: "read",
        logId: log.logId,
        readHash,
        from: 0,
        limit: 50,
        maxBytes: 100_000,
        now: this.now,
      });
    }
    return operations;
  }

  #append(writing: Writing): StoreOperation {
    const short = this.#size.expiring && this.#chance(0.25);
    const ttl = short ? ROUND_MS * (1 + Math.floor(this.#random() * SHORT_TTL_ROUNDS)) : LONG_TTL_MS;
    const append = {
      type: "append",
      logId: writing.log.logId,
      appendHash: writing.appendHash,
      entryId: this.#bytes(ID_BYTES) as EntryId,
      expiresAt: this.now + ttl,
      body: this.#body(),
    } as const;
    writing.latest = Math.max(writing.latest, append.expiresAt);
    if (!short) writing.last = append;
    return append;
  }

  #commit({ log, appendHash, latest }: Writing): StoreOperation {
    return {
      type: "commit",
      logId: log.logId,
      appendHash,
      entryId: this.#bytes(ID_BYTES) as EntryId,
      expiresAt: Math.max(latest, this.now + ROUND_MS),
      body: this.#body(),
      nextReadHash: this.#hash(),
      nextAppendHash: this.#hash(),
    };
  }

  #create(logId: LogId = this.#bytes(HASH_BYTES) as LogId): StoreOperation {
    return { type: "create", logId, readHash: this.#hash(), appendHash: this.#hash(), ownerHash: this.#hash() };
  }

  #put(count: number): StoreOperation {
    return {
      type: "pool-put",
      ...this.#pool,
      keyPackages: Array.from({ length: count }, () => this.#body()),
      lastResort: this.#chance(0.5) ? this.#body() : undefined,
      create: true,
    };
  }

  /** Makes a log again under an id that was destroyed, or a new one, or destroys one. */
  #destroyOrRenew(): StoreOperation[] {
    const dead = this.#writings.findIndex(({ alive }) => !alive);
    if (dead >= 0) {
      const [writing] = this.#writings.splice(dead, 1);
      return [this.#create(this.#chance(0.5) ? writing?.log.logId : undefined)];
    }
    const writing = this.#writings[Math.floor(this.#random() * this.#writings.length)];
    const ownerHash = writing?.log.ownerHash;
    if (writing === undefined || ownerHash === undefined) return [];
    return [{ type: "destroy", logId: writing.log.logId, ownerHash }];
  }

  #body(): Uint8Array {
    const most = this.#chance(0.1) ? this.#size.largeBody : SMALL_BODY_BYTES;
    return this.#bytes(ID_BYTES + Math.floor(this.#random() * most));
  }

  #hash(): TokenHash {
    return this.#tokens.add(this.#bytes(HASH_BYTES) as Token);
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** Four bytes from each number: most of the work is here. */
  #bytes(length: number): Uint8Array {
    const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => this.#random() * 2 ** 32);
    return new Uint8Array(words.buffer, 0, length).slice();
  }
}
