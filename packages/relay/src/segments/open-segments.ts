import type { SegmentFile, SegmentFiles } from "./segment-files.ts";
import { segmentName } from "./segment-names.ts";

interface Open {
  readonly file: Promise<SegmentFile>;
  users: number;
  /** Closed by the last user: it is not the segment's file any more, or there were too many. */
  retired: boolean;
}

/** How many files are kept open for the next reader. */
const MAX_IDLE = 200;

/** Segments opened for reading and erasing, the most recently used kept open. */
export class OpenSegments {
  readonly #files: SegmentFiles;
  readonly #open = new Map<number, Open>();

  constructor(files: SegmentFiles) {
    this.#files = files;
  }

  /** Lends the file to `work`. What replaces it meanwhile does not disturb `work`. */
  async use<T>(segment: number, work: (file: SegmentFile) => Promise<T>): Promise<T> {
    const open = this.#open.get(segment) ?? {
      file: this.#files.open(segmentName(segment)),
      users: 0,
      retired: false,
    };
    // Behind all others: the first in the map is the one that was not used for longest.
    this.#open.delete(segment);
    this.#open.set(segment, open);
    open.users += 1;
    try {
      return await work(await open.file);
    } catch (error) {
      if (this.#open.get(segment) === open) this.retire(segment);
      throw error;
    } finally {
      open.users -= 1;
      await this.#closeIfDone(open);
      this.#trim();
    }
  }

  /** The segment's file was replaced or removed: nobody new gets this one. */
  retire(segment: number): void {
    const open = this.#open.get(segment);
    if (open === undefined) return;
    this.#open.delete(segment);
    open.retired = true;
    void this.#closeIfDone(open);
  }

  async close(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open.clear();
    for (const open of all) open.retired = true;
    await Promise.all(all.map((open) => this.#closeIfDone(open)));
  }

  #trim(): void {
    if (this.#open.size <= MAX_IDLE) return;
    // One that is in use may be about to be replaced under its name: then whoever comes must still get this one.
    for (const [segment, { users }] of this.#open) {
      if (users > 0) continue;
      this.retire(segment);
      return;
    }
  }

  async #closeIfDone(open: Open): Promise<void> {
    if (!open.retired || open.users > 0) return;
    try {
      await (await open.file).close();
    } catch {
      // It was read from only, or what was written to it was synced: nothing depends on its closing.
    }
  }
}
