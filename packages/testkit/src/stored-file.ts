import type { SeededFractions } from "./seeded-fractions.ts";

/**
 * What a crash does to changes that no flush covered: `tear` keeps some sectors of each write, `prefix` the changes up
 * to some point, `mixed` chooses for each change, `any` chooses one of these for each file.
 */
export type UnsyncedFate = "drop" | "keep" | "tear" | "prefix" | "mixed" | "any";

const SECTOR_BYTES = 512;

/** One change to the bytes of a file. */
export type Change =
  | { readonly kind: "write"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly size: number };

/** What the disk holds of one file: `durable` survives a crash; `visible` is durable with all pending changes. */
export class StoredFile {
  readonly visible = new Bytes();
  readonly #durable = new Bytes();
  #pending: Change[] = [];

  change(change: Change): void {
    this.visible.apply(change);
    this.#pending.push(change);
  }

  /** Notes a change that a power cut met: it may have reached the disk. */
  half(change: Change): void {
    this.#pending.push(change);
  }

  flush(): void {
    for (const change of this.#pending) this.#durable.apply(change);
    this.#pending = [];
  }

  /** As after a failed fsync on Linux: some changes reached the disk, the others never will, though programs see them. */
  failFlush(random: SeededFractions): void {
    for (const change of this.#pending) if (random() < 0.5) this.#durable.apply(change);
    this.#pending = [];
  }

  crash(fate: UnsyncedFate, random: SeededFractions): void {
    const mode = fate === "any" ? pick(["drop", "keep", "tear", "prefix", "mixed"], random) : fate;
    const prefix = Math.floor(random() * (this.#pending.length + 1));
    this.#pending.forEach((change, at) => {
      const lot = mode === "mixed" ? pick(["drop", "keep", "tear"], random) : mode;
      if (lot === "keep" || (lot === "prefix" && at < prefix)) this.#durable.apply(change);
      if (lot === "tear") for (const part of torn(change, random)) this.#durable.apply(part);
    });
    this.#pending = [];
    this.visible.become(this.#durable);
  }

  /** Turns one bit of what is stored, as a failing disk does: programs and the disk see the same. */
  flip(at: number, bit: number): void {
    for (const bytes of [this.visible, this.#durable]) bytes.flip(at, bit);
  }
}

/** One of these, by lot. */
export function pick<T extends UnsyncedFate>(fates: readonly T[], random: SeededFractions): T | "drop" {
  return fates[Math.floor(random() * fates.length)] ?? "drop";
}

/** Some of the sectors of a write, chosen by lot; a truncation happens or not. */
function torn(change: Change, random: SeededFractions): Change[] {
  if (change.kind === "truncate") return random() < 0.5 ? [change] : [];
  const parts: Change[] = [];
  let from = 0;
  while (from < change.bytes.length) {
    const sectorEnd = SECTOR_BYTES - ((change.at + from) % SECTOR_BYTES);
    const to = Math.min(change.bytes.length, from + sectorEnd);
    if (random() < 0.5) parts.push({ kind: "write", at: change.at + from, bytes: change.bytes.subarray(from, to) });
    from = to;
  }
  return parts;
}

/** A growing array of bytes. */
class Bytes {
  length = 0;
  #bytes = new Uint8Array(0);

  apply(change: Change): void {
    if (change.kind === "write") {
      this.#reserve(change.at + change.bytes.length);
      this.#bytes.set(change.bytes, change.at);
      this.length = Math.max(this.length, change.at + change.bytes.length);
      return;
    }
    this.#reserve(change.size);
    if (change.size < this.length) this.#bytes.fill(0, change.size, this.length);
    this.length = change.size;
  }

  read(into: Uint8Array, at: number): number {
    const length = Math.max(0, Math.min(into.length, this.length - at));
    into.set(this.#bytes.subarray(at, at + length));
    return length;
  }

  copy(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  become(other: Bytes): void {
    this.#bytes = new Uint8Array(other.copy());
    this.length = other.length;
  }

  flip(at: number, bit: number): void {
    const byte = this.#bytes[at];
    if (byte !== undefined && at < this.length) this.#bytes[at] = byte ^ (1 << bit);
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(size, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
