/** @throws RangeError unless `bytes` has `length` bytes: our own mistake. `what` is a fixed word, never a value. */
export function requireLength(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) throw new RangeError(`${what} must have ${String(length)} bytes`);
}
