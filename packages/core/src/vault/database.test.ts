import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { describe, expect, test } from "vitest";
import { DATABASE_STORES, openStored } from "../testing/database-stores.ts";
import { CHECKPOINT_LOG_BYTES, type Database, type Transaction } from "./database.ts";
import type { Migration } from "./migrations.ts";

const MIGRATIONS: readonly Migration[] = [
  { version: 1, sql: "CREATE TABLE item(id INTEGER PRIMARY KEY, value ANY) STRICT" },
];

async function openPlain(files = new MemoryBlockFiles(1), migrations = MIGRATIONS): Promise<Database> {
  return openStored("plain files", files, migrations);
}

describe.each(DATABASE_STORES)("on %s", (store) => {
  const open = async (files = new MemoryBlockFiles(1), migrations = MIGRATIONS): Promise<Database> =>
    openStored(store, files, migrations);

  test.each([
    0,
    -0,
    1,
    -1,
    2 ** 31,
    -(2 ** 31) - 1,
    2 ** 32 - 1,
    2 ** 40 + 5,
    2 ** 53 - 1,
    -(2 ** 53) + 1,
    0.5,
    -1e300,
    "",
    "a\0b",
    "héllo 🪨",
  ])("the value %j comes back as it was", async (value) => {
    const db = await open();
    await db.transaction((tx) => tx.run("INSERT INTO item VALUES(1, ?)", value));
    const row = await db.transaction((tx) => tx.get("SELECT value FROM item"));
    expect(row).toEqual({ value: value === 0 ? 0 : value });
    await db.close();
  });

  test("blobs, empty ones too, come back as bytes of the caller's own, and NULL as undefined", async () => {
    const db = await open();
    await db.transaction((tx) => {
      tx.run("INSERT INTO item VALUES(1, ?), (2, ?), (3, ?)", Uint8Array.of(0, 255), new Uint8Array(0), undefined);
    });
    const rows = await db.transaction((tx) => tx.all("SELECT value FROM item ORDER BY id"));
    expect(rows).toEqual([{ value: Uint8Array.of(0, 255) }, { value: new Uint8Array(0) }, { value: undefined }]);
    await db.close();
  });

  test("numbers that SQL cannot hold are refused instead of being rounded", async () => {
    const db = await open();
    const refused = async (value: number | bigint): Promise<void> => {
      await expect(db.transaction((tx) => tx.run("INSERT INTO item VALUES(1, ?)", value))).rejects.toThrow(RangeError);
    };
    await refused(NaN);
    await refused(Infinity);
    await refused(2n ** 63n);
    await db.transaction((tx) => tx.run("INSERT INTO item VALUES(1, ?)", 2n ** 53n));
    await expect(db.transaction((tx) => tx.all("SELECT value FROM item"))).rejects.toThrow(RangeError);
    await db.close();
  });

  test("a transaction that throws leaves nothing, and the next one works", async () => {
    const db = await open();
    const failure = new Error("mine");
    await expect(
      db.transaction((tx) => {
        tx.run("INSERT INTO item VALUES(1, 1)");
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(await db.transaction((tx) => tx.run("INSERT INTO item VALUES(2, 2)"))).toBe(1);
    expect(await ids(db)).toEqual([2]);
    await db.close();
  });

  test("transactions run one after another in the order they were asked for", async () => {
    const db = await open();
    const order: number[] = [];
    await Promise.all(
      [0, 1, 2, 3].map(async (n) =>
        db.transaction(async (tx) => {
          order.push(n);
          tx.run("INSERT INTO item VALUES(?, 0)", n);
          for (let turn = 0; turn < 5 - n; turn += 1) await Promise.resolve();
          order.push(n);
        }),
      ),
    );
    expect(order).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    await db.close();
  });

  test("wrong SQL and violated constraints are RangeErrors and do not harm the transaction if caught", async () => {
    const db = await open();
    await db.transaction((tx) => {
      tx.run("INSERT INTO item VALUES(1, 0)");
      expect(() => tx.run("INSERT INTO item VALUES(1, 0)")).toThrow(RangeError);
      expect(() => tx.run("INSERT INTO nothing VALUES(1)")).toThrow(RangeError);
      expect(() => tx.run("DELETE FROM item; DELETE FROM item")).toThrow(RangeError);
      expect(() => tx.run(" ")).toThrow(RangeError);
      expect(() => tx.run("DELETE FROM item WHERE id = ?")).toThrow(RangeError);
    });
    expect(await ids(db)).toEqual([1]);
    await db.close();
  });

  test("a transaction cannot be used after its end, nor end itself", async () => {
    const db = await open();
    let kept: Transaction | undefined;
    await db.transaction((tx) => {
      kept = tx;
    });
    expect(() => kept?.run("DELETE FROM item")).toThrow(RangeError);
    await expect(db.transaction((tx) => tx.run("COMMIT"))).rejects.toThrow(RangeError);
    expect(await ids(db)).toEqual([]);
    await db.close();
  });

  test("foreign keys hold, and FTS5 finds", async () => {
    const sql = `
    CREATE TABLE parent(id INTEGER PRIMARY KEY) STRICT;
    CREATE TABLE child(parent INTEGER REFERENCES parent) STRICT;
    CREATE VIRTUAL TABLE words USING fts5(text);`;
    const db = await open(new MemoryBlockFiles(1), [{ version: 1, sql }]);
    await expect(db.transaction((tx) => tx.run("INSERT INTO child VALUES(1)"))).rejects.toThrow(RangeError);
    await db.transaction((tx) => tx.run("INSERT INTO words VALUES('granite and slate')"));
    expect(await db.transaction((tx) => tx.all("SELECT rowid AS id FROM words WHERE words MATCH 'sla*'"))).toEqual([
      { id: 1 },
    ]);
    await db.close();
  });

  test("a second opening is refused while the first is open, and welcome after", async () => {
    const files = new MemoryBlockFiles(1);
    const db = await open(files);
    await expect(open(files)).rejects.toMatchObject({ name: "StorageError", code: "busy" });
    await db.close();
    await db.close();
    await expect(db.transaction(() => 1)).rejects.toThrow(RangeError);
    await (await open(files)).close();
  });

  test("close waits for what was asked for before it", async () => {
    const files = new MemoryBlockFiles(1);
    const db = await open(files);
    const writing = db.transaction(async (tx) => {
      await Promise.resolve();
      return tx.run("INSERT INTO item VALUES(1, 1)");
    });
    await db.close();
    expect(await writing).toBe(1);
    expect(await ids(await open(files))).toEqual([1]);
  });

  test("a database of a newer version is refused", async () => {
    const files = new MemoryBlockFiles(1);
    await (await open(files, [...MIGRATIONS, { version: 2, sql: "CREATE TABLE more(id)" }])).close();
    await expect(open(files)).rejects.toMatchObject({ name: "StorageError", code: "newer-version" });
    expect(await ids(await open(files, [...MIGRATIONS, { version: 2, sql: "" }]))).toEqual([]);
  });

  test("migrations apply in order, once", async () => {
    const files = new MemoryBlockFiles(1);
    await (await open(files)).close();
    const second = { version: 2, sql: "INSERT INTO item VALUES(7, 1); ALTER TABLE item ADD COLUMN extra TEXT" };
    await (await open(files, [...MIGRATIONS, second])).close();
    const db = await open(files, [...MIGRATIONS, second]);
    expect(await db.transaction((tx) => tx.all("SELECT id, extra FROM item"))).toEqual([{ id: 7, extra: undefined }]);
    await expect(open(new MemoryBlockFiles(1), [second])).rejects.toThrow(RangeError);
  });

  test("a migration that fails leaves the version before it", async () => {
    const files = new MemoryBlockFiles(1);
    const broken = { version: 2, sql: "CREATE TABLE half(id); CREATE TABLE item(id)" };
    await expect(open(files, [...MIGRATIONS, broken])).rejects.toThrow(RangeError);
    const db = await open(files);
    expect(await db.transaction((tx) => tx.all("SELECT name FROM sqlite_schema"))).toEqual([{ name: "item" }]);
  });
});

test("a plain file with a database of a newer version is left as it is", async () => {
  const files = new MemoryBlockFiles(1);
  await (await openPlain(files, [...MIGRATIONS, { version: 2, sql: "CREATE TABLE more(id)" }])).close();
  const before = files.contents("main");
  await expect(openPlain(files)).rejects.toMatchObject({ name: "StorageError", code: "newer-version" });
  expect(files.contents("main")).toEqual(before);
});

test("a file that is no database is corrupt", async () => {
  const files = new MemoryBlockFiles(1);
  const file = await files.open("main");
  file.write(new Uint8Array(4096).fill(0x61), 0);
  file.close();
  await expect(openPlain(files)).rejects.toMatchObject({ name: "StorageError", code: "corrupt" });
});

test("what was deleted is in no file after a checkpoint", async () => {
  const files = new MemoryBlockFiles(1);
  const db = await openPlain(files);
  const secret = "the-marker-of-a-deleted-message";
  await db.transaction((tx) => tx.run("INSERT INTO item VALUES(1, ?)", secret));
  expect(places(files, secret)).not.toEqual([]);
  await db.transaction((tx) => tx.run("DELETE FROM item"));
  await db.checkpoint();
  expect(places(files, secret)).toEqual([]);
  await db.close();
});

test("the log is emptied by itself when it has grown", async () => {
  const files = new MemoryBlockFiles(1);
  const db = await openPlain(files);
  let longest = 0;
  for (let id = 0; id < 300; id += 1) {
    await db.transaction((tx) => tx.run("INSERT INTO item VALUES(?, ?)", id, new Uint8Array(3000)));
    longest = Math.max(longest, files.contents("main-wal").length);
  }
  expect(longest).toBeGreaterThan(CHECKPOINT_LOG_BYTES / 2);
  expect(longest).toBeLessThan(CHECKPOINT_LOG_BYTES * 1.1);
  await db.close();
});

async function ids(db: Database): Promise<number[]> {
  return db.transaction((tx) => tx.all<{ id: number }>("SELECT id FROM item ORDER BY id").map(({ id }) => id));
}

/** Names of the files that hold `text`. */
function places(files: MemoryBlockFiles, text: string): string[] {
  return ["main", "main-wal", "main-journal"].filter((name) => Buffer.from(files.contents(name)).includes(text));
}
