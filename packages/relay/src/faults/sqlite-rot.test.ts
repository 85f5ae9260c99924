import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { initCrypto } from "@stonechat/crypto/issuer";
import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import { expect, test } from "vitest";
import type { DiskImage } from "../testing/faults/disk-model.ts";
import type { FindingKind } from "../testing/faults/findings.ts";
import { flipped } from "../testing/faults/flipped.ts";
import { Journal } from "../testing/faults/journal.ts";
import { Ledger } from "../testing/faults/ledger.ts";
import { discard, openSqliteSubject, unpack } from "../testing/faults/sqlite-subject.ts";
import { Workload } from "../testing/faults/workload.ts";
import { temporaryFolder } from "../testing/relay-fixture.ts";

await initCrypto();
const ROUNDS = 25;
/** One bit is turned in each stretch of so many bytes; in the log, of which each page is written often, fewer. */
const STRETCH_BYTES = 1024;
const LOG_STRETCH_BYTES = 32_768;

type Sort = "refused" | "harmless" | FindingKind;

/** A database, either closed in order or as a killed process leaves it: with its write-ahead log. */
async function atRest(seed: number, killed: boolean): Promise<{ image: DiskImage; ledger: Ledger }> {
  const folder = await temporaryFolder();
  const ledger = new Ledger();
  const journal = new Journal((item) => {
    ledger.note(item);
  });
  const { perform, close } = openSqliteSubject(folder);
  await new Workload(seed).run(journal.over(perform), ROUNDS);
  if (!killed) close();
  const names = readdirSync(folder).filter((name) => !name.endsWith("-shm"));
  const image = new Map(names.map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
  if (killed) close();
  return { image, ledger };
}

/** What becomes of one damaged folder: the worst of what clients see. */
async function judge(image: DiskImage, ledger: Ledger): Promise<Sort> {
  const folder = unpack(image);
  try {
    const { perform, close } = openSqliteSubject(folder);
    try {
      const { findings } = await ledger.examine(perform, "only-read");
      const worst = (["wrong", "invented", "doubled", "lost"] as const).find((one) =>
        findings.some(({ kind }) => kind === one),
      );
      return worst ?? "harmless";
    } finally {
      close();
    }
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return "refused";
  } finally {
    discard(folder);
  }
}

/**
 * SQLite has no checksums in its database, and takes what it cannot read in its log for the torn end of it. So a bit that
 * turned at rest may go unnoticed here: bodies are sealed by clients, who find out; segments find out by themselves. This
 * says how often, and holds that nobody is told anything worse than wrong bytes or nothing.
 */
test("SQLite: a bit that turned is refused, harmless, or left to clients to find", { timeout: 240_000 }, async () => {
  for (const killed of [false, true]) {
    const { image, ledger } = await atRest(21, killed);
    const counts = new Map<Sort, number>();
    for (const { image: rotten } of flipped(
      image,
      killed ? LOG_STRETCH_BYTES : STRETCH_BYTES,
      createSeededFractions(21),
    )) {
      const sort = await judge(rotten, ledger);
      counts.set(sort, (counts.get(sort) ?? 0) + 1);
    }
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const part = [...counts].map(([sort, count]) => `${String(count)} ${sort}`).join(", ");
    process.stdout.write(`sqlite/bit flips${killed ? " with its log" : ""}: ${String(total)} flips: ${part}\n`);
    if (!killed) expect(counts.get("refused")).toBeGreaterThan(0);
    expect(counts.get("harmless")).toBeGreaterThan(0);
    expect(await judge(image, ledger)).toBe("harmless");
  }
});
