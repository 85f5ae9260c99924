import { MemoryBlockFiles, type DiskFault } from "@stonechat/testkit/memory-block-files";
import { createSeededFractions, type SeededFractions } from "@stonechat/testkit/seeded-fractions";
import { describe, expect, test } from "vitest";
import { DATABASE_STORES, openStored } from "../testing/database-stores.ts";
import type { Database, Transaction } from "./database.ts";

/** More seeds by environment, for a longer run. */
const SEEDS = Number(process.env["STONECHAT_CRASH_SEEDS"] ?? "4");
const MIGRATIONS = [
  {
    version: 1,
    sql: "CREATE TABLE item(id INTEGER PRIMARY KEY, value BLOB) STRICT; CREATE INDEX by_value ON item(value)",
  },
  { version: 2, sql: "CREATE VIRTUAL TABLE words USING fts5(text)" },
];

type Model = ReadonlyMap<number, number>;
type Step =
  { readonly kind: "checkpoint" } | { readonly kind: "change"; readonly puts: readonly Put[]; readonly fails: boolean };
type Opening = (files: MemoryBlockFiles) => Promise<Database>;
type Put = { readonly id: number; readonly fill: number; readonly length: number };

/** The values are told apart by their first byte and their length. */
function fingerprint({ fill, length }: Put): number {
  return length === 0 ? -1 : fill * 100_000 + length;
}

function randomSteps(random: SeededFractions, count: number): Step[] {
  const upTo = (limit: number): number => Math.floor(random() * limit);
  return Array.from({ length: count }, () => {
    if (random() < 0.15) return { kind: "checkpoint" };
    const puts = Array.from({ length: 1 + upTo(4) }, () => ({
      id: upTo(12),
      fill: 1 + upTo(200),
      length: upTo(4) * upTo(900),
    }));
    return { kind: "change", puts, fails: random() < 0.1 };
  });
}

function applied(model: Model, step: Step): Model {
  if (step.kind === "checkpoint" || step.fails) return model;
  const next = new Map(model);
  for (const put of step.puts) {
    if (put.length === 0) next.delete(put.id);
    else next.set(put.id, fingerprint(put));
  }
  return next;
}

function change(tx: Transaction, step: Extract<Step, { kind: "change" }>): void {
  for (const put of step.puts) {
    tx.run("DELETE FROM words WHERE rowid = ?", put.id + 1);
    if (put.length === 0) tx.run("DELETE FROM item WHERE id = ?", put.id);
    else {
      const value = new Uint8Array(put.length).fill(put.fill);
      tx.run("INSERT INTO item VALUES(?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", put.id, value);
      tx.run("INSERT INTO words(rowid, text) VALUES(?, ?)", put.id + 1, `word${String(fingerprint(put))}`);
    }
  }
  if (step.fails) throw new Error("the work gives up");
}

/** What the database holds, with every structure in it checked. */
async function read(db: Database): Promise<Model> {
  return db.transaction((tx) => {
    expect(tx.get("PRAGMA integrity_check")).toEqual({ integrity_check: "ok" });
    tx.run("INSERT INTO words(words) VALUES('integrity-check')");
    const model = new Map<number, number>();
    for (const { id, value } of tx.all<{ id: number; value: Uint8Array }>("SELECT id, value FROM item")) {
      expect(new Set(value).size).toBe(1);
      const print = fingerprint({ id, fill: value[0] ?? 0, length: value.length });
      const found = tx.get("SELECT rowid AS id FROM words WHERE words MATCH ?", `word${String(print)} `);
      expect(found).toBeDefined();
      model.set(id, print);
    }
    return model;
  });
}

/** Runs the steps until one fails. Returns what is surely committed, and the step that was under way. */
async function live(
  db: Database,
  steps: readonly Step[],
  start: Model,
): Promise<{ committed: Model; underWay: Step | undefined }> {
  let committed = start;
  for (const step of steps) {
    try {
      if (step.kind === "checkpoint") await db.checkpoint();
      else
        await db.transaction((tx) => {
          change(tx, step);
        });
    } catch (error) {
      if (step.kind === "change" && step.fails && (error as Error).message === "the work gives up") continue;
      expect(error).toMatchObject({ name: "StorageError" });
      return { committed, underWay: step };
    }
    committed = applied(committed, step);
  }
  return { committed, underWay: undefined };
}

/** One life: opens, works, loses power at change number `cutAt` of the disk; returns how it must look afterwards. */
async function lifeWithPowerCut(
  open: Opening,
  files: MemoryBlockFiles,
  steps: readonly Step[],
  start: Model,
  cutAt: number,
): Promise<readonly Model[]> {
  const first = files.operations;
  files.decide = ({ number }) => (number - first >= cutAt ? "power-cut" : undefined);
  let db: Database;
  try {
    db = await open(files);
  } catch (error) {
    expect(error).toMatchObject({ name: "StorageError" });
    return [start];
  }
  const { committed, underWay } = await live(db, steps, start);
  files.crash(); // before the close, which must not be what saves the day
  await db.close();
  return underWay === undefined ? [committed] : [committed, applied(committed, underWay)];
}

