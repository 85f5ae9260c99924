import { newEpoch, type LogState, type SegmentEpoch } from "./segment-log.ts";

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

const STATE_BYTES = 81;
const EPOCH_BYTES = 89;
const CLOSED = 1;

/**
 * What a restore record holds, of a log that came from elsewhere: `logId[32] flags ownerHash[32] firstEpoch nextSeq`, then
 * for each epoch `hashes[64] flags firstSeq closingSeq closingExpiresAt`. Numbers are float64, so that all sizes fit.
 */
export function encodeLogState({ logId, ownerHash, firstEpoch, nextSeq, epochs }: LogState): Uint8Array {
  const bytes = new Uint8Array(STATE_BYTES + epochs.length * EPOCH_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(logId);
  bytes[32] = ownerHash === undefined ? 0 : OWNED;
  if (ownerHash !== undefined) bytes.set(ownerHash, 33);
  view.setFloat64(65, firstEpoch, true);
  view.setFloat64(73, nextSeq, true);
  for (const [i, epoch] of epochs.entries()) {
    const at = STATE_BYTES + i * EPOCH_BYTES;
    bytes.set(epoch.hashes, at);
    bytes[at + 64] = epoch.closingSeq >= 0 ? CLOSED : 0;
    view.setFloat64(at + 65, epoch.firstSeq, true);
    view.setFloat64(at + 73, epoch.closingSeq, true);
    view.setFloat64(at + 81, epoch.closingExpiresAt, true);
  }
  return bytes;
}

/** @throws RangeError for what {@link encodeLogState} did not make. */
export function decodeLogState(number: number, bytes: Uint8Array): LogState {
  const count = (bytes.length - STATE_BYTES) / EPOCH_BYTES;
  if (!Number.isInteger(count) || count < 1) throw new RangeError("a log's state of another length");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const epochs: SegmentEpoch[] = Array.from({ length: count }, (_, i) => {
    const at = STATE_BYTES + i * EPOCH_BYTES;
    return {
      hashes: bytes.slice(at, at + 64),
      firstSeq: view.getFloat64(at + 65, true),
      closingSeq: view.getFloat64(at + 73, true),
      closingExpiresAt: view.getFloat64(at + 81, true),
    };
  });
  return {
    number,
    logId: bytes.slice(0, 32),
    ownerHash: bytes[32] === OWNED ? bytes.slice(33, 65) : undefined,
    firstEpoch: view.getFloat64(65, true),
    nextSeq: view.getFloat64(73, true),
    epochs,
  };
}
