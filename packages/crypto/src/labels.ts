/** What a label keeps apart. */
export type LabelUse = "signature" | "mac" | "hpke" | "key" | "hash" | "exporter";

/**
 * Every label of ours, once. A key or signature made under one label is worth nothing under another.
 *
 * Exporter labels go to MLS as they are (RFC 9420 §8.5); all others are written as `Stonechat 1.0 ` and the label.
 * A test holds that no two are equal and none begins with another.
 */
export const LABELS = {
  "device list": "signature",
  "invite proof": "mac",
  "invite request": "signature",
  "invite log id": "key",
  "invite append token": "key",
  "invite key blob": "key",
  link: "signature",
  "join request": "hpke",
  "join answer": "hpke",
  blob: "key",
  "pool take token": "key",
  "pool packages": "key",
  "safety number": "hash",
  "vault salt": "key",
  "vault unlock key": "key",
  "vault box": "key",
  "vault head": "key",
  "vault revocation": "key",
  "guard request": "signature",
  "guard channel": "hpke",
  "guard reply": "key",
  "guard single reply": "key",
  "guard nonce": "mac",
  "guard tag": "mac",
  "guard entry": "key",
  "slot root": "key",
  "slot database": "key",
  "slot directory": "key",
  "word checksum": "key",
  "kit file id": "key",
  "kit file write token": "key",
  "kit file key": "key",
  "return log id": "key",
  "return read token": "key",
  "return append token": "key",
  "return owner token": "key",
  "return contact": "key",
  "return entry": "key",
  "travel blob id": "key",
  "travel write token": "key",
  "travel vault": "key",
  "travel claim": "key",
  "stonechat log read": "exporter",
  "stonechat log append": "exporter",
  "stonechat successor": "exporter",
  "stonechat entry": "exporter",
  "stonechat call": "exporter",
} as const satisfies Readonly<Record<string, LabelUse>>;

/** Any label of ours. */
export type Label = keyof typeof LABELS;
/** The labels that go to MLS's exporter. */
export type ExporterLabel = { [L in Label]: (typeof LABELS)[L] extends "exporter" ? L : never }[Label];
/** The labels that are framed by {@link labelled}. */
export type FramedLabel = Exclude<Label, ExporterLabel>;

const PREFIX = "Stonechat 1.0 ";
const UTF8 = new TextEncoder();

/**
 * A label and what it stands over, as bytes that nothing else of ours yields (after RFC 9420 §5.1.2):
 *
 * ```text
 * struct {
 *   opaque label<V>;      // "Stonechat 1.0 " and the label
 *   opaque content<V>;
 * } Labelled;
 * ```
 */
export function labelled(label: FramedLabel, content: Uint8Array): Uint8Array {
  const name = UTF8.encode(PREFIX + label);
  const nameLength = vectorLength(name.length);
  const contentLength = vectorLength(content.length);
  const out = new Uint8Array(nameLength.length + name.length + contentLength.length + content.length);
  out.set(nameLength, 0);
  out.set(name, nameLength.length);
  out.set(contentLength, nameLength.length + name.length);
  out.set(content, nameLength.length + name.length + contentLength.length);
  return out;
}

/** RFC 9420 §2.1.2. */
function vectorLength(length: number): Uint8Array {
  if (length < 1 << 6) return Uint8Array.of(length);
  if (length < 1 << 14) return Uint8Array.of(0x40 | (length >> 8), length & 0xff);
  if (length < 2 ** 30) {
    return Uint8Array.of(0x80 | (length >>> 24), (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff);
  }
  throw new RangeError("content is too long");
}
