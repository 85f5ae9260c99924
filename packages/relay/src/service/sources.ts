import { MAX_COMMIT_BYTES } from "@stonechat/protocol";
import { TokenBucket } from "@stonechat/serving";
import { APPEND_BURST_SECONDS, type ServiceLimits } from "./limits.ts";

/** What all connections from one address prefix have left to do together. In memory only. */
export class Source {
  /** `undefined` for who comes from nowhere, as in tests: alone, and not counted with others. */
  readonly prefix: string | undefined;
  readonly unknowns: TokenBucket;
  readonly creates: TokenBucket;
  /** In bytes. */
  readonly appends: TokenBucket;
  connections = 0;

  constructor(prefix: string | undefined, limits: ServiceLimits, now: number) {
    this.prefix = prefix;
    this.unknowns = new TokenBucket(limits.unknownBurstPerPrefix, limits.unknownPerSecondPerPrefix, now);
    this.creates = new TokenBucket(limits.createBurstPerPrefix, limits.createsPerSecondPerPrefix, now);
    this.appends = appendBucket(limits.appendBytesPerSecondPerPrefix, now);
  }

  /** Nobody is here, and nothing was taken lately: then it need not be remembered. */
  idle(now: number): boolean {
    return this.connections === 0 && [this.unknowns, this.creates, this.appends].every((bucket) => bucket.full(now));
  }
}

/** Where connections come from. Who leaves and comes again finds his budgets as he left them. */
export class Sources {
  readonly #limits: ServiceLimits;
  readonly #byPrefix = new Map<string, Source>();

  constructor(limits: ServiceLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#byPrefix.size;
  }

  /** A connection has come. When it goes, the caller takes it off {@link Source.connections}. */
  enter(prefix: string | undefined, now: number): Source {
    const known = prefix === undefined ? undefined : this.#byPrefix.get(prefix);
    const source = known ?? new Source(prefix, this.#limits, now);
    if (prefix !== undefined && known === undefined) this.#byPrefix.set(prefix, source);
    source.connections += 1;
    return source;
  }

  /** Call it now and then. */
  sweep(now: number): void {
    for (const [prefix, source] of this.#byPrefix) if (source.idle(now)) this.#byPrefix.delete(prefix);
  }
}

/** Lets the largest entry pass, however little a second is allowed. */
export function appendBucket(bytesPerSecond: number, now: number): TokenBucket {
  return new TokenBucket(Math.max(APPEND_BURST_SECONDS * bytesPerSecond, MAX_COMMIT_BYTES), bytesPerSecond, now);
}
