import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { claimsTooMuch, isPicture, isShowable, isThumbnail } from "./media-content.ts";

const text = (value: string): number[] => [...value].map((character) => character.charCodeAt(0));
const big = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, at) => Math.floor(value / 256 ** (bytes - 1 - at)) % 256);
const little = (value: number, bytes: number): number[] => big(value, bytes).reverse();

const segment = (marker: number, ...content: number[]): number[] => [
  0xff,
  marker,
  ...big(content.length + 2, 2),
  ...content,
];
const frame = (width: number, height: number): number[] =>
  segment(0xc0, 8, ...big(height, 2), ...big(width, 2), 1, 1, 0x11, 0);
const jpeg = (width: number, height: number, before: number[] = segment(0xe0, ...text("JFIF\0"))): Uint8Array =>
  Uint8Array.from([0xff, 0xd8, ...before, ...frame(width, height), 0xff, 0xd9]);
const png = (width: number, height: number): Uint8Array =>
  Uint8Array.from([
    ...text("\x89PNG\r\n\x1a\n"),
    ...big(13, 4),
    ...text("IHDR"),
    ...big(width, 4),
    ...big(height, 4),
    8,
  ]);
/** The screen, a comment, and a frame of its own size. */
const gif = (width: number, height: number, frameWidth = width, frameHeight = height): Uint8Array =>
  Uint8Array.from([
    ...[...text("GIF89a"), ...little(width, 2), ...little(height, 2), 0x80, 0, 0, 0, 0, 0, 255, 255, 255],
    ...[0x21, 0xfe, 2, 0x2c, 0x2c, 0, 0x2c, 0, 0, 0, 0, ...little(frameWidth, 2), ...little(frameHeight, 2), 0],
  ]);
const riff = (...content: number[]): Uint8Array =>
  Uint8Array.from([...text("RIFF"), 0, 0, 0, 0, ...text("WEBP"), ...content, 0, 0]);
const extended = (width: number, height: number): Uint8Array =>
  riff(...text("VP8X"), ...little(10, 4), 0, 0, 0, 0, ...little(width - 1, 3), ...little(height - 1, 3));
const lossy = (width: number, height: number): Uint8Array =>
  riff(...text("VP8 "), ...little(10, 4), 0, 0, 0, 0x9d, 1, 0x2a, ...little(width, 2), ...little(height, 2));
const lossless = (width: number, height: number): Uint8Array =>
  riff(...text("VP8L"), ...little(10, 4), 0x2f, ...little((height - 1) * 0x4000 + width - 1, 4), 0, 0, 0);

const side = fc.integer({ min: 1, max: 16_383 });
const formats = { jpeg, png, gif, extended, lossy, lossless };

describe.each(Object.entries(formats))("a %s picture", (_, make) => {
  test.prop([side, side])("is shown if its pixels are few enough, as its header says", (width, height) => {
    const few = width * height <= 50_000_000;
    expect(isShowable("image", make(width, height))).toBe(few);
    expect(claimsTooMuch(make(width, height))).toBe(!few);
  });

  test("is not shown as sound or file, nor if it is cut in its header", () => {
    const whole = make(40, 30);
    expect(isShowable("file", whole)).toBe(false);
    expect(isShowable("image", whole.subarray(0, 9))).toBe(false);
    expect(isShowable("image", whole)).toBe(true);
  });
});

describe("a picture that would take gigabytes", () => {
  test.each([
    ["a PNG of two hundred bytes", png(20_000, 20_000)],
    ["a long one", png(1, 2 ** 31)],
    ["a JPEG", jpeg(65_535, 65_535)],
    ["a GIF whose first frame enlarges its screen", gif(1, 1, 65_535, 65_535)],
    ["a WebP's canvas", extended(2 ** 24, 2 ** 24)],
    ["of no height", jpeg(100, 0)],
  ])("%s is not shown", (_, bytes) => {
    expect(isShowable("image", bytes)).toBe(false);
    expect(claimsTooMuch(bytes)).toBe(true);
  });
});

describe("a preview, which is drawn without being asked for", () => {
  test("is a small JPEG, with what may stand before its frame", () => {
    for (const before of [[], segment(0xe1, ...text("Exif")), [...segment(0xdb, 1, 2), 0xff, ...segment(0xfe, 3)]])
      expect(isThumbnail(jpeg(320, 240, before))).toBe(true);
  });

  test.each([
    ["too wide", jpeg(513, 1)],
    ["too high", jpeg(1, 513)],
    ["a bomb", jpeg(65_535, 65_535)],
    ["another format", png(8, 8)],
    ["an animation", gif(8, 8)],
    ["a drawing", Uint8Array.from(text('<svg xmlns="http://www.w3.org/2000/svg"/>'))],
    ["nothing", new Uint8Array(0)],
    ["bytes between its markers", jpeg(8, 8, [0, ...frame(8, 8)])],
    ["a second beginning", jpeg(8, 8, segment(0xd8, 1))],
    ["a segment that never ends", jpeg(8, 8, [0xff, 0xe0, 0, 0])],
  ])("%s is none", (_, bytes) => {
    expect(isThumbnail(bytes)).toBe(false);
    expect(isPicture({ kind: "image", thumbnail: bytes })).toBe(false);
  });

  test("a file with one is no picture, nor is a picture without one", () => {
    expect(isPicture({ kind: "file", thumbnail: jpeg(8, 8) })).toBe(false);
    expect(isPicture({ kind: "image" })).toBe(false);
    expect(isPicture({ kind: "image", thumbnail: jpeg(8, 8) })).toBe(true);
  });
});

describe("sound and film", () => {
  test.each(["\0\0\0\x18ftypmp42", "\x1a\x45\xdf\xa3", "OggS", "RIFF\0\0\0\0WAVE", "fLaC", "ID3\x04", "\xff\xfb\x90"])(
    "%j begins a container that is played",
    (begin) => {
      expect(isShowable("audio", Uint8Array.from(text(begin)))).toBe(true);
      expect(isShowable("video", Uint8Array.from(text(begin)))).toBe(true);
    },
  );

  test.each([
    "#EXTM3U\nhttps://evil.example/segment.ts",
    "\n#EXTM3U\nhttps://evil.example/segment.ts",
    "[playlist]\nFile1=https://evil.example/",
    "<?xml version='1.0'?><MPD/>",
    "<smil/>",
    "<svg onload='x'/>",
    "",
  ])("%j, which a player would follow elsewhere, is not played", (begin) => {
    expect(isShowable("audio", Uint8Array.from(text(begin)))).toBe(false);
    expect(isShowable("video", Uint8Array.from(text(begin)))).toBe(false);
  });
});

test.prop([fc.uint8Array({ maxLength: 400 }), fc.constantFrom("GIF89a", "\xff\xd8", "RIFF\0\0\0\0WEBP", "")])(
  "any bytes get an answer",
  (bytes, begin) => {
    const head = Uint8Array.from([...text(begin), ...bytes]);
    expect(typeof isShowable("image", head)).toBe("boolean");
    expect(typeof isThumbnail(head)).toBe("boolean");
  },
);
