import type { Row } from "../row.ts";
import type { Scale } from "./scale.ts";

type Part = (scale: Scale) => Promise<Row[]>;

/** What `npm run bench -- relay PART…` can name. Each is imported when its turn comes. */
const PARTS: Readonly<Record<string, () => Promise<Part>>> = {
  throughput: async () => (await import("./parts/throughput.ts")).benchThroughput,
  latency: async () => (await import("./parts/latency.ts")).benchLatency,
  appends: async () => (await import("./parts/appends.ts")).benchAppends,
  backlog: async () => (await import("./parts/backlog.ts")).benchBacklog,
  idle: async () => (await import("./parts/idle.ts")).benchIdle,
  crowd: async () => (await import("./parts/crowd.ts")).benchCrowd,
  stored: async () => (await import("./parts/stored.ts")).benchStored,
  expiry: async () => (await import("./parts/expiry.ts")).benchExpiry,
  logs: async () => (await import("./parts/logs.ts")).benchLogs,
  cluster: async () => (await import("./parts/cluster.ts")).benchCluster,
};

/** Everything in the size of the targets; without it smaller, so that all of it takes a few minutes. */
const FULL = "full";

/** Relays and stores under test use this one, where a part does not say otherwise. */
const STORES = ["sqlite", "segments"];
const STORE_SETTING = "STONECHAT_RELAY_STORE";

/** The words that may follow `relay`. */
export const RELAY_WORDS: readonly string[] = [...Object.keys(PARTS), FULL, ...STORES];

/** The relay over its real sockets, beside the disk, an echo and what people would run instead. A part that fails says so. */
export async function benchRelay(words: readonly string[]): Promise<Row[]> {
  const scale = { full: words.includes(FULL) };
  const store = words.find((word) => STORES.includes(word));
  if (store !== undefined) process.env[STORE_SETTING] = store; // every process that is started inherits it
  const named = words.filter((word) => PARTS[word] !== undefined);
  const rows: Row[] = [];
  for (const [name, load] of Object.entries(PARTS)) {
    if (named.length > 0 && !named.includes(name)) continue;
    const startedAt = performance.now();
    process.stderr.write(`${name} … `);
    try {
      const part = await load();
      rows.push(...(await part(scale)));
      process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(0)} s, `);
    } catch (error) {
      process.stderr.write(`failed\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    }
  }
  return rows;
}
