import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { LogId } from "@stonechat/protocol";
import { mapKey } from "../map-key.ts";

/** What is needed of a log to append to it. */
export interface LogRow {
  readonly pk: number;
  readonly ownerHash: Uint8Array | undefined;
  epoch: number;
  nextSeq: number;
  bytes: number;
  appendHash: Uint8Array;
}

const MAX_ROWS = 20_000;

/** The rows of logs used lately, and which of them changed in the open transaction. */
export class LogCache {
  readonly #select: StatementSync;
  readonly #shrink: StatementSync;
  readonly #rows = new Map<string, LogRow>();
  readonly #byPk = new Map<number, LogRow>();
  readonly #changed = new Set<LogRow>();

  constructor(db: DatabaseSync) {
    this.#select = db.prepare(
      "SELECT pk, owner_hash, epoch, next_seq, bytes, append_hash FROM log " +
        "JOIN epoch ON epoch.log = log.pk AND epoch.number = log.epoch WHERE id = ?",
    );
    this.#shrink = db.prepare("UPDATE log SET bytes = max(0, bytes - ?) WHERE pk = ?");
  }

  find(id: LogId): LogRow | undefined {
    const key = mapKey(id);
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const found = this.#select.get(id);
    if (found === undefined) return undefined;
    const row: LogRow = {
      pk: Number(found["pk"]),
      ownerHash: (found["owner_hash"] ?? undefined) as Uint8Array | undefined, // BLOB or NULL
      epoch: Number(found["epoch"]),
      nextSeq: Number(found["next_seq"]),
      bytes: Number(found["bytes"]),
      appendHash: found["append_hash"] as Uint8Array, // BLOB NOT NULL
    };
    this.#makeRoom();
    this.#rows.set(key, row);
    this.#byPk.set(row.pk, row);
    return row;
  }

  changed(row: LogRow): void {
    this.#changed.add(row);
  }

  takeChanged(): readonly LogRow[] {
    const rows = [...this.#changed];
    this.#changed.clear();
    return rows;
  }

  release(pk: number, bytes: number): void {
    const row = this.#byPk.get(pk);
    if (row === undefined) {
      this.#shrink.run(bytes, pk);
      return;
    }
    row.bytes = Math.max(0, row.bytes - bytes);
    this.#changed.add(row);
  }

  drop(id: LogId): void {
    const key = mapKey(id);
    const row = this.#rows.get(key);
    if (row === undefined) return;
    this.#rows.delete(key);
    this.#byPk.delete(row.pk);
    this.#changed.delete(row);
  }

  clear(): void {
    this.#rows.clear();
    this.#byPk.clear();
    this.#changed.clear();
  }

  /** Oldest first, but never a row whose change is not written yet. */
  #makeRoom(): void {
    if (this.#rows.size < MAX_ROWS) return;
    for (const [key, row] of this.#rows) {
      if (this.#changed.has(row)) continue;
      this.#rows.delete(key);
      this.#byPk.delete(row.pk);
      return;
    }
  }
}
