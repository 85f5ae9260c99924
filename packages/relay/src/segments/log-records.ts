import { newEpoch, type LogState } from "./segment-log.ts";

const OWNED = 1;

/** What a create record holds: `logId[32] flags ownerHash[32] readHash[32] appendHash[32]`. */
export function encodeCreation(
  logId: Uint8Array,
  readHash: Uint8Array,
  appendHash: Uint8Array,
  ownerHash: Uint8Array | undefined,
): Uint8Array {
  const bytes = new Uint8Array(CREATION_BYTES);
  bytes.set(logId);
  bytes[32] = ownerHash === undefined ? 0 : OWNED;
  if (ownerHash !== undefined) bytes.set(ownerHash, 33);
  bytes.set(readHash, 65);
  bytes.set(appendHash, 97);
  return bytes;
}
const CREATION_BYTES = 129;

/** @throws RangeError for what {@link encodeCreation} did not make. */
export function decodeCreation(number: number, bytes: Uint8Array): LogState {
  if (bytes.length !== CREATION_BYTES) throw new RangeError("a creation of another length");
  return {
    number,
    logId: bytes.slice(0, 32),
    ownerHash: bytes[32] === OWNED ? bytes.slice(33, 65) : undefined,
    firstEpoch: 0,
    epochs: [newEpoch(bytes.subarray(65, 97), bytes.subarray(97, 129), 0)],
    nextSeq: 0,
  };
}
