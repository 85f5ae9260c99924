import postgres from "postgres";
import type { Parameter, Row } from "./columns.ts";
import { kindOfFailure } from "./postgres-errors.ts";

/** Runs one statement. Settles when its changes are durable. */
export type Ask = (text: string, parameters?: readonly Parameter[]) => Promise<readonly Row[]>;

/** How many statements may run at once. */
const CONNECTIONS = 8;
const CONNECT_TIMEOUT_SECONDS = 5;
/** The server gives up a statement after this; the client soon after, should it not hear of that. */
const STATEMENT_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 15_000;

/** A statement got no answer in time: the network may be gone without a word. */
class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  readonly code = "ETIMEDOUT";
}

/** A few connections to one server. When one of them fails, end the session and begin another. */
export class PostgresSession {
  readonly #sql: postgres.Sql;

  constructor(url: string) {
    this.#sql = postgres(url, {
      max: CONNECTIONS,
      connect_timeout: CONNECT_TIMEOUT_SECONDS,
      // Nothing is looked up behind our back, and failures are retried where it is known what they mean.
      fetch_types: false,
      backoff: () => 0,
      onnotice: () => undefined,
      connection: {
        application_name: "stonechat-relay",
        statement_timeout: STATEMENT_TIMEOUT_MS,
        idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
        // Statements are written so that indexes carry them; statistics of a table that was small a minute ago mislead.
        plan_cache_mode: "force_generic_plan",
        enable_seqscan: "off",
        jit: "off",
      },
    });
  }

  readonly ask: Ask = (text, parameters = []) => inTime(this.#send(this.#sql, text, parameters));

  /**
   * Everything or nothing of `work`.
   *
   * The library rolls back whatever failed, also on a line that is gone; what it then writes ends the process. So it does not
   * hear of a lost line: its transaction ends with the connection.
   */
  async transaction<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    const { promise: lost, reject } = Promise.withResolvers<never>();
    const done = this.#sql.begin(async (sql) => {
      try {
        return await work((text, parameters = []) => this.#send(sql, text, parameters));
      } catch (error) {
        if (kindOfFailure(error) !== "lost") throw error;
        reject(error);
        return await Promise.withResolvers<never>().promise;
      }
    });
    const result = await inTime(Promise.race([done, lost]));
    return result as T; // `begin` unwraps arrays of promises, which no work of ours returns
  }

  /** Lets statements under way finish. */
  async end(): Promise<void> {
    await this.#sql.end();
  }

  /** Whatever is under way fails. */
  abandon(): void {
    // It rejects when the connections are gone already; nobody waits for it.
    this.#sql.end({ timeout: 0 }).catch(() => undefined);
  }

  async #send(
    sql: postgres.Sql | postgres.TransactionSql,
    text: string,
    parameters: readonly Parameter[],
  ): Promise<readonly Row[]> {
    if (parameters.length === 0) return await sql.unsafe(text);
    return await sql.unsafe(text, [...parameters], { prepare: true });
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new NoAnswerError("no answer in time"));
  }, ANSWER_TIMEOUT_MS);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
