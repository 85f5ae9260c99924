/** A segment lacks or garbles what was acknowledged. The relay does not start over it: restore a backup, or have it looked at. */
export class DamagedSegmentError extends Error {
  override readonly name = "DamagedSegmentError";
  readonly code = "damaged-segment";
  readonly file: string;
  /** Where in the file, in bytes. */
  readonly at: number;

  constructor(file: string, at: number) {
    super(
      `the file segments/${file} is damaged or incomplete at byte ${String(at)}: entries that were acknowledged are in it`,
    );
    this.file = file;
    this.at = at;
  }
}

/** One stored entry does not match its checksum. It is never served; other entries are. */
export class DamagedEntryError extends Error {
  override readonly name = "DamagedEntryError";
  readonly code = "damaged-entry";
  readonly file: string;

  constructor(file: string) {
    super(`an entry in segments/${file} does not match its checksum`);
    this.file = file;
  }
}

/** Whether a write failed for want of room: disk, quota or greatest file size. Nothing is broken then. */
export function isOutOfRoom(error: unknown): boolean {
  return error instanceof Error && "code" in error && OUT_OF_ROOM.has(error.code);
}
const OUT_OF_ROOM: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
