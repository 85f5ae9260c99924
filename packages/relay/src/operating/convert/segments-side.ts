import type { Random } from "@stonechat/crypto/issuer";
import { FINGERPRINT_KEY_BYTES } from "../../segments/fingerprint.ts";
import type { SegmentFile, SegmentFiles } from "../../segments/segment-files.ts";
import {
  BATCH_HEADER_BYTES,
  bodyIsWhole,
  encodeSegmentHeader,
  entryIdAt,
  recordBytes,
  regionOf,
  SEGMENT_HEADER_BYTES,
  writeBatchHeader,
  writeEntry,
  type EntryRecord,
  type SegmentSalt,
} from "../../segments/segment-format.ts";
import { loadSegments, type LoadedSegments } from "../../segments/segment-loading.ts";
import type { LogState, SegmentLog } from "../../segments/segment-log.ts";
import { segmentName } from "../../segments/segment-names.ts";
import { scanSegment } from "../../segments/segment-scan.ts";
import type { SegmentState } from "../../segments/segment-state.ts";
import type { Counts } from "./kept-log.ts";
import type { StoredEntry } from "./sqlite-side.ts";

const SEGMENT_BYTES = 64 * 1024 * 1024;
/** Longer than the longest entry. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** An entry to be written into a segment. `nextHashes` make it a commit. */
export interface EntryForSegment extends Omit<StoredEntry, "commit"> {
  readonly nextHashes: readonly [Uint8Array, Uint8Array] | undefined;
}

/** Writes a whole new segment store, one entry after the other. Only {@link finish} makes it one, durably. */
export class SegmentWriter {
  readonly #files: SegmentFiles;
  readonly #random: Random;
  #number = 0;
  #file: SegmentFile | undefined;
  #end = 0;
  /** The batch that gathers, and how much of it is used. */
  readonly #batch = regionOf(new Uint8Array(BATCH_BYTES));
  #used = BATCH_HEADER_BYTES;
  #salt: SegmentSalt = { mark: 0, seed: 0 };
  #batches = 0;

  constructor(files: SegmentFiles, random: Random) {
    this.#files = files;
    this.#random = random;
  }

  async add(entry: EntryForSegment): Promise<void> {
    const size = recordBytes(entry.body.length, entry.nextHashes !== undefined);
    if (this.#used + size > BATCH_BYTES) await this.#writeBatch();
    if (this.#file === undefined || this.#end >= SEGMENT_BYTES) await this.#openSegment();
    writeEntry(this.#batch, this.#used, entry, this.#salt);
    this.#used += size;
  }

  /** Saves which logs there are. Their positions and epochs cover all entries that were added. */
  async finish(state: SegmentState, logs: Iterable<LogState>, nextLog: number): Promise<void> {
    await this.#writeBatch();
    if (this.#file === undefined) await this.#openSegment();
    await this.#file?.sync();
    await this.#file?.close();
    await this.#files.syncFolder();
    await state.load(); // makes it
    await state.save({
      ...{ fingerprintKey: this.#random.bytes(FINGERPRINT_KEY_BYTES), logs, gone: [], nextLog },
      // Nothing is covered yet, as no segment has an index: the first start reads all of them.
      ...{ coveredBefore: 1, segments: [], durable: { segment: this.#number, end: this.#end } },
    });
  }

  async #openSegment(): Promise<void> {
    if (this.#file !== undefined) {
      await this.#file.sync();
      await this.#file.close();
    }
    this.#number += 1;
    const { view } = regionOf(this.#random.bytes(8));
    this.#salt = { mark: view.getUint32(0), seed: view.getUint32(4) };
    this.#batches = 0;
    this.#file = await this.#files.create(segmentName(this.#number));
    await this.#file.write(encodeSegmentHeader(this.#number, this.#salt), 0);
    this.#end = SEGMENT_HEADER_BYTES;
  }

  async #writeBatch(): Promise<void> {
    if (this.#used === BATCH_HEADER_BYTES) return;
    writeBatchHeader(this.#batch, this.#salt, this.#batches, this.#used - BATCH_HEADER_BYTES);
    await this.#file?.write(this.#batch.bytes.subarray(0, this.#used), this.#end);
    this.#end += this.#used;
    this.#batches += 1;
    this.#used = BATCH_HEADER_BYTES;
  }
}

/** A segment store opened to be read as a whole. Nobody serves it meanwhile. */
export class SegmentReader {
  readonly #files: SegmentFiles;
  readonly #loaded: LoadedSegments;
  /** Entries whose bodies do not match their checksums. */
  damaged = 0;

  private constructor(files: SegmentFiles, loaded: LoadedSegments) {
    this.#files = files;
    this.#loaded = loaded;
  }

  /** @throws DamagedSegmentError when records are missing that were durable. */
  static async open(files: SegmentFiles, state: SegmentState, random: Random): Promise<SegmentReader> {
    const loaded = await loadSegments({ files, state, random });
    await loaded.active?.file.close();
    return new SegmentReader(files, loaded);
  }

  counts(): Counts {
    return this.#loaded.table.stats();
  }

  logs(): Iterable<SegmentLog> {
    return this.#loaded.table.all();
  }

  /** Calls `each` for every entry that is there, with its log. */
  async entries(each: (log: SegmentLog, entry: StoredEntry) => void): Promise<void> {
    const { segments, table, active } = this.#loaded;
    for (const { number, salt } of segments.all()) {
      const file = await this.#files.open(segmentName(number));
      const bytes = new Uint8Array(await file.size());
      await file.read(bytes, 0);
      await file.close();
      const entry = (record: EntryRecord): void => {
        const log = table.numbered(record.log);
        if (log === undefined || record.state !== "living") return;
        if (bodyIsWhole(regionOf(bytes), record)) each(log, entryOf(record, bytes));
        else this.damaged += 1;
      };
      const mayBeTorn = number === active?.number;
      scanSegment({ number, salt, bytes, mayBeTorn, durableEnd: 0 }, { entry, state: () => undefined });
    }
  }
}

function entryOf({ at, bodyAt, commit, length, log, seq, expiresAt }: EntryRecord, bytes: Uint8Array): StoredEntry {
  return { log, seq, commit, expiresAt, entryId: entryIdAt(bytes, at), body: bytes.subarray(bodyAt, bodyAt + length) };
}
