import { ENTRY_BYTES } from "./entry.ts";
import type { LooseEntry } from "./tree-record.ts";

/**
 * Entries of a file's blocks beside its maps.
 *
 * [Note: Loose entries]
 * Seven pages of a database lie under almost as many maps, so that a small commit would write as much of maps as of pages.
 * The root therefore keeps some entries beside the maps, and they go before what the maps say. When there would be too
 * many, all go into the maps at once. What the maps have in their place is out of date: its block may be another's.
 */
export class LooseEntries {
  readonly #limit: number;
  /** By index. Those that were committed are never written to, only replaced. */
  readonly #entries: Map<number, Uint8Array>;

  constructor(limit: number, entries: readonly LooseEntry[]) {
    this.#limit = limit;
    this.#entries = new Map(entries.map(({ index, entry }) => [index, entry]));
  }

  get list(): readonly LooseEntry[] {
    return [...this];
  }

  get isFull(): boolean {
    return this.#entries.size >= this.#limit;
  }

  get(index: number): Uint8Array | undefined {
    return this.#entries.get(index);
  }

  /** A new entry in place of `before`, to be written to. */
  replace(index: number, before: Uint8Array | undefined): Uint8Array {
    const entry = before?.slice() ?? new Uint8Array(ENTRY_BYTES);
    this.#entries.set(index, entry);
    return entry;
  }

  delete(index: number): void {
    this.#entries.delete(index);
  }

  *[Symbol.iterator](): Generator<LooseEntry> {
    for (const [index, entry] of this.#entries) yield { index, entry };
  }
}
