import { bitsOf, BitSink, readBits, writeBits } from "./bits.ts";
import {
  AT,
  EXPIRY,
  FINGERPRINT,
  LENGTH,
  packLength,
  ROW_WORDS,
  SEGMENT,
  SEQ,
  unpackCommit,
  unpackExpiry,
  unpackLength,
} from "./entry-rows.ts";

/**
 * How many rows of one log's entries a block holds at most, each in as many bits as the widest of them needs.
 *
 * ```text
 * struct {
 *   uint32 seq;                   // of the first row
 *   uint32 segment;               // the lowest
 *   uint32 lengths;               // the shortest(21), low bits that none has above it(5), kinds(1), width(5)
 *   uint32 expiry_low;            // the earliest
 *   uint32 widths;                // expiry above 2^32(10); widths: expiry(6), in whole seconds(1), at(5), segment(5), seq(5)
 *   Row rows[];                   // no bits between them
 * } Block;
 *
 * struct {                        // all but the first two in bits of the widths above; 31 stands for 32
 *   fingerprint(6), hole(1), at, segment, seq, length, commit, expiry
 * } Row;
 * ```
 *
 * A row's segment, length and expiry are what it has above the lowest, and its seq is how many positions were passed over.
 */
export const BLOCK_ENTRIES = 32;
/** Low bits of the fingerprint, which stand in a row. */
export const ROW_FINGERPRINT_BITS = 6;

const HEADER_WORDS = 5;
const HOLE_BIT = ROW_FINGERPRINT_BITS;
const AT_BIT = HOLE_BIT + 1;
const MAX_ROW_BITS = AT_BIT + 32 + 32 + 32 + 21 + 1 + 42;
/** The words of the longest block. */
export const MAX_BLOCK_WORDS = HEADER_WORDS + Math.ceil((BLOCK_ENTRIES * MAX_ROW_BITS) / 32);

const LENGTH_MASK = 2 ** 21 - 1;
const ROW_FINGERPRINT_MASK = 2 ** ROW_FINGERPRINT_BITS - 1;
const SECOND_MS = 1000;
const WORD = 2 ** 32;

/** Writes `count` rows, from row `from` on, as a block to the beginning of `into`. @returns how many words it takes. */
export function packBlock(rows: Uint32Array, from: number, count: number, into: Uint32Array): number {
  writeHeader(rows, from, count, into);
  return writeRows(rows, from, count, into);
}

/** Writes `count` rows of a block out again. Of fingerprints only {@link ROW_FINGERPRINT_BITS} are there. */
export function unpackBlock(words: Uint32Array, block: number, count: number, into: Uint32Array, to: number): void {
  for (let i = 0; i < count; i += 1) {
    const row = (to + i) * ROW_WORDS;
    const expiry = expiryIn(words, block, i);
    into[row + SEQ] = seqIn(words, block, i);
    into[row + SEGMENT] = isHoleIn(words, block, i) ? 0 : segmentIn(words, block, i);
    into[row + AT] = atIn(words, block, i);
    into[row + LENGTH] = packLength(lengthIn(words, block, i), isCommitIn(words, block, i), expiry);
    into[row + EXPIRY] = expiry;
    into[row + FINGERPRINT] = rowFingerprintIn(words, block, i);
  }
}

