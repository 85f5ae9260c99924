import { deriveKey, equalSecrets } from "@stonechat/crypto";
import { WORDS } from "./word-list.ts";

const BITS_PER_WORD = 11;
/** Enough letters to tell any two words of the list apart. */
const LETTERS = 4;
const NOTHING = new Uint8Array(0);
const places = new Map(WORDS.map((word, place) => [word.slice(0, LETTERS), place]));

/**
 * A secret as words: its bits, then as many bits of a checksum as fill the last word, 11 bits a word, the first bit first.
 * 32 bytes and 25 words leave 19 bits for the checksum, 16 bytes and 12 words leave 4.
 *
 * @throws RangeError if the words have no room for the secret.
 */
export function toWords(secret: Uint8Array, count: number): readonly string[] {
  const bits = toBits(secret) + checksum(secret, count);
  return Array.from({ length: count }, (_, i) => {
    const place = Number.parseInt(bits.slice(i * BITS_PER_WORD, (i + 1) * BITS_PER_WORD), 2);
    return WORDS[place] ?? "";
  });
}

/**
 * The secret of words as somebody typed them: in any case, with any signs between them, or only four letters of each.
 *
 * @returns undefined if there are more or fewer words than `count`, one is not of the list, or the checksum is wrong.
 */
export function parseWords(text: string, count: number, secretBytes: number): Uint8Array | undefined {
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  if (words.length !== count) return undefined;
  let bits = "";
  for (const word of words) {
    const place = placeOf(word);
    if (place === undefined) return undefined;
    bits += place.toString(2).padStart(BITS_PER_WORD, "0");
  }
  const secret = Uint8Array.from({ length: secretBytes }, (_, i) => Number.parseInt(bits.slice(i * 8, i * 8 + 8), 2));
  const encoder = new TextEncoder();
  const given = encoder.encode(bits.slice(secretBytes * 8));
  return equalSecrets(given, encoder.encode(checksum(secret, count))) ? secret : undefined;
}

function placeOf(word: string): number | undefined {
  const place = places.get(word.slice(0, LETTERS));
  const known = place === undefined ? undefined : WORDS[place];
  // A longer ending that is not the word's own is a slip that the first letters hide.
  return known !== undefined && (word === known || word.length === LETTERS) ? place : undefined;
}

/** The first bits of a key that derives from the secret; so many that all words are full. */
function checksum(secret: Uint8Array, count: number): string {
  const length = count * BITS_PER_WORD - secret.length * 8;
  if (length < 1 || length > 32) throw new RangeError("the words have no room for this secret");
  return toBits(deriveKey(secret, "word checksum", NOTHING, 4)).slice(0, length);
}

function toBits(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
}
