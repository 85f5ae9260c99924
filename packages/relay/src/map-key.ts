/** A string that stands for `bytes` in a `Map`: one character a byte. Not for people, and never for the log. */
export function mapKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