/** Of row `i` of the block that begins at word `block`, as are all that follow. */
export function seqIn(words: Uint32Array, block: number, i: number): number {
  const widths = words[block + 4] ?? 0;
  const skipped = readBits(
    words,
    rowAt(words, block, i) + AT_BIT + atWidth(widths) + segmentWidth(widths),
    seqWidth(widths),
  );
  return (words[block] ?? 0) + i + skipped;
}
export function segmentIn(words: Uint32Array, block: number, i: number): number {
  const widths = words[block + 4] ?? 0;
  return (
    (words[block + 1] ?? 0) + readBits(words, rowAt(words, block, i) + AT_BIT + atWidth(widths), segmentWidth(widths))
  );
}
export function atIn(words: Uint32Array, block: number, i: number): number {
  return readBits(words, rowAt(words, block, i) + AT_BIT, atWidth(words[block + 4] ?? 0));
}
export function lengthIn(words: Uint32Array, block: number, i: number): number {
  const lengths = words[block + 2] ?? 0;
  const above = readBits(words, lengthAt(words, block, i), lengths >>> 27);
  return (lengths & LENGTH_MASK) + (above << ((lengths >>> 21) & 31));
}
export function isCommitIn(words: Uint32Array, block: number, i: number): boolean {
  const lengths = words[block + 2] ?? 0;
  return readBits(words, lengthAt(words, block, i) + (lengths >>> 27), kindWidth(lengths)) === 1;
}
export function expiryIn(words: Uint32Array, block: number, i: number): number {
  const lengths = words[block + 2] ?? 0;
  const widths = words[block + 4] ?? 0;
  const bit = lengthAt(words, block, i) + (lengths >>> 27) + kindWidth(lengths);
  const width = expiryWidth(widths);
  const low = readBits(words, bit, Math.min(32, width));
  const above = low + readBits(words, bit + 32, Math.max(0, width - 32)) * WORD;
  return (widths & 1023) * WORD + (words[block + 3] ?? 0) + above * expiryUnit(widths);
}
export function rowFingerprintIn(words: Uint32Array, block: number, i: number): number {
  return readBits(words, rowAt(words, block, i), ROW_FINGERPRINT_BITS);
}
export function isHoleIn(words: Uint32Array, block: number, i: number): boolean {
  return readBits(words, rowAt(words, block, i) + HOLE_BIT, 1) === 1;
}

export function makeHoleIn(words: Uint32Array, block: number, i: number): void {
  writeBits(words, rowAt(words, block, i) + HOLE_BIT, 1, 1);
}

/** @returns false if the row has too few bits for it; then nothing was changed. */
export function moveIn(words: Uint32Array, block: number, i: number, at: number): boolean {
  const width = atWidth(words[block + 4] ?? 0);
  if (bitsOf(at) > width) return false;
  writeBits(words, rowAt(words, block, i) + AT_BIT, width, at);
  return true;
}

function writeHeader(rows: Uint32Array, from: number, count: number, into: Uint32Array): void {
  const first = from * ROW_WORDS;
  const seq = rows[first + SEQ] ?? 0;
  let [lowest, highest, farthest, skipped] = [WORD, 0, 0, 0];
  let [shortest, longest, kinds] = [WORD, 0, 0];
  let [earliest, latest] = [Infinity, 0];
  for (let i = 0; i < count; i += 1) {
    const row = first + i * ROW_WORDS;
    const segment = rows[row + SEGMENT] ?? 0;
    const packed = rows[row + LENGTH] ?? 0;
    const length = unpackLength(packed);
    const expiry = unpackExpiry(packed, rows[row + EXPIRY] ?? 0);
    // A hole has no segment.
    lowest = Math.min(lowest, segment === 0 ? WORD : segment);
    highest = Math.max(highest, segment);
    farthest = Math.max(farthest, rows[row + AT] ?? 0);
    skipped = (rows[row + SEQ] ?? 0) - seq - i;
    shortest = Math.min(shortest, length);
    longest = Math.max(longest, length);
    earliest = Math.min(earliest, expiry);
    latest = Math.max(latest, expiry);
    if (unpackCommit(packed)) kinds = 1;
  }
  let [inSeconds, differences] = [true, 0];
  for (let i = 0; i < count; i += 1) {
    const row = first + i * ROW_WORDS;
    const packed = rows[row + LENGTH] ?? 0;
    differences |= unpackLength(packed) - shortest;
    if ((unpackExpiry(packed, rows[row + EXPIRY] ?? 0) - earliest) % SECOND_MS !== 0) inSeconds = false;
  }
  const shift = differences === 0 ? 0 : 31 - Math.clz32(differences & -differences);
  const expiryBits = bitsOf(inSeconds ? (latest - earliest) / SECOND_MS : latest - earliest);
  into[0] = seq;
  into[1] = highest === 0 ? 0 : lowest;
  into[2] = shortest | (shift << 21) | (kinds << 26) | (bitsOf((longest - shortest) >>> shift) << 27);
  into[3] = earliest;
  into[4] =
    Math.floor(earliest / WORD) |
    (expiryBits << 10) |
    ((inSeconds ? 1 : 0) << 16) |
    (noted(bitsOf(farthest)) << 17) |
    (noted(highest === 0 ? 0 : bitsOf(highest - lowest)) << 22) |
    (noted(bitsOf(skipped)) << 27);
}

