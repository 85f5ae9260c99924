import { readFileSync } from "node:fs";
import { join } from "node:path";
import { initCrypto } from "@stonechat/crypto/issuer";
import { expect, test } from "vitest";
import type { DiskEvent } from "../testing/faults/disk-model.ts";
import { powerCuts } from "../testing/faults/power-cuts.ts";
import { discard, openSqliteSubject, unpack } from "../testing/faults/sqlite-subject.ts";
import { noStrace, traced } from "../testing/faults/strace.ts";
import { parseRecording, RECORDING } from "../testing/faults/strace-recording.ts";
import { Tally } from "../testing/faults/tally.ts";
import { temporaryFolder } from "../testing/relay-fixture.ts";

await initCrypto();
const IMAGES = Number(process.env["STONECHAT_POWER_CUTS"] ?? 2000);
const ROUNDS = 24;
const CHILD = new URL("../testing/faults/sqlite-process.ts", import.meta.url);

const absent = noStrace();
if (absent !== undefined) process.stdout.write(`SQLite's power cuts skipped: ${absent}\n`);

async function record(seed: number, manner: string): Promise<readonly DiskEvent[]> {
  const folder = await temporaryFolder();
  const beside = await temporaryFolder();
  const [trace, journal] = [join(beside, "trace"), join(beside, "journal")];
  const { code } = await traced([...RECORDING, "-o", trace], CHILD, [
    folder,
    journal,
    String(seed),
    String(ROUNDS),
    manner,
  ]);
  expect(code).toBe(0);
  return parseRecording(readFileSync(trace, "latin1"), folder, journal);
}

/** Opens each image as the relay would after the power is back. */
async function crashLoop(tally: Tally, events: readonly DiskEvent[], images: number, seed: number): Promise<void> {
  for (const { image, ledger, where } of powerCuts(events, { images, seed })) {
    const folder = unpack(image);
    try {
      const { perform, close } = openSqliteSubject(folder);
      tally.add(ledger.acknowledged, await ledger.examine(perform, "thorough"), where);
      close();
    } catch (error) {
      const what = error instanceof Error ? error.message : "it does not open";
      tally.add(ledger.acknowledged, { findings: [{ kind: "lost", what }] }, where);
    } finally {
      discard(folder);
    }
  }
}

test.skipIf(absent !== undefined)(
  "SQLite: whatever a power cut leaves of un-synced writes, what was acknowledged is there",
  { timeout: 300_000 },
  async () => {
    const tally = new Tally("sqlite/power");
    await crashLoop(tally, await record(1, "right"), IMAGES, 1);
    tally.conclude();
    expect(tally.faults).toBeGreaterThanOrEqual(IMAGES);
  },
);

test.skipIf(absent !== undefined)("SQLite: a store that does not sync is noticed", { timeout: 120_000 }, async () => {
  const tally = new Tally("sqlite/power without syncs");
  await crashLoop(tally, await record(2, "careless"), 100, 2);
  expect(tally.lost).toBeGreaterThan(0);
});
