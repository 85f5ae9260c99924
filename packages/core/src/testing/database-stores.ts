import { initCrypto } from "@stonechat/crypto";
import type { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { testSqlite } from "@stonechat/testkit/test-sqlite";
import { StorageError } from "../ports/storage-error.ts";
import type { BlockFile } from "../ports/block-file.ts";
import { BLOCK_BYTES, Container, DATABASE_FILE } from "../vault/container/index.ts";
import { openDatabase, type Database } from "../vault/database.ts";
import type { Migration } from "../vault/migrations.ts";
import { quickRandom } from "./quick-random.ts";

/** Where a database can be: on files as they are (simulated devices), or in a slot of the vault (the product). */
export const DATABASE_STORES = ["plain files", "a slot"] as const;
export type DatabaseStore = (typeof DATABASE_STORES)[number];

const SIZES = { headerBytes: BLOCK_BYTES, chunkBytes: 32 * BLOCK_BYTES };
const KEY = new Uint8Array(32).fill(1);

/** Opens the database that is on `disk` in this way, made if absent. */
export async function openStored(
  store: DatabaseStore,
  disk: MemoryBlockFiles,
  migrations: readonly Migration[],
): Promise<Database> {
  const sqlite = await testSqlite();
  if (store === "plain files") return openDatabase({ sqlite, files: disk, name: "main", migrations });
  await initCrypto();
  const file = await disk.open("vault.bin");
  try {
    const container = openContainer(file, disk.random() * 2 ** 32);
    const slot = container.openSlot(0, KEY) ?? container.formatSlot(0, KEY);
    const database = await openDatabase({ sqlite, files: slot.files, name: DATABASE_FILE, migrations });
    return closingAlso(database, () => {
      container.close();
    });
  } catch (error) {
    file.close();
    throw error;
  }
}

/** A file too short is one that a crash left while it was made. */
function openContainer(file: BlockFile, seed: number): Container {
  try {
    return Container.open(file, quickRandom(seed), SIZES);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== "corrupt") throw error;
    return Container.create(file, quickRandom(seed), SIZES);
  }
}

function closingAlso(database: Database, also: () => void): Database {
  return {
    transaction: async (work) => database.transaction(work),
    checkpoint: async () => database.checkpoint(),
    exclusively: async (work) => database.exclusively(work),
    async close() {
      await database.close();
      also();
    },
  };
}
