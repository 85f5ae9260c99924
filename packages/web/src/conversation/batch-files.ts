/** Most files that one message carries. Source: PROTOCOL, "Content". */
export const MAX_FILES_PER_MESSAGE = 10;
/** Room for thumbnails in one message: its body holds 60,000 bytes in all, text among them. */
export const THUMBNAIL_ROOM_BYTES = 30_000;

interface WithThumbnail {
  readonly input: { readonly thumbnail?: Uint8Array };
}

/** Splits files, in order, into as few messages as their number and their thumbnails allow. */
export function batchFiles<T extends WithThumbnail>(files: readonly T[]): readonly (readonly T[])[] {
  const batches: T[][] = [];
  let room = 0;
  for (const file of files) {
    const bytes = file.input.thumbnail?.length ?? 0;
    const last = batches.at(-1);
    if (last === undefined || last.length === MAX_FILES_PER_MESSAGE || bytes > room) {
      batches.push([file]);
      room = THUMBNAIL_ROOM_BYTES - bytes;
    } else {
      last.push(file);
      room -= bytes;
    }
  }
  return batches;
}
