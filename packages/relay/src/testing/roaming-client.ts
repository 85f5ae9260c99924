import { randomBytes } from "node:crypto";
import type { EntryId, LogId, Request, Token } from "@stonechat/protocol";
import { FrameClient } from "./frame-client.ts";

/** A log that roaming clients share; its one epoch has these tokens. */
export interface SharedLog {
  readonly logId: LogId;
  readonly readToken: Token;
  readonly appendToken: Token;
}

/** An entry that the relay acknowledged. */
export interface Acknowledged {
  readonly log: number;
  readonly entryId: string;
  readonly seq: number;
}

const PAUSE_MS = 20;
/** A relay that does not answer is left for the next one. */
const ANSWER_MS = 8000;

/**
 * A client that follows some logs, writes to one, and goes to another relay when its own is gone or busy. What it wrote
 * without getting an answer it writes again, under the same id. It keeps a ledger of both.
 */
export class RoamingClient {
  readonly acknowledged: Acknowledged[] = [];
  /** Ids of what came of each log, in the order in which it came. */
  readonly received: string[][];
  /** What should not happen: an entry out of its place. */
  readonly faults: string[] = [];
  readonly #urls: () => readonly string[];
  readonly #logs: readonly SharedLog[];
  readonly #own: number;
  readonly #body: Uint8Array;
  readonly #onNews: () => void;
  #at: number;
  #client: FrameClient | undefined;
  #taken = 0;
  #writing = true;
  #following = true;
  readonly #work: Promise<unknown>;

  constructor(options: {
    readonly urls: () => readonly string[];
    readonly logs: readonly SharedLog[];
    readonly own: number;
    readonly at: number;
    readonly bodyBytes: number;
    readonly onNews: () => void;
  }) {
    this.#urls = options.urls;
    this.#logs = options.logs;
    this.#own = options.own;
    this.#at = options.at;
    this.#body = new Uint8Array(randomBytes(options.bodyBytes));
    this.#onNews = options.onNews;
    this.received = options.logs.map(() => []);
    this.#work = Promise.all([this.#follow(), this.#write()]);
  }

  /** Writes no more; resolves when what was begun is acknowledged. Goes on following. */
  async finishWriting(): Promise<void> {
    this.#writing = false;
    while (this.#unanswered) await pause();
  }

  async close(): Promise<void> {
    this.#writing = false;
    this.#following = false;
    this.#client?.socket.terminate();
    await this.#work;
  }

  #unanswered = false;

  async #write(): Promise<void> {
    const { logId, appendToken } = this.#logs[this.#own] ?? fail();
    while (this.#writing) {
      const entryId = new Uint8Array(randomBytes(16)) as Uint8Array as EntryId;
      this.#unanswered = true;
      const append: Request = { type: "append", logId, appendToken, entryId, ttlSeconds: 86_400 * 7, body: this.#body };
      for (;;) {
        const reply = await this.#try(append);
        if (reply?.type === "appended") {
          this.acknowledged.push({ log: this.#own, entryId: keyOf(entryId), seq: reply.seq });
          break;
        }
        if (!this.#following) return;
        await pause();
      }
      this.#unanswered = false;
      this.#onNews();
    }
  }

  async #try(request: Request) {
    const client = this.#client;
    if (client === undefined) return undefined;
    try {
      const reply = await inTime(client.ask(request));
      if (reply.type === "error" && reply.code !== "busy") this.faults.push(`refused: ${reply.code}`);
      return reply;
    } catch {
      // Gone or silent: #follow finds another relay.
      client.socket.terminate();
      return undefined;
    }
  }

  /** Keeps a connection that follows all logs from where we are. */
  async #follow(): Promise<void> {
    while (this.#following) {
      const urls = this.#urls();
      const client = await FrameClient.open(urls[this.#at % urls.length] ?? "").catch(() => undefined);
      this.#at += 1;
      if (client !== undefined) await this.#listen(client);
      this.#client = undefined;
      if (this.#following) await pause();
    }
  }

  async #listen(client: FrameClient): Promise<void> {
    const items = this.#logs.map(({ logId, readToken }, n) => ({
      logId,
      readToken,
      from: this.received[n]?.length ?? 0,
    }));
    this.#taken = 0;
    const reply = await inTime(client.ask({ type: "subscribe", items })).catch(() => undefined);
    if (reply?.type !== "subscribed" || !this.#following) {
      client.socket.terminate();
      return;
    }
    this.#client = client;
    const listening = client.pushedUntil(() => {
      this.#take(client);
      return false;
    });
    await listening.catch(() => undefined); // it was closed
    this.#take(client);
  }

  #take(client: FrameClient): void {
    for (; this.#taken < client.pushed.length; this.#taken += 1) {
      const page = client.pushed[this.#taken] ?? fail();
      const n = this.#logs.findIndex(({ logId }) => keyOf(logId) === keyOf(page.logId));
      const received = this.received[n] ?? fail();
      for (const { seq, entryId } of page.entries) {
        if (seq !== received.length) this.faults.push(`position ${String(seq)} came at ${String(received.length)}`);
        received.push(keyOf(entryId));
      }
    }
    this.#onNews();
  }
}

/** How the ledgers of clients compare with each other: nothing lost, nothing doubled. */
export interface LedgerReport {
  readonly acknowledged: number;
  /** Acknowledged, but not at its place in what some client received. */
  readonly lost: number;
  /** In a log more than once. */
  readonly doubled: number;
  readonly faults: readonly string[];
}

/** Compares what was acknowledged to anyone with what came to everyone. */
export function compareLedgers(clients: readonly RoamingClient[]): LedgerReport {
  const acknowledged = clients.flatMap((client) => client.acknowledged);
  let lost = 0;
  let doubled = 0;
  for (const { received } of clients) {
    for (const { log, entryId, seq } of acknowledged) if (received[log]?.[seq] !== entryId) lost += 1;
    for (const ids of received) doubled += ids.length - new Set(ids).size;
  }
  return { acknowledged: acknowledged.length, lost, doubled, faults: clients.flatMap(({ faults }) => faults) };
}

/** Whether every client has everything that was acknowledged to anyone. */
export function caughtUp(clients: readonly RoamingClient[]): boolean {
  const ends: number[] = [];
  for (const { log, seq } of clients.flatMap(({ acknowledged }) => acknowledged)) {
    ends[log] = Math.max(ends[log] ?? 0, seq + 1);
  }
  return clients.every(({ received }) => received.every((ids, n) => ids.length >= (ends[n] ?? 0)));
}

function keyOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

function fail(): never {
  throw new RangeError("no such log");
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PAUSE_MS);
  });
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error("no answer"));
  }, ANSWER_MS);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
