/**
 * `npm run bench [-- GROUP…]`: measures, beside baselines of the same run, prints a table and writes it as JSON to
 * `bench/results`. No pass or fail: a machine's mood is no defect. Groups: relay, scale, core, storage, page, and as `vault` together
 * screen, unlock, slots, guard. Behind `relay` its parts may be named, and `full`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { benchRelay, RELAY_WORDS } from "./relay/relay.ts";
import { isReached, ratioOf, type Row } from "./row.ts";
import { formatTable } from "./table.ts";

/** Imported when their turn comes: what one needs is not in the memory of the others. */
const GROUPS: Readonly<Record<string, () => Promise<Row[]>>> = {
  relay: async () => benchRelay(relayWords),
  guard: async () => (await import("./guard.ts")).benchGuard(),
  core: async () => [
    ...(await (await import("./mls.ts")).benchMls()),
    ...(await (await import("./client.ts")).benchClient()),
  ],
  storage: async () => (await import("./storage.ts")).benchStorage(),
  screen: async () => (await import("./vault-screen.ts")).benchVaultScreen(),
  unlock: async () => (await import("./vault-unlock.ts")).benchUnlock(),
  slots: async () => (await import("./vault-storage.ts")).benchVaultStorage(),
  scale: async () => (await import("./scale/scale.ts")).benchScale(),
  page: async () => (await import("./page.ts")).benchPage(),
};

/** Names for several groups. */
const SETS: Readonly<Record<string, readonly string[]>> = { vault: ["screen", "unlock", "slots", "guard"] };

const words = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const relayWords = words.includes("relay") ? words.filter((word) => RELAY_WORDS.includes(word)) : [];
const asked = words.filter((word) => !relayWords.includes(word)).flatMap((name) => SETS[name] ?? [name]);
const unknown = asked.filter((name) => GROUPS[name] === undefined);
if (unknown.length > 0) {
  console.error(
    `No such group: ${unknown.join(", ")}. There are: ${[...Object.keys(GROUPS), ...Object.keys(SETS)].join(", ")}.`,
  );
  process.exit(2);
}

const groups: { readonly name: string; readonly rows: readonly Row[]; readonly failure?: string }[] = [];
for (const [name, run] of Object.entries(GROUPS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const startedAt = performance.now();
  process.stderr.write(`${name} … `);
  try {
    groups.push({ name, rows: await run() });
    process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
  } catch (error) {
    // One group that cannot run here (no browser, say) leaves the others their say.
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    groups.push({ name, rows: [], failure });
    process.stderr.write(`failed\n${failure}\n`);
  }
}

for (const { name, rows, failure } of groups) {
  console.log(`\n${name}${failure === undefined ? "" : ": failed, see above"}`);
  if (rows.length > 0) console.log(formatTable(rows));
}
console.log(`\nWritten to ${writeResults()}`);
process.exit(0);

function writeResults(): string {
  const folder = join(import.meta.dirname, "results");
  mkdirSync(folder, { recursive: true });
  const time = new Date().toISOString();
  const file = join(folder, `${time.replaceAll(":", "-")}.json`);
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem(), node: process.version };
  const withVerdicts = groups.map(({ rows, ...group }) => ({
    ...group,
    rows: rows.map((row) => ({ ...row, ratio: ratioOf(row), reached: isReached(row) })),
  }));
  writeFileSync(file, `${JSON.stringify({ time, machine, groups: withVerdicts }, undefined, 2)}\n`);
  return file;
}
