/** Processor time of one thing that is done, in microseconds: of the thread that can do no second one, and of all. */
export interface Cost {
  readonly main: number;
  readonly all: number;
}

/** A relay over its own store. */
export interface OneProcessCosts {
  /** An entry of 1 KiB: read from the socket, stored, synced, acknowledged. */
  readonly append: Cost;
  /** To one socket that follows the log. */
  readonly push: Cost;
  /** A new socket: TCP accept, handshake, greeting. No TLS. */
  readonly connect: Cost;
  /** Asking for one log, when nothing new is there. */
  readonly subscribe: Cost;
  /** A socket that does nothing, each second. */
  readonly idleSecond: Cost;
  readonly connectionBytes: number;
  /** One connection that follows one log, the log's own row in the table of followers with it. */
  readonly subscriptionBytes: number;
  /** Memory of a log with no entry, and of an entry: what the index keeps. */
  readonly logBytes: number;
  readonly entryBytes: number;
  /** On disk of an entry besides its body. */
  readonly entryDiskBytes: number;
  readonly syncMs: { readonly p50: number; readonly p99: number };
}

/** Several processes with sockets over one with the store. */
export interface FrontsCosts {
  /** At the front whose client appends and the fronts whose clients hear: an entry with one push. */
  readonly frontEntry: Cost;
  /** At the process with the store, for each entry; it tells one other front of it. */
  readonly hubEntry: Cost;
  /** At the process with the store, for each further front that is told, and at that front. */
  readonly hubTold: Cost;
  readonly frontTold: Cost;
  /** At the process with the store: one log asked for, and at the front. */
  readonly hubSubscribe: Cost;
  readonly frontSubscribe: Cost;
}

/** Relays over PostgreSQL and NATS. */
export interface ClusterCosts {
  /** At the relay whose client appends: an entry with one push to its own socket. */
  readonly relayEntry: Cost;
  /** At each other relay, for each entry: the wake-up with its body, and what it finds when it looks for changes. */
  readonly heard: Cost;
  /** The part of {@link heard} that is decoding the wake-up, measured alone. */
  readonly decode: number;
  readonly subscribe: Cost;
  /** At PostgreSQL, all its processes together, in microseconds. */
  readonly row: number;
  readonly batch: number;
  readonly look: number;
  /** One log in the list of changes that every relay reads every two seconds. */
  readonly change: number;
  /** At NATS, to tell two relays of an entry: where those of one turn share a message, and where each log has a subject. */
  readonly natsEntry: number;
  readonly natsSingle: number;
  /** Memory of NATS for one relay's interest in one log's subject. */
  readonly natsInterestBytes: number;
  readonly walBytes: number;
  readonly diskBytes: number;
  readonly batchMs: number;
}

/** What one of each thing costs, all measured in one run on one machine. */
export interface UnitCosts {
  readonly one: OneProcessCosts;
  readonly fronts: FrontsCosts;
  readonly cluster: ClusterCosts;
}
