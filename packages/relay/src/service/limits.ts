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
  /** The same for who asks from one address prefix, so that one of them leaves something for the others. */
  readonly poolTakeBurstPerPrefix: number;
  readonly poolTakeSecondsPerPrefix: number;
  /** Logs and pools made, and refusals `unknown`, by all connections from one address prefix: to connect anew must not pay. */
  readonly createBurstPerPrefix: number;
  readonly createsPerSecondPerPrefix: number;
  readonly unknownBurstPerPrefix: number;
  readonly unknownPerSecondPerPrefix: number;
  /** Bodies that one connection, one log and one address prefix may append; a short one counts as {@link MIN_APPEND_BYTES}. */
  readonly appendBytesPerSecond: number;
  readonly appendBytesPerSecondPerLog: number;
  readonly appendBytesPerSecondPerPrefix: number;
}

/** What an append counts as at least: it costs more than its bytes. */
export const MIN_APPEND_BYTES = 1024;
/** How many seconds' worth of appends may come at once. */
export const APPEND_BURST_SECONDS = 10;

const DAY = 24 * 3600;
const MIB = 1024 * 1024;

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
  poolTakeBurstPerPrefix: 20,
  poolTakeSecondsPerPrefix: 120,
  createBurstPerPrefix: 20_000,
  createsPerSecondPerPrefix: 50,
  unknownBurstPerPrefix: 20_000,
  unknownPerSecondPerPrefix: 100,
  appendBytesPerSecond: 4 * MIB,
  appendBytesPerSecondPerLog: 4 * MIB,
  appendBytesPerSecondPerPrefix: 64 * MIB,
};
