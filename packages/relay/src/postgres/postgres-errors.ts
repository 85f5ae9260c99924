/**
 * What a failed statement means for whoever asked.
 *
 * - `lost`: the connection or the server went away. Whether the statement took place is not known.
 * - `clash`: another relay was in the way. Nothing took place; the same again will do.
 * - `no-partition`: no table yet for bodies that end on that day.
 * - `full`: the database's disk has no room. Nothing took place.
 * - `broken`: the database says that its own data is damaged.
 * - `other`: our own mistake, or somebody changed the tables.
 */
export type FailureKind = "lost" | "clash" | "no-partition" | "full" | "broken" | "other";

/** PostgreSQL's codes (its manual, appendix A), and those of Node and of the client for connections. */
const KINDS: readonly (readonly [kind: FailureKind, codes: RegExp])[] = [
  // 25006: a standby, so the primary is elsewhere. 53300: too many connections. 57P0x: shutting down, crashed, starting.
  ["lost", /^(08...|25006|53300|57P0[1-5]|CONNECTION_.*|CONNECT_TIMEOUT|E[A-Z_]+)$/],
  ["clash", /^(40001|40003|40P01|55P03|57014|23505|55006)$/],
  ["no-partition", /^23514$/],
  ["full", /^(53100|53000)$/],
  ["broken", /^(XX001|XX002)$/],
];

/** Sorts an error of the client `postgres`. */
export function kindOfFailure(error: unknown): FailureKind {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return "other";
  const { code } = error;
  return KINDS.find(([, codes]) => codes.test(code))?.[0] ?? "other";
}
