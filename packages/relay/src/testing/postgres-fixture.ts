import { afterAll, beforeAll } from "vitest";
import {
  startPostgres,
  whyNoPostgres,
  type PostgresServer,
  type PostgresServerOptions,
} from "../postgres/testing/postgres-server.ts";

const START_TIMEOUT_MS = 60_000;

/** Says once why the tests of PostgreSQL are left out here. */
export function postgresMissing(): boolean {
  const why = whyNoPostgres();
  if (why !== undefined) process.stderr.write(`skipped: ${why}\n`);
  return why !== undefined;
}

/** One server for all tests of a file. Call it inside the `describe` that needs it. */
export function postgresForAll(options?: PostgresServerOptions): () => PostgresServer {
  let server: PostgresServer | undefined;
  beforeAll(async () => {
    server = await startPostgres(options);
  }, START_TIMEOUT_MS);
  afterAll(() => server?.close(), START_TIMEOUT_MS);
  return () => {
    if (server === undefined) throw new Error("the server has not started yet");
    return server;
  };
}
