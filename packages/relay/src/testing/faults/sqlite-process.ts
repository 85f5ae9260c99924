/**
 * Clients and SQLite in one process and one thread, to be traced and killed. `argv`: data folder, file for the journal,
 * seed, rounds, manner. Exit code 3: the store gave up.
 */
import { openSync, writeSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { initCrypto } from "@stonechat/crypto/issuer";
import { openDatabase } from "../../store/database.ts";
import { encodeJournalItem } from "./journal-codec.ts";
import type { JournalItem } from "./journal.ts";
import { openSqliteSubject } from "./sqlite-subject.ts";
import { Workload } from "./workload.ts";

const [, , folder = "", journalFile = "", seed = "1", rounds = "10", manner = "right"] = process.argv;
const GAVE_UP = 3;
const CHECKPOINT_ROUNDS = 4;
const written = openSync(journalFile, "a");
const note = (item: JournalItem): void => {
  writeSync(written, encodeJournalItem(item));
};

/** A twin of the store that does not wait for the disk, so that tests can show that this is noticed. */
function openCareless(path: string): DatabaseSync {
  const db = openDatabase(path);
  db.exec("PRAGMA synchronous=OFF");
  return db;
}

await initCrypto();
try {
  const { engine, close } = openSqliteSubject(folder, manner === "careless" ? openCareless : openDatabase);
  const workload = new Workload(Number(seed));
  let number = 0;
  for (let round = 1; round <= Number(rounds); round += 1) {
    const operations = workload.next();
    const first = number + 1;
    for (const operation of operations) note({ type: "asked", number: (number += 1), operation });
    const outcomes = engine.run(operations);
    for (const [index, operation] of operations.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined) throw new RangeError("the engine answered too little");
      note({ type: "answered", number: first + index, outcome });
      workload.heard(operation, outcome);
    }
    if (round % CHECKPOINT_ROUNDS === 0)
      engine.checkpoint(round % (2 * CHECKPOINT_ROUNDS) === 0 ? "TRUNCATE" : "PASSIVE");
  }
  engine.checkpoint("TRUNCATE");
  close();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : "unknown"}\n`);
  process.exit(GAVE_UP);
}
