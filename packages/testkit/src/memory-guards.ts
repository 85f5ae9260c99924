import {
  Admission,
  Counters,
  createGuardService,
  guardRecord,
  MAX_GUESSES,
  MemoryGuardStore,
  type Decision,
  type Generation,
  type GuardRecord,
  type GuardSnapshot,
  type GuardStore,
  type Known,
} from "@stonechat/guard";
import { kemKeyPairFromSeed, openGuardReply, sha256, type KemKeyPair, type Random } from "@stonechat/crypto";
import { openGuardRequest, sealGuardReply } from "@stonechat/crypto/guard";
import {
  decodeFixedSize,
  encodeFixedSize,
  guardList,
  guardReply,
  guardRequest,
  sealedGuardRequest,
  toHex,
  type GuardAnswer,
  type GuardDescription,
  type GuardList,
  type GuardOperation,
  type RecordId,
} from "@stonechat/protocol";
import { repeatableRandom } from "./repeatable-random.ts";

/** How {@link MemoryGuards} are made. */
export interface MemoryGuardsOptions {
  readonly count?: number;
  readonly threshold?: number;
  readonly seed?: string | number;
  /** Milliseconds since 1970; also stands for the clock that cannot be set. */
  readonly clock?: { now(): number };
}

/** What a guard was asked and what it said, opened. */
export interface GuardExchange {
  readonly operation: GuardOperation;
  readonly answer: GuardAnswer;
}

/** Several guards without a network behind one port: the real machine and the real sealing, with faults on demand. */
export class MemoryGuards {
  readonly guards: readonly MemoryGuard[];
  readonly list: GuardList;
  /** What relays publish that have no guards: switch it on for them all. */
  listed = true;
  /** The port: `MemoryGuards` is what stands behind it. */
  readonly transport: {
    list(relayUrl: string): Promise<Uint8Array | undefined>;
    send(guard: { readonly id: string }, body: Uint8Array): Promise<Uint8Array | undefined>;
  };

  constructor({ count = 3, threshold = 2, seed = "guards", clock = { now: () => 0 } }: MemoryGuardsOptions = {}) {
    this.guards = Array.from(
      { length: count },
      (_, at) => new MemoryGuard(at + 1, repeatableRandom(`${String(seed)}/${String(at)}`), clock),
    );
    this.list = { threshold, guards: this.guards.map(({ description }) => description) };
    const byId = new Map(this.guards.map((guard) => [guard.id, guard]));
    this.transport = {
      list: async () => (this.listed ? guardList.encode(this.list) : undefined),
      send: async ({ id }, body) => byId.get(id)?.receive(body),
    };
  }

  /** The guard of that place, from 0. @throws RangeError if there is none. */
  guard(at: number): MemoryGuard {
    const guard = this.guards[at];
    if (guard === undefined) throw new RangeError("no such guard");
    return guard;
  }
}

/** What a lying guard says instead of the truth. */
export type Lie = "wrong evaluation" | "wrong secret" | "denies match" | "denies record" | "garbage";

/** One of {@link MemoryGuards}, with its switches. */
export class MemoryGuard {
  readonly id: string;
  readonly description: GuardDescription;
  /** Nothing reaches it. */
  down = false;
  lie: Lie | undefined;
  /** Counts nothing and overwrites nothing: it works for the thief. */
  colluding = false;
  /** Answers only when this settles. */
  slow: Promise<void> | undefined;
  /** Requests that reached this place, also those that were then lost. */
  calls = 0;
  /** Every request that it opened. */
  readonly exchanges: GuardExchange[] = [];
  #losing: { readonly call: number; readonly what: "request" | "reply" } | undefined;
  readonly #random: Random;
  readonly #key: KemKeyPair;
  readonly #store = new MemoryGuardStore();
  readonly #serve: (body: Uint8Array) => Promise<Uint8Array | undefined>;

