import { claimsTooMuch, MEDIA_HEAD_BYTES } from "./media-content.ts";

/** A picture file decoded, turned as it is meant to be seen; undefined for what is no picture, or too large a one. */
export async function decodePicture(file: Blob): Promise<ImageBitmap | undefined> {
  const head = new Uint8Array(await file.slice(0, MEDIA_HEAD_BYTES).arrayBuffer());
  if (claimsTooMuch(head)) return undefined;
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return undefined; // not a picture after all, or of a kind that this browser does not know
  }
}
