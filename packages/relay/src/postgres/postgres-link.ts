import { describeError, type Log } from "@stonechat/serving";
import { StoreFailedError } from "../store/relay-store.ts";
import { StoreUnavailableError } from "../store/store-unavailable.ts";
import {
  NewerDatabaseError,
  prepareDatabase,
  requireDurability,
  takesWrites,
  UnsafeDatabaseError,
} from "./postgres-checks.ts";
import { kindOfFailure } from "./postgres-errors.ts";
import { PostgresSession, type Ask } from "./postgres-session.ts";

/** Longer than a killed server usually takes to come back: who is told `busy` waits for some seconds more on his own. */
const PATIENCE_MS = 10_000;
/** Pauses between tries to connect grow from the one to the other. */
const MIN_PAUSE_MS = 20;
const MAX_PAUSE_MS = 100;
const CLASH_PAUSE_MS = 5;

/** This server is a standby. */
class ReadOnlyServerError extends Error {
  override readonly name = "ReadOnlyServerError";
  readonly code = "25006"; // as PostgreSQL itself would say
}

export interface PostgresLinkOptions {
  /** One URL a server; the first that takes writes is used, and after a failure the next. */
  readonly urls: readonly string[];
  readonly log: Log;
  /** How long a question waits for the database to come back before it is answered that it cannot be reached. */
  readonly patienceMs?: number;
}

/** What a piece of work is given. */
export interface Attempt {
  readonly ask: Ask;
  readonly transaction: PostgresSession["transaction"];
}

/**
 * The way to a database that may go away and come back, on the same server or another. Questions that can be asked twice
 * are asked again; the others fail with {@link StoreUnavailableError}.
 */
export class PostgresLink {
  readonly failed: Promise<StoreFailedError>;
  readonly #urls: readonly string[];
  readonly #log: Log;
  readonly #patienceMs: number;
  readonly #fail: (error: StoreFailedError) => void;
  #failure: StoreFailedError | undefined;
  #server = 0;
  #session: PostgresSession | undefined;
  #connecting: Promise<PostgresSession> | undefined;
  #awaySince: number | undefined;
  #closed = false;

  private constructor({ urls, log, patienceMs = PATIENCE_MS }: PostgresLinkOptions) {
    this.#patienceMs = patienceMs;
    this.#urls = urls;
    this.#log = log;
    const { promise, resolve } = Promise.withResolvers<StoreFailedError>();
    this.failed = promise;
    this.#fail = resolve;
  }

  /** Connects, checks what durability needs, and prepares the tables. @throws what the checks and the network throw. */
  static async open(options: PostgresLinkOptions): Promise<PostgresLink> {
    const link = new PostgresLink(options);
    let refused: unknown;
    while (link.#server < options.urls.length) {
      try {
        link.#session = await link.#greet();
        return link;
      } catch (error) {
        refused = error;
        link.#server += 1;
      }
    }
    throw refused;
  }

  /** For what may be done twice without harm: repeated until it is answered, or until patience ends. */
  repeat<T>(work: (attempt: Attempt) => Promise<T>): Promise<T> {
    return this.#run(work, true);
  }

  /** For what must not be done twice: once sent, a lost connection makes it fail. */
  once<T>(work: (attempt: Attempt) => Promise<T>): Promise<T> {
    return this.#run(work, false);
  }

  /** Finishes what is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#connecting?.catch(() => undefined); // whoever waited for it has heard of it
    await this.#session?.end();
  }

  async #run<T>(work: (attempt: Attempt) => Promise<T>, repeatable: boolean): Promise<T> {
    const deadline = performance.now() + this.#patienceMs;
    for (;;) {
      const session = await this.#reach(deadline);
      try {
        return await work({ ask: session.ask, transaction: (inside) => session.transaction(inside) });
      } catch (error) {
        const kind = kindOfFailure(error);
        if (kind === "broken") throw this.#failWith(error);
        if (kind === "lost") this.#drop(session, error);
        else if (kind !== "clash") throw error;
        if ((kind === "lost" && !repeatable) || performance.now() > deadline)
          throw new StoreUnavailableError({ cause: error });
        if (kind === "clash") await pause(CLASH_PAUSE_MS);
      }
    }
  }

  /** A session that has been greeted. While the database is away for longer than patience lasts, nobody waits for it. */
  async #reach(deadline: number): Promise<PostgresSession> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closed) throw new StoreUnavailableError();
    if (this.#session !== undefined) return this.#session;
    const connecting = this.#reconnect();
    const away = this.#awaySince;
    const left = Math.min(deadline, away === undefined ? Infinity : away + this.#patienceMs) - performance.now();
    const reached = await Promise.race([connecting, pause(Math.max(0, left))]);
    if (reached === undefined) throw new StoreUnavailableError();
    return reached;
  }

  /** Forgets a session whose connection failed. Others that used it find out by themselves. */
  #drop(session: PostgresSession, cause: unknown): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    session.abandon();
    if (this.#closed) return;
    this.#awaySince = performance.now();
    this.#log({ level: "warn", event: "database-lost", ...describeError(cause) });
    // Nobody may be waiting for it now; who asks next hears how it ended.
    this.#reconnect().catch(() => undefined);
  }

  #reconnect(): Promise<PostgresSession> {
    this.#connecting ??= this.#tryServers().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /** Tries one server after the other until one answers. Fails only if the link was closed, or must not go on. */
  async #tryServers(): Promise<PostgresSession> {
    for (let wait = MIN_PAUSE_MS; ; wait = Math.min(MAX_PAUSE_MS, wait * 2)) {
      if (this.#closed) throw new StoreUnavailableError();
      try {
        this.#session = await this.#greet();
        this.#awaySince = undefined;
        this.#log({ level: "info", event: "database-back" });
        return this.#session;
      } catch (error) {
        if (error instanceof UnsafeDatabaseError || error instanceof NewerDatabaseError) throw this.#failWith(error);
        this.#server += 1;
        await pause(wait);
      }
    }
  }

  async #greet(): Promise<PostgresSession> {
    const session = new PostgresSession(this.#urls[this.#server % this.#urls.length] ?? "");
    try {
      if (!(await takesWrites(session.ask))) throw new ReadOnlyServerError("the server is a standby");
      await requireDurability(session.ask);
      await prepareDatabase(session);
      return session;
    } catch (error) {
      session.abandon();
      throw error;
    }
  }

  #failWith(cause: unknown): StoreFailedError {
    this.#failure ??= new StoreFailedError("storage failed", { cause });
    this.#fail(this.#failure);
    return this.#failure;
  }
}

/** Resolves with nothing after a while. */
function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, undefined);
  });
}
