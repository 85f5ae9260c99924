/** Sizes, times and counts that the relay holds its clients to. */
export interface ServiceLimits {
  readonly retentionSeconds: number;
  readonly commitRetentionSeconds: number;
  readonly maxBlobBytes: number;
  /** A new connection must say `hello` within this time. */
  readonly helloMs: number;
  /** Requests of one connection that are worked on at a time; then the relay stops reading from it. */
  readonly maxInFlight: number;
  /** Bytes of those requests; a read counts as the page it may bring. */
  readonly maxInFlightBytes: number;
  /** Unsent bytes to one connection above which pushing stops and the log is read again later. */
  readonly maxPendingBytes: number;
  /** How long a connection may leave the above unread before it is closed. */
  readonly tooSlowMs: number;
  /** Logs one connection may be subscribed to. */
  readonly maxSubscriptions: number;
  /** The same for all connections together. */
  readonly maxSubscriptionsInAll: number;
  /** Logs and pools one connection may make: so many at once, so many a second. */
  readonly createBurst: number;
  readonly createsPerSecond: number;
  /** Refusals `unknown` per connection: so many at once, so many a second. Guessing ids is hopeless; this ends the noise. */
  readonly unknownBurst: number;
  readonly unknownPerSecond: number;
  /** Takes from one pool: so many at once, one more each so many seconds. */
  readonly poolTakeBurst: number;
  readonly poolTakeSeconds: number;
}

const DAY = 24 * 3600;

export const defaultLimits: ServiceLimits = {
  retentionSeconds: 30 * DAY,
  commitRetentionSeconds: 90 * DAY,
  maxBlobBytes: 2 * 1024 ** 3,
  helloMs: 10_000,
  maxInFlight: 256,
  maxInFlightBytes: 4 * 1024 * 1024,
  maxPendingBytes: 512 * 1024,
  tooSlowMs: 30_000,
  maxSubscriptions: 10_000,
  maxSubscriptionsInAll: 1_000_000,
  createBurst: 1000,
  createsPerSecond: 5,
  unknownBurst: 5000,
  unknownPerSecond: 10,
  poolTakeBurst: 60,
  poolTakeSeconds: 30,
};