/** Writes the rows' fields one behind the other, behind the header that is there. @returns the end, in words. */
function writeRows(rows: Uint32Array, from: number, count: number, into: Uint32Array): number {
  const [seq = 0, lowest = 0, lengths = 0, low = 0, widths = 0] = [into[0], into[1], into[2], into[3], into[4]];
  const [atBits, segmentBits, seqBits] = [atWidth(widths), segmentWidth(widths), seqWidth(widths)];
  const [lengthBits, kindBits, expiryBits] = [lengths >>> 27, kindWidth(lengths), expiryWidth(widths)];
  const [shortest, shift] = [lengths & LENGTH_MASK, (lengths >>> 21) & 31];
  const [earliest, unit] = [(widths & 1023) * WORD + low, expiryUnit(widths)];
  const sink = new BitSink(into, HEADER_WORDS);
  for (let i = 0; i < count; i += 1) {
    const row = (from + i) * ROW_WORDS;
    const segment = rows[row + SEGMENT] ?? 0;
    const packed = rows[row + LENGTH] ?? 0;
    const hole = segment === 0;
    const fingerprint = (rows[row + FINGERPRINT] ?? 0) & ROW_FINGERPRINT_MASK;
    sink.put(AT_BIT, fingerprint | (hole ? 1 << HOLE_BIT : 0));
    sink.put(atBits, rows[row + AT] ?? 0);
    if (segmentBits > 0) sink.put(segmentBits, hole ? 0 : segment - lowest);
    if (seqBits > 0) sink.put(seqBits, (rows[row + SEQ] ?? 0) - seq - i);
    if (lengthBits > 0) sink.put(lengthBits, (unpackLength(packed) - shortest) >>> shift);
    if (kindBits > 0) sink.put(1, unpackCommit(packed) ? 1 : 0);
    const expiry = (unpackExpiry(packed, rows[row + EXPIRY] ?? 0) - earliest) / unit;
    if (expiryBits > 0) sink.put(Math.min(32, expiryBits), expiry % WORD);
    if (expiryBits > 32) sink.put(expiryBits - 32, Math.floor(expiry / WORD));
  }
  return sink.end();
}

/** The bit with which row `i` begins. */
function rowAt(words: Uint32Array, block: number, i: number): number {
  return (block + HEADER_WORDS) * 32 + i * rowBitsIn(words, block);
}

function lengthAt(words: Uint32Array, block: number, i: number): number {
  const widths = words[block + 4] ?? 0;
  return rowAt(words, block, i) + AT_BIT + atWidth(widths) + segmentWidth(widths) + seqWidth(widths);
}

function rowBitsIn(words: Uint32Array, block: number): number {
  const lengths = words[block + 2] ?? 0;
  const widths = words[block + 4] ?? 0;
  const places = atWidth(widths) + segmentWidth(widths) + seqWidth(widths);
  return AT_BIT + places + (lengths >>> 27) + kindWidth(lengths) + expiryWidth(widths);
}

function expiryWidth(widths: number): number {
  return (widths >>> 10) & 63;
}
function expiryUnit(widths: number): number {
  return ((widths >>> 16) & 1) === 1 ? SECOND_MS : 1;
}
function atWidth(widths: number): number {
  return meant((widths >>> 17) & 31);
}
function segmentWidth(widths: number): number {
  return meant((widths >>> 22) & 31);
}
function seqWidth(widths: number): number {
  return meant(widths >>> 27);
}
function kindWidth(lengths: number): number {
  return (lengths >>> 26) & 1;
}

/** Widths up to 32 in five bits. */
function noted(width: number): number {
  return Math.min(31, width);
}
function meant(width: number): number {
  return width === 31 ? 32 : width;
}
