/** A string that stands for `bytes` in a `Map`: one character a byte. Not for people, and never for the log. */
export function mapKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** What a {@link mapKey} was made of. A key takes a fifth of the memory of a short array: much that is kept is kept so. */
export function keyBytes(key: string): Uint8Array {
  return new Uint8Array(Buffer.from(key, "latin1"));
}
