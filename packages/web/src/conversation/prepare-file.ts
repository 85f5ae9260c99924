import type { AttachmentInput, AttachmentKind } from "@stonechat/core/client-api";
import { decodePicture } from "./decode-picture.ts";
import { fitSize } from "./fit-size.ts";

/** A file that waits in the composer. */
export interface PendingFile {
  readonly id: number;
  readonly input: AttachmentInput;
  readonly size: number;
  /** Sent as it is, with what it may say about place, time and author. */
  readonly mayTell: boolean;
}

/** Pictures are sent no longer than this on a side. */
const LONGEST_SIDE = 2_560;
const THUMBNAIL_SIDE = 320;
const THUMBNAIL_BYTES = 12_000;
const REENCODED = new Set([
  "image/jpeg",
  "image/png",
  "image/webp",
  "image/avif",
  "image/bmp",
  "image/heic",
  "image/heif",
]);
/** These carry no place and no author worth the name; every other type may. */
const TELLS_NOTHING = /^(?:text\/|application\/(?:json|zip|gpx\+xml))/;
let nextId = 0;

/**
 * Makes a file ready to send. A picture is drawn anew, which leaves behind all it says about camera, place and time
 * (EXIF, XMP, embedded previews); a picture that this browser cannot draw, and any other file, goes as it is.
 */
export async function prepareFile(file: File): Promise<PendingFile> {
  const picture = REENCODED.has(file.type) ? await redraw(file) : undefined;
  if (picture !== undefined) return picture;
  const mediaType = file.type === "" ? "application/octet-stream" : file.type;
  const kind = kindOf(mediaType);
  return {
    id: nextId++,
    size: file.size,
    mayTell: !TELLS_NOTHING.test(mediaType),
    input: { file, name: file.name, mediaType, kind },
  };
}

function kindOf(mediaType: string): AttachmentKind {
  if (mediaType === "image/gif") return "image";
  if (mediaType.startsWith("audio/")) return "audio";
  return mediaType.startsWith("video/") ? "video" : "file";
}

async function redraw(file: File): Promise<PendingFile | undefined> {
  const bitmap = await decodePicture(file);
  if (bitmap === undefined) return undefined;
  try {
    const size = fitSize(bitmap, LONGEST_SIDE);
    const mediaType = file.type === "image/png" || file.type === "image/webp" ? file.type : "image/jpeg";
    const picture = await encode(bitmap, size, mediaType, 0.86);
    const thumbnail = await encodeThumbnail(bitmap);
    const name = mediaType === file.type ? file.name : `${file.name.replace(/\.[^.]*$/, "")}.jpg`;
    const input: AttachmentInput = {
      file: new File([picture], name, { type: picture.type }),
      name,
      mediaType: picture.type,
      kind: "image",
      ...size,
      ...(thumbnail === undefined ? {} : { thumbnail }),
    };
    return { id: nextId++, size: picture.size, mayTell: false, input };
  } finally {
    bitmap.close();
  }
}

async function encodeThumbnail(bitmap: ImageBitmap): Promise<Uint8Array | undefined> {
  for (const side of [THUMBNAIL_SIDE, THUMBNAIL_SIDE / 2, THUMBNAIL_SIDE / 4]) {
    const blob = await encode(bitmap, fitSize(bitmap, side), "image/jpeg", 0.6);
    if (blob.size <= THUMBNAIL_BYTES) return new Uint8Array(await blob.arrayBuffer());
  }
  return undefined;
}

async function encode(
  bitmap: ImageBitmap,
  { width, height }: { readonly width: number; readonly height: number },
  type: string,
  quality: number,
): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (context === null) throw new RangeError("no canvas");
  if (type === "image/jpeg") {
    context.fillStyle = "#ffffff"; // JPEG has no transparency
    context.fillRect(0, 0, width, height);
  }
  context.drawImage(bitmap, 0, 0, width, height);
  return canvas.convertToBlob({ type, quality });
}
