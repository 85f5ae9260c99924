import type { AttachmentKind, AttachmentView } from "@stonechat/core/client-api";
import type { Size } from "./fit-size.ts";

/** What {@link isShowable} wants to see of a file, from its beginning. */
export const MEDIA_HEAD_BYTES = 1024 * 1024;
/** Decoded, a pixel takes four bytes: a file of a few hundred can claim gigabytes, and the page hangs. */
const MAX_PIXELS = 50_000_000;
const MAX_SIDE = 16_384;
/** Ours have 320; they are drawn without being asked for. */
const MAX_THUMBNAIL_SIDE = 512;

/**
 * Whether the page may hand these bytes to the browser's decoders. Goes by the bytes and not by the type that the sender
 * names, as decoders do: a picture of a format that we know and of a size that can be drawn, sound or film in a container
 * that holds all of it. A list of addresses that a player would fetch is none.
 */
export function isShowable(kind: AttachmentKind, head: Uint8Array): boolean {
  switch (kind) {
    case "image":
      return isWithin(pictureSize(head), MAX_SIDE, MAX_PIXELS);
    case "audio":
    case "video":
      return CONTAINERS.some((isContainer) => isContainer(head));
    case "file":
      return false;
  }
}

/** Whether an attachment is drawn as a picture: its preview is a small JPEG, as senders make them. */
export function isPicture({ kind, thumbnail }: Pick<AttachmentView, "kind" | "thumbnail">): boolean {
  return kind === "image" && thumbnail !== undefined && isThumbnail(thumbnail);
}

/** See {@link isPicture}. */
export function isThumbnail(bytes: Uint8Array): boolean {
  return isWithin(jpegSize(bytes), MAX_THUMBNAIL_SIDE, MAX_THUMBNAIL_SIDE ** 2);
}

/** Whether a picture says that it is larger than can be drawn. One of a format that is not known here does not. */
export function claimsTooMuch(head: Uint8Array): boolean {
  const size = pictureSize(head);
  return size !== undefined && !isWithin(size, MAX_SIDE, MAX_PIXELS);
}

function isWithin(size: Size | undefined, side: number, pixels: number): boolean {
  if (size === undefined) return false;
  const { width, height } = size;
  return width > 0 && height > 0 && Math.max(width, height) <= side && width * height <= pixels;
}

/** The size that a JPEG, PNG, GIF or WebP says it has; undefined for anything else. */
function pictureSize(head: Uint8Array): Size | undefined {
  return jpegSize(head) ?? pngSize(head) ?? gifSize(head) ?? webpSize(head);
}

/** Walks from marker to marker (ITU T.81, B.1.1) up to the frame's header, and takes nothing that a decoder would skip. */
function jpegSize(head: Uint8Array): Size | undefined {
  if (uint16(head, 0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 <= head.length; at += 2 + uint16(head, at + 2)) {
    if (head[at] !== 0xff) return undefined;
    while (head[at + 1] === 0xff) at += 1; // fill bytes
    const marker = head[at + 1] ?? 0;
    if (uint16(head, at + 2) < 2) return undefined;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { height: uint16(head, at + 5), width: uint16(head, at + 7) };
    const isTable = marker === 0xc4 || marker === 0xcc || marker === 0xdb || marker === 0xdd;
    if (!isTable && marker !== 0xfe && (marker < 0xe0 || marker > 0xef)) return undefined;
  }
  return undefined;
}

function pngSize(head: Uint8Array): Size | undefined {
  const begins = startsWith(head, "\x89PNG\r\n\x1a\n") && startsWith(head, "IHDR", 12);
  return begins && head.length >= 24 ? { width: uint32(head, 16), height: uint32(head, 20) } : undefined;
}

/** The screen's size, or what the first frame enlarges it to, as decoders do. */
function gifSize(head: Uint8Array): Size | undefined {
  if (!startsWith(head, "GIF87a") && !startsWith(head, "GIF89a")) return undefined;
  const flags = head[10] ?? 0;
  let at = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  while (head[at] === 0x21) {
    for (at += 2; (head[at] ?? 0) !== 0;) at += 1 + (head[at] ?? 0);
    at += 1;
  }
  if (head[at] !== 0x2c || at + 9 > head.length) return undefined;
  return {
    width: Math.max(little16(head, 6), little16(head, at + 1) + little16(head, at + 5)),
    height: Math.max(little16(head, 8), little16(head, at + 3) + little16(head, at + 7)),
  };
}

/** The canvas of an extended file, else that of its only frame (RFC 9649 §2.5–2.7). */
function webpSize(head: Uint8Array): Size | undefined {
  if (!startsWith(head, "RIFF") || !startsWith(head, "WEBP", 8) || head.length < 30) return undefined;
  if (startsWith(head, "VP8X", 12)) return { width: 1 + little24(head, 24), height: 1 + little24(head, 27) };
  if (startsWith(head, "VP8 ", 12)) return { width: little16(head, 26) & 0x3fff, height: little16(head, 28) & 0x3fff };
  if (!startsWith(head, "VP8L", 12) || head[20] !== 0x2f) return undefined;
  const bits = little16(head, 21) + little16(head, 23) * 0x1_0000;
  return { width: 1 + (bits % 0x4000), height: 1 + (Math.floor(bits / 0x4000) % 0x4000) };
}

/** MP4 and QuickTime, Matroska and WebM, Ogg, WAVE, FLAC, MP3 with and without a tag, and AAC. */
const CONTAINERS: readonly ((head: Uint8Array) => boolean)[] = [
  (head) => ["ftyp", "moov", "mdat", "wide", "free"].some((box) => startsWith(head, box, 4)),
  (head) => startsWith(head, "\x1a\x45\xdf\xa3"),
  (head) => startsWith(head, "OggS"),
  (head) => startsWith(head, "RIFF") && startsWith(head, "WAVE", 8),
  (head) => startsWith(head, "fLaC"),
  (head) => startsWith(head, "ID3"),
  (head) => (uint16(head, 0) & 0xffe0) === 0xffe0,
];

function startsWith(bytes: Uint8Array, text: string, at = 0): boolean {
  return [...text].every((character, index) => bytes[at + index] === character.charCodeAt(0));
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 0x100 + (bytes[at + 1] ?? 0);
}

function uint32(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) * 0x1_0000 + uint16(bytes, at + 2);
}

function little16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 0x100;
}

function little24(bytes: Uint8Array, at: number): number {
  return little16(bytes, at) + (bytes[at + 2] ?? 0) * 0x1_0000;
}
