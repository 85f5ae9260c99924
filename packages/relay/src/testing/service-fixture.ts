import { initCrypto, sha256 } from "@stonechat/crypto/issuer";
import {
  replyFrame,
  requestFrame,
  type EntryId,
  type LogId,
  type PoolId,
  type Reply,
  type ReplyOf,
  type Request,
  type Token,
  type TokenHash,
} from "@stonechat/protocol";
import type { Admission } from "../admission/admission.ts";
import type { LogLine } from "@stonechat/serving";
import type { Lineage } from "../lineage/lineage.ts";
import { MemoryLogStore } from "../logs/memory-log-store.ts";
import { MemoryPoolStore } from "../pools/memory-pool-store.ts";
import type { Connection } from "../service/connection.ts";
import type { ServiceLimits } from "../service/limits.ts";
import { createRelayService, type RelayService } from "../service/relay-service.ts";
import type { Sink } from "../service/sink.ts";

/** 32 bytes, the same for the same number. */
export const logId = (n: number): LogId => new Uint8Array(32).fill(n) as LogId;
export const poolId = (n: number): PoolId => new Uint8Array(32).fill(n) as PoolId;
export const entryId = (n: number): EntryId => new Uint8Array(16).fill(n) as EntryId;
export const token = (name: string): Token => sha256(new TextEncoder().encode(name)) as Token;
export const hashOf = (name: string): TokenHash => sha256(token(name)) as TokenHash;
export const bodyOf = (n: number, length = 8): Uint8Array => new Uint8Array(length).fill(n);
const NO_CODE = new Uint8Array(0);

/** Requests about log `n`, whose epoch `e` has the tokens `read e` and `append e`. */
export const ask = {
  create: (n: number, owner?: string): Request => ({
    type: "create",
    logId: logId(n),
    readHash: hashOf("read 0"),
    appendHash: hashOf("append 0"),
    ownerHash: owner === undefined ? undefined : hashOf(owner),
    admission: NO_CODE,
  }),
  append: (n: number, entry: number, epoch = 0, length = 8): Request => ({
    type: "append",
    logId: logId(n),
    appendToken: token(`append ${String(epoch)}`),
    entryId: entryId(entry),
    ttlSeconds: 1000,
    body: bodyOf(entry, length),
  }),
  commit: (n: number, entry: number, epoch = 0): Request => ({
    type: "commit",
    logId: logId(n),
    appendToken: token(`append ${String(epoch)}`),
    entryId: entryId(entry),
    body: bodyOf(entry),
    nextReadHash: hashOf(`read ${String(epoch + 1)}`),
    nextAppendHash: hashOf(`append ${String(epoch + 1)}`),
  }),
  read: (n: number, epoch = 0, from = 0, limit = 100): Request => ({
    type: "read",
    logId: logId(n),
    readToken: token(`read ${String(epoch)}`),
    from,
    limit,
  }),
  subscribe: (n: number, epoch = 0, from = 0): Request => ({
    type: "subscribe",
    items: [{ logId: logId(n), readToken: token(`read ${String(epoch)}`), from }],
  }),
  put: (n: number, keyPackages: readonly number[], lastResort?: number): Request => ({
    type: "pool-put",
    poolId: poolId(n),
    ownerToken: token("owner"),
    takeHash: hashOf("take"),
    keyPackages: keyPackages.map((k) => bodyOf(k)),
    lastResort: lastResort === undefined ? undefined : bodyOf(lastResort),
    admission: NO_CODE,
  }),
  take: (n: number, name = "take"): Request => ({ type: "pool-take", poolId: poolId(n), takeToken: token(name) }),
};

/** A client without a network: frames go straight into its {@link Connection}. `pending` plays an unread buffer. */
export class DirectClient {
  readonly pushed: ReplyOf<"entries">[] = [];
  readonly connection: Connection;
  closedWith: number | undefined;
  paused = false;
  pending = 0;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #nextId = 1;

  /** @param prefix - Where it comes from. Default: from nowhere that anybody else comes from. */
  constructor(service: RelayService, prefix?: string) {
    const sink: Sink = {
      send: (frame) => {
        const { requestId, reply } = replyFrame.decode(frame);
        if (requestId === 0 && reply.type === "entries") this.pushed.push(reply);
        this.#waiting.get(requestId)?.(reply);
        this.#waiting.delete(requestId);
      },
      pendingBytes: () => this.pending,
      close: (code) => {
        this.closedWith ??= code;
      },
      pause: () => {
        this.paused = true;
      },
      resume: () => {
        this.paused = false;
      },
    };
    this.connection = service.connect(sink, prefix);
  }

  ask(request: Request): Promise<Reply> {
    const requestId = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve) => {
      this.#waiting.set(requestId, resolve);
      this.connection.receive(requestFrame.encode({ requestId, request }));
    });
  }

  /** Positions of all entries pushed so far. */
  get seqs(): readonly number[] {
    return this.pushed.flatMap(({ entries }) => entries.map(({ seq }) => seq));
  }
}

/** A service over memory stores, with a clock of its own. */
export async function serviceFixture(
  options: {
    readonly limits?: Partial<ServiceLimits>;
    readonly admission?: Admission;
    readonly lineage?: Lineage;
  } = {},
) {
  await initCrypto();
  const time = { now: 1_800_000_000_000 };
  const lines: LogLine[] = [];
  const store = new MemoryLogStore({ logQuotaBytes: 10_000_000, commitHeadroomBytes: 1_000_000 });
  const pools = new MemoryPoolStore();
  const service = createRelayService({
    store,
    pools,
    clock: { now: () => time.now },
    log: (line) => {
      lines.push(line);
    },
    ...options,
  });
  const greet = async (prefix?: string): Promise<DirectClient> => {
    const client = new DirectClient(service, prefix);
    await client.ask({ type: "hello", minVersion: 1, maxVersion: 1 });
    return client;
  };
  return { service, store, pools, time, lines, greet };
}

/** Lets everything that is ready run, without waiting on a clock. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
