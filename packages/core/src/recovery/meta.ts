import type { Structure } from "@stonechat/protocol";
import type { Transaction } from "../vault/database.ts";

/** One value of the profile that has a name of its own. */
interface MetaValue<T> {
  load(tx: Transaction): T | undefined;
  save(tx: Transaction, value: T): void;
  clear(tx: Transaction): void;
}

/** The value named `name`, stored as `structure` writes it. */
export function metaValue<T>(name: string, structure: Structure<T>): MetaValue<T> {
  return {
    load(tx) {
      const row = tx.get<{ value: Uint8Array }>("SELECT value FROM meta WHERE name = ?", name);
      return row === undefined ? undefined : structure.decode(row.value);
    },
    save(tx, value) {
      tx.run(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name,
        structure.encode(value),
      );
    },
    clear(tx) {
      tx.run("DELETE FROM meta WHERE name = ?", name);
    },
  };
}
