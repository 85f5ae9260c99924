import type { Random } from "@stonechat/crypto";
import type { Transaction } from "../vault/database.ts";
import { lastOrd } from "./message-rows.ts";
import { insertNotice } from "./notices.ts";

/** A message whose files are still being sealed: it is in no conversation yet. */
export interface Unsent {
  readonly text: string;
  readonly files: number;
}

/** Remembers it until {@link forgetUnsent}, so that an end in between is not silent. @returns its number. */
export function noteUnsent(tx: Transaction, conversation: number, { text, files }: Unsent): number {
  tx.run("INSERT INTO unsent (conversation, text, files) VALUES (?, ?, ?)", conversation, text, files);
  return tx.get<{ id: number }>("SELECT last_insert_rowid() AS id")?.id ?? 0;
}

/** It was queued, or its sender was told why not. */
export function forgetUnsent(tx: Transaction, id: number): void {
  tx.run("DELETE FROM unsent WHERE id = ?", id);
}

/**
 * To be called while nothing can be sent yet: what is left then was cut short by an end of the program or a lock. Its
 * conversation says so, and its text is the draft again unless another was begun.
 */
export function tellUnsent(tx: Transaction, random: Random, now: number): void {
  const rows = tx.all<{ id: number; conversation: number; text: string; files: number }>(
    "SELECT * FROM unsent ORDER BY id",
  );
  for (const { id, conversation, text, files } of rows) {
    const notice = { type: "not-sent", files } as const;
    insertNotice(tx, random, conversation, lastOrd(tx, conversation) + 1, now, notice);
    tx.run("UPDATE conversations SET draft = ? WHERE id = ? AND draft = ''", text, conversation);
    forgetUnsent(tx, id);
  }
}
