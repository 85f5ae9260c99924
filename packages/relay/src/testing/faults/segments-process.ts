/**
 * Clients and a segment store in one process that kills itself at its `n`-th call to the disk. `argv`: data
 * folder, file for the journal, seed, rounds, n (0: never; then the number of calls is said on standard error).
 */
import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { initCrypto } from "@stonechat/crypto/issuer";
import { NodeSegmentFiles } from "../../segments/node-segment-files.ts";
import { SqliteSegmentState } from "../../segments/sqlite-segment-state.ts";
import { deadlyFiles } from "./deadly-files.ts";
import { encodeJournalItem } from "./journal-codec.ts";
import { Journal } from "./journal.ts";
import { openSegmentsSubject } from "./segments-subject.ts";
import { SMALL_WORKLOAD, Workload } from "./workload.ts";

const [, , folder = "", journalFile = "", seed = "1", rounds = "10", deadly = "0"] = process.argv;

await initCrypto();
const written = openSync(journalFile, "a");
let calls = 0;
const files = deadlyFiles(await NodeSegmentFiles.open(join(folder, "segments")), () => {
  calls += 1;
  return calls === Number(deadly);
});
const { store, perform } = await openSegmentsSubject(files, new SqliteSegmentState(join(folder, "segments.sqlite")));
const journal = new Journal((item) => {
  writeSync(written, encodeJournalItem(item));
});
await new Workload(Number(seed), { ...SMALL_WORKLOAD, pools: false }).run(journal.over(perform), Number(rounds));
await store.close();
if (deadly === "0") process.stderr.write(String(calls));
