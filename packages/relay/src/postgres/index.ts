/** What tools use of a relay's database. Apart from the rest, so that who has none loads no client of it. */
export { createSharedAdmissionCode } from "./postgres-admission.ts";
export { parsePostgresUrl } from "./postgres-url.ts";
export { PostgresStore, type PostgresStoreOptions } from "./postgres-store.ts";