describe.each(DATABASE_STORES)("on %s", (store) => {
  const open: Opening = async (files) => openStored(store, files, MIGRATIONS);

  /** What became of transactions under way when power was lost, over all seeds. */
  const fates = new Set<"kept" | "dropped">();

  test.each(Array.from({ length: SEEDS }, (_, seed) => seed + 1))(
    "power lost at any change of the disk leaves exactly the committed transactions (seed %i)",
    async (seed) => {
      const random = createSeededFractions(seed);
      const steps = randomSteps(random, 40);
      const later = randomSteps(random, 12);
      const rehearsal = new MemoryBlockFiles(seed);
      const whole = await open(rehearsal);
      await live(whole, steps, new Map());
      await whole.close();
      const total = rehearsal.operations;
      expect(total).toBeGreaterThan(60);
      for (let cutAt = 0; cutAt <= total; cutAt += seed === 1 ? 1 : 1 + Math.floor(random() * 5)) {
        const files = new MemoryBlockFiles(seed * 100_000 + cutAt);
        const allowed = await lifeWithPowerCut(open, files, steps, new Map(), cutAt);
        files.crash();
        // A second life on what the first one left, cut again.
        const db = await open(files);
        const found = await read(db);
        expect(allowed).toContainEqual(found);
        const [without, withInFlight] = allowed.map((model) => JSON.stringify([...model].sort()));
        if (withInFlight !== undefined && withInFlight !== without) {
          fates.add(JSON.stringify([...found].sort()) === without ? "dropped" : "kept");
        }
        files.crash();
        await db.close();
        const allowedLater = await lifeWithPowerCut(open, files, later, found, Math.floor(random() * 45));
        files.crash();
        const last = await open(files);
        expect(allowedLater).toContainEqual(await read(last));
        await last.close();
      }
    },
    120_000,
  );

  test("the cuts met transactions both before and after the point of no return", () => {
    expect(fates).toEqual(new Set(["kept", "dropped"]));
  });

  test.each(["full", "io"] as const)(
    "a single %s at any change of the disk loses nothing, and work goes on",
    async (fault: DiskFault) => {
      const random = createSeededFractions(7);
      const steps = randomSteps(random, 25);
      const later = randomSteps(random, 4);
      const rehearsal = new MemoryBlockFiles(7);
      await live(await open(rehearsal), steps, new Map());
      const total = rehearsal.operations;
      let refused = 0;
      for (let failAt = 0; failAt < total; failAt += 1) {
        const files = new MemoryBlockFiles(failAt);
        files.decide = ({ number }) => (number === failAt ? fault : undefined);
        let db: Database;
        try {
          db = await open(files);
        } catch (error) {
          expect(error).toMatchObject({ name: "StorageError", code: fault });
          refused += 1;
          db = await open(files);
        }
        const interrupted = await live(db, steps, new Map());
        if (interrupted.underWay !== undefined) refused += 1;
        // In the same life: nothing of what was refused is there, everything else is.
        expect(await read(db)).toEqual(interrupted.committed);
        // How many writes a history takes depends on where a slot finds room: a fault may not have been met at all.
        files.decide = () => undefined;
        const { committed, underWay } = await live(db, later, interrupted.committed);
        expect(underWay).toBeUndefined();
        files.crash();
        await db.close();
        const again = await open(files);
        expect(await read(again)).toEqual(committed);
        await again.close();
      }
      expect(refused).toBeGreaterThan(total / 2);
    },
    120_000,
  );

  test("a full disk refuses with `full` until there is space, and reading goes on meanwhile", async () => {
    const files = new MemoryBlockFiles(1);
    const db = await open(files);
    const put = async (id: number): Promise<void> => {
      await db.transaction((tx) => {
        change(tx, { kind: "change", puts: [{ id, fill: 1, length: 2000 }], fails: false });
      });
    };
    files.capacity = files.size() + 40_000;
    let stored = 0;
    for (;;) {
      try {
        await put(stored);
      } catch (error) {
        expect(error).toMatchObject({ name: "StorageError", code: "full" });
        break;
      }
      stored += 1;
    }
    expect(stored).toBeGreaterThan(3);
    for (let attempt = 0; attempt < 5; attempt += 1) await expect(put(1000)).rejects.toMatchObject({ code: "full" });
    expect((await read(db)).size).toBe(stored);
    files.capacity = Infinity;
    await put(stored);
    files.crash();
    await db.close();
    expect((await read(await open(files))).size).toBe(stored + 1);
  });
});
