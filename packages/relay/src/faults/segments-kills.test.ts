import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { initCrypto } from "@stonechat/crypto/issuer";
import { expect, test } from "vitest";
import { NodeSegmentFiles } from "../segments/node-segment-files.ts";
import { SqliteSegmentState } from "../segments/sqlite-segment-state.ts";
import { inPairs } from "../testing/faults/in-pairs.ts";
import { decodeJournal } from "../testing/faults/journal-codec.ts";
import { Ledger } from "../testing/faults/ledger.ts";
import { runProcess } from "../testing/faults/run-process.ts";
import { openSegmentsSubject } from "../testing/faults/segments-subject.ts";
import { memoryFolder } from "../testing/faults/sqlite-subject.ts";
import { Tally } from "../testing/faults/tally.ts";

await initCrypto();
const ROUNDS = 14;
const SEED = 5;
const CHILD = new URL("../testing/faults/segments-process.ts", import.meta.url);

/** Runs clients and store until the process kills itself at this call, and looks at what it left. */
async function run(tally: Tally, call: number): Promise<{ readonly killed: boolean; readonly words: string }> {
  const folder = mkdtempSync(join(memoryFolder(), "stonechat-kills-"));
  try {
    const journal = join(folder, "journal");
    const { code, words } = await runProcess(CHILD, [folder, journal, String(SEED), String(ROUNDS), String(call)]);
    // Work in the background is not the same at every run: the last calls may not be reached.
    expect([0, null], `call ${String(call)}: ${words}`).toContain(code);
    const ledger = new Ledger();
    for (const item of decodeJournal(readFileSync(journal))) ledger.note(item);
    const files = await NodeSegmentFiles.open(join(folder, "segments"));
    const state = new SqliteSegmentState(join(folder, "segments.sqlite"));
    const { store, perform } = await openSegmentsSubject(files, state);
    tally.add(ledger.acknowledged, await ledger.examine(perform, "thorough"), `call ${String(call)}`);
    await store.close();
    return { killed: code === null, words };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test(
  "segments: killed at every write, sync, rename, removal and truncation, they keep what was acknowledged",
  { timeout: 300_000 },
  async () => {
    const tally = new Tally("segments/kill at each call");
    const calls = Number((await run(new Tally("without a fault"), 0)).words);
    expect(calls).toBeGreaterThan(50);
    const runs = await inPairs(
      Array.from({ length: calls }, (_, index) => index + 1),
      (call) => run(tally, call),
    );
    expect(runs.filter(({ killed }) => killed).length).toBeGreaterThan(0.8 * calls);
    tally.conclude();
  },
);