  constructor(number: number, random: Random, clock: { now(): number }) {
    this.#random = random;
    this.#key = kemKeyPairFromSeed(random.bytes(32));
    this.id = toHex(sha256(this.#key.publicKey));
    const name = `Guard ${String(number)}`;
    const url = `https://guard${String(number)}.example`;
    this.description = { name, operator: `Operator ${String(number)}`, url, publicKey: this.#key.publicKey };
    const limits = { maxRecords: 1e6, registrationsPerDay: 1e6, registrationsPerDayPerPrefix: 1e6 };
    const service = createGuardService({
      store: new MeddlingStore(this.#store, () => this.colluding),
      key: this.#key,
      admission: new Admission(limits),
      counters: new Counters(),
      clock: { now: () => clock.now(), monotonic: () => clock.now() },
      random,
    });
    this.#serve = (body) => service.serve(body, "");
  }

  /** The request of the `nth` call from now on, counted from 1, never arrives. */
  loseRequest(nth = 1): void {
    this.#losing = { call: this.calls + nth, what: "request" };
  }

  /** The `nth` call from now on, counted from 1, is carried out, and its reply never arrives. */
  loseReply(nth = 1): void {
    this.#losing = { call: this.calls + nth, what: "reply" };
  }

  snapshot(): GuardSnapshot {
    return this.#store.snapshot();
  }

  restore(snapshot: GuardSnapshot): void {
    this.#store.restore(snapshot);
  }

  /** All that lies in the store, decoded. */
  records(): readonly GuardRecord[] {
    return [...this.#store.snapshot().values()]
      .filter((kept) => kept !== "dead")
      .map((kept) => guardRecord.decode(kept));
  }

  async receive(body: Uint8Array): Promise<Uint8Array | undefined> {
    this.calls += 1;
    const losing = this.#losing?.call === this.calls ? this.#losing.what : undefined;
    if (this.slow !== undefined) await this.slow;
    if (this.down || losing === "request") return undefined;
    const sealed = await this.#serve(body);
    if (sealed === undefined) return undefined;
    const reply = this.#note(body, sealed);
    return losing === "reply" ? undefined : reply;
  }

  /** Writes down what was said, and puts a lie in its place if told to. */
  #note(body: Uint8Array, sealed: Uint8Array): Uint8Array {
    const { plaintext, replyKey } = openGuardRequest(this.#key.privateKey, sealedGuardRequest.decode(body).sealed);
    const { operation } = decodeFixedSize(guardRequest, plaintext);
    const { nonce, answer } = decodeFixedSize(guardReply, openGuardReply(replyKey, sealed));
    const said = this.lie === undefined ? answer : lieAbout(operation, answer, this.lie);
    this.exchanges.push({ operation, answer: said });
    if (this.lie === "garbage") return new Uint8Array(sealed.length).fill(7);
    return sealGuardReply(replyKey, encodeFixedSize(guardReply, { nonce, answer: said }), this.#random);
  }
}

function lieAbout(operation: GuardOperation, answer: GuardAnswer, lie: Lie): GuardAnswer {
  if (operation.type === "evaluate" && answer.type === "evaluated" && lie === "wrong evaluation") {
    // What an evaluation under the key 1 gives.
    return { ...answer, evaluatedElement: operation.blindedElement };
  }
  if (answer.type === "opened" && lie === "wrong secret") return { ...answer, secret: new Uint8Array(32).fill(9) };
  if (answer.type === "opened" && lie === "denies match") return { type: "closed" };
  if (answer.type !== "done" && lie === "denies record") return { type: "refused", reason: "denied" };
  return answer;
}

/** Forgets to count and to overwrite while `colluding` says so. */
class MeddlingStore implements GuardStore {
  readonly #store: GuardStore;
  readonly #colluding: () => boolean;

  constructor(store: GuardStore, colluding: () => boolean) {
    this.#store = store;
    this.#colluding = colluding;
  }

  get records(): number {
    return this.#store.records;
  }

  get failed(): Promise<Error> {
    return this.#store.failed;
  }

  async update<T>(id: RecordId, decide: (known: Known) => Decision<T>): Promise<T> {
    return this.#store.update(id, (known) => {
      const { change, answer } = decide(known);
      if (!this.#colluding() || known.type !== "alive") return { change, answer };
      if (change.type === "destroy") return { change: { type: "none" }, answer };
      if (change.type === "none") return { change, answer };
      return { change: { type: "put", record: undone(known.record, change.record) }, answer };
    });
  }

  async close(): Promise<void> {
    await this.#store.close();
  }
}

/** The record after, with the guesses and the pads that it had before. */
function undone(before: GuardRecord, after: GuardRecord): GuardRecord {
  const padsOf = (now: Generation, then: Generation | undefined): Generation =>
    then?.number !== now.number
      ? now
      : { ...now, entries: now.entries.map((entry, at) => ({ ...entry, pad: padAt(then, entry, at) })) };
  const { prepared } = after;
  return {
    ...after,
    guessesLeft: MAX_GUESSES,
    current: padsOf(after.current, before.current),
    prepared: prepared === undefined ? undefined : padsOf(prepared, before.prepared),
  };
}

function padAt(then: Generation, now: Generation["entries"][number], at: number): Uint8Array {
  const entry = then.entries[at];
  return entry !== undefined && toHex(entry.tagHash) === toHex(now.tagHash) ? entry.pad : now.pad;
}
