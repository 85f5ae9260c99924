import { openDatabase, systemRandom, type BlockFiles, type Database, type Sqlite } from "@stonechat/core";
import { Container, DATABASE_FILE, type Slot } from "@stonechat/core/container";
import { median, percentiles } from "./percentiles.ts";
import { createProse } from "./prose.ts";

/** Where the measurements run: Node's folder or the browser's private file system. */
export interface VaultPlatform {
  readonly sqlite: Sqlite;
  readonly files: BlockFiles;
}

/** Milliseconds, unless the name says otherwise. */
export interface VaultFigures {
  readonly storeSlot: number;
  readonly storeSlotP99: number;
  readonly storePlain: number;
  readonly storePlainP99: number;
  readonly lastFifty: number;
  readonly openSlot: number;
  readonly rekey: number;
  readonly rekeyBytes: number;
  readonly searchFirst: number;
  readonly searchMedian: number;
  readonly millionBytes: number;
}

const FEW = 100_000;
const MANY = 1_000_000;
const BATCH = 5000;
const STORED = 400;
const CONVERSATIONS = 50;
const TEXT_BYTES = 66;
const WORDS = 200;
const HITS = 50;
const MIGRATIONS = [
  {
    version: 1,
    sql: `
      CREATE TABLE messages(id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL, ord INTEGER NOT NULL,
        message_id BLOB NOT NULL, sent_at INTEGER NOT NULL, text TEXT NOT NULL,
        UNIQUE(conversation, ord), UNIQUE(message_id, conversation)) STRICT;
      CREATE VIRTUAL TABLE words USING fts5(text, content='messages', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2');
      INSERT INTO words(words, rank) VALUES('secure-delete', 1);
      INSERT INTO words(words, rank) VALUES('automerge', 8);`,
  },
];

/** Fills a database on plain files and one in a slot, and measures them in turns. */
export async function measureVault({ sqlite, files }: VaultPlatform): Promise<VaultFigures> {
  const random = systemRandom();
  const key = random.bytes(32);
  const container = Container.create(await files.open("vault.bin"), random);
  const slot = container.formatSlot(1, key);
  const inSlot = new Messages(await open(sqlite, slot.files, DATABASE_FILE));
  const plain = new Messages(await open(sqlite, files, "plain"));
  await plain.fill(FEW);
  await inSlot.fill(FEW);
  const stored = await storeInTurns(inSlot, plain);
  await plain.database.close();
  await inSlot.database.close();
  const rekeyed = rekey(slot, random.bytes(32));
  slot.close();
  const opened = await openAgain(sqlite, container, rekeyed.key);
  const many = new Messages(opened.database, opened.count);
  await many.fill(MANY);
  await many.database.close();
  const searched = await search(sqlite, opened.slot);
  const millionBytes = opened.slot.liveBytes;
  container.close();
  return { ...stored, ...rekeyed.figures, ...opened.figures, ...searched, millionBytes };
}

/** Messages in a database. The texts are the same in every one. */
class Messages {
  readonly database: Database;
  readonly #text = createProse(1);
  #count: number;

  constructor(database: Database, count = 0) {
    this.database = database;
    this.#count = count;
  }

  async fill(count: number): Promise<void> {
    while (this.#count < count) await this.store(Math.min(BATCH, count - this.#count));
  }

  async store(count: number): Promise<void> {
    await this.database.transaction((tx) => {
      for (let i = 0; i < count; i += 1) {
        this.#count += 1;
        const [id, text] = [this.#count, this.#text(TEXT_BYTES)];
        tx.run("INSERT INTO messages VALUES(?, ?, ?, ?, ?, ?)", id, id % CONVERSATIONS, id, messageId(id), id, text);
        tx.run("INSERT INTO words(rowid, text) VALUES(?, ?)", id, text);
      }
    });
  }
}

/** 16 bytes at random places of the index, as real ones are. */
function messageId(id: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.imul(id, 0x9e3779b1));
  view.setUint32(4, Math.imul(id, 0x85ebca6b));
  view.setFloat64(8, id);
  return bytes;
}

async function open(sqlite: Sqlite, files: BlockFiles, name: string): Promise<Database> {
  return openDatabase({ sqlite, files, name, migrations: MIGRATIONS });
}

/** One message a transaction, by turns, so that both meet the same moods of the machine. */
async function storeInTurns(
  inSlot: Messages,
  plain: Messages,
): Promise<Pick<VaultFigures, "storeSlot" | "storeSlotP99" | "storePlain" | "storePlainP99">> {
  const times = { slot: [] as number[], plain: [] as number[] };
  const timed = async (into: number[], messages: Messages): Promise<void> => {
    const startedAt = performance.now();
    await messages.store(1);
    into.push(performance.now() - startedAt);
    await messages.database.transaction(() => undefined); // after the checkpoint that may have followed
  };
  for (let i = 0; i < STORED; i += 1) {
    await timed(times.slot, inSlot);
    await timed(times.plain, plain);
  }
  return {
    storeSlot: median(times.slot),
    storeSlotP99: percentiles(times.slot).p99,
    storePlain: median(times.plain),
    storePlainP99: percentiles(times.plain).p99,
  };
}

function rekey(
  slot: Slot,
  key: Uint8Array,
): { readonly key: Uint8Array; readonly figures: Pick<VaultFigures, "rekey" | "rekeyBytes"> } {
  const rekeyBytes = slot.liveBytes;
  const startedAt = performance.now();
  slot.rekey(key).commit();
  return { key, figures: { rekey: performance.now() - startedAt, rekeyBytes } };
}

/** From the key to the newest messages of a conversation. */
async function openAgain(
  sqlite: Sqlite,
  container: Container,
  key: Uint8Array,
): Promise<{
  readonly slot: Slot;
  readonly database: Database;
  readonly count: number;
  readonly figures: Pick<VaultFigures, "openSlot" | "lastFifty">;
}> {
  const startedAt = performance.now();
  const slot = container.openSlot(1, key);
  if (slot === undefined) throw new RangeError("the slot does not open");
  const database = await open(sqlite, slot.files, DATABASE_FILE);
  const openSlot = performance.now() - startedAt;
  await database.transaction((tx) =>
    tx.all("SELECT * FROM messages WHERE conversation = 7 ORDER BY ord DESC LIMIT 50"),
  );
  const lastFifty = performance.now() - startedAt;
  const count = await database.transaction((tx) => tx.get<{ count: number }>("SELECT max(id) AS count FROM messages"));
  return { slot, database, count: count?.count ?? 0, figures: { openSlot, lastFifty } };
}

/** Words of every frequency, each for the first time in a fresh connection's life; the worst counts. */
async function search(sqlite: Sqlite, slot: Slot): Promise<Pick<VaultFigures, "searchFirst" | "searchMedian">> {
  const database = await open(sqlite, slot.files, DATABASE_FILE);
  const words = [...new Set(createProse(1)(20_000).split(" "))].filter((word) => word !== "").slice(0, WORDS);
  const times: number[] = [];
  for (const word of words) {
    const startedAt = performance.now();
    await database.transaction((tx) =>
      tx.all(
        `SELECT m.id, m.text FROM words JOIN messages m ON m.id = words.rowid
         WHERE words MATCH ? ORDER BY words.rowid DESC LIMIT ${String(HITS)}`,
        `"${word}"`,
      ),
    );
    times.push(performance.now() - startedAt);
  }
  await database.close();
  return { searchFirst: Math.max(...times), searchMedian: median(times) };
}
