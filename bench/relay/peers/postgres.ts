import { startPostgres, whyNoPostgres } from "../../../packages/relay/src/postgres/testing/postgres-server.ts";
import { placeOf } from "../relay-child.ts";
import type { Peer } from "./peer.ts";

/** PostgreSQL as it comes, with room for the connections and for the log of writes. */
export const ROOMY = { max_connections: "300", shared_buffers: "256MB", max_wal_size: "4GB" };

/** Every pair inserts what is ready as one statement of many rows; a notification wakes its receiver, who reads them. */
export const postgres: Peer = {
  name: "PostgreSQL, multi-row inserts + NOTIFY",
  start: async () => {
    if (whyNoPostgres() !== undefined) return undefined;
    const server = await startPostgres({ settings: ROOMY });
    const place = placeOf((await server.database()).replace("postgres://", "http://"));
    return { target: { type: "postgres", place }, stop: () => server.close() };
  },
};
