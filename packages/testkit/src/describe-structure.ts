import { fc, test } from "@fast-check/vitest";
import { WireError, type Structure } from "@stonechat/protocol";
import { describe, expect } from "vitest";

/** How hard {@link describeStructure} tries. */
export interface StructureEffort {
  /** Values made for each property. */
  readonly runs?: number;
  /** Damaged encodings and pieces of noise given to the decoder. */
  readonly noiseRuns?: number;
}

/** Encodings longer than this are cut, lengthened and flipped at some places only. */
const EVERYWHERE_BYTES = 256;
/** The longest length that a `<V>` vector can state: 2^30 - 1. */
const HUGE_LENGTH = Uint8Array.of(0xbf, 0xff, 0xff, 0xff);

/**
 * What every structure on the wire must do: a decoder takes exactly the bytes that its encoder writes, refuses all
 * others with a {@link WireError}, and keeps no hold on what it was given.
 *
 * @param values - Any value of the structure; small ones find more, since there are more of them.
 */
export function describeStructure<T>(
  name: string,
  structure: Structure<T>,
  values: fc.Arbitrary<T>,
  { runs = 50, noiseRuns = 1000 }: StructureEffort = {},
): void {
  const encodings = values.map((value) => structure.encode(value));

  describe(name, () => {
    test.prop([values], { numRuns: runs })(
      "gives back what was encoded, and encodes it to the same bytes again",
      (value) => {
        const bytes = structure.encode(value);
        const decoded = structure.decode(bytes);
        expect(decoded).toEqual(value);
        expectSameBytes(structure.encode(decoded), bytes);
      },
    );

    test.prop([encodings], { numRuns: runs })("keeps no hold on the bytes it decoded", (bytes) => {
      const given = Uint8Array.from(bytes);
      const decoded = structure.decode(given);
      given.fill(0xff);
      expectSameBytes(structure.encode(decoded), bytes);
    });

    test.prop([encodings, fc.nat()], { numRuns: runs })("refuses every proper prefix", (bytes, seed) => {
      for (const length of places(bytes.length, seed)) expectRefused(structure, bytes.subarray(0, length));
    });

    test.prop([encodings, fc.uint8Array({ minLength: 1, maxLength: 40 })], { numRuns: runs })(
      "refuses anything appended",
      (bytes, extra) => {
        expectRefused(structure, concatBytes(bytes, extra), ["trailing-bytes", "too-long"]);
      },
    );

    test("refuses more bytes than it may have before it looks at them", () => {
      expectRefused(structure, new Uint8Array(structure.maxBytes + 1), ["too-long"]);
    });

    test.prop([encodings, fc.nat()], { numRuns: runs })(
      "takes a flipped bit only for the value that says so",
      (bytes, seed) => {
        for (const place of places(bytes.length, seed)) {
          const flipped = Uint8Array.from(bytes);
          flipped[place] = (flipped[place] ?? 0) ^ (1 << ((seed + place) % 8));
          expectStrict(structure, flipped);
        }
      },
    );

    test.prop([encodings, fc.nat()], { numRuns: runs })(
      "refuses a length that promises 2^30 - 1 bytes",
      (bytes, seed) => {
        for (const place of places(bytes.length, seed)) {
          // If the place holds no length but content, the value changes and the rule is only that of strictness.
          expectStrict(structure, concatBytes(bytes.subarray(0, place), HUGE_LENGTH, bytes.subarray(place + 4)));
        }
      },
    );

    test.prop([damaged(encodings)], { numRuns: noiseRuns })(
      "answers noise with a WireError or the value it stands for",
      (noise) => {
        expectStrict(structure, noise);
      },
    );
  });
}

/** Encodings with pieces cut out, doubled, overwritten or joined, and plain noise. */
function damaged(encodings: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const noise = fc.uint8Array({ maxLength: 60 });
  const cut = fc.tuple(encodings, fc.nat(), fc.nat(), noise).map(([bytes, a, b, piece]) => {
    const from = a % (bytes.length + 1);
    const to = Math.min(bytes.length, from + (b % 8));
    return concatBytes(bytes.subarray(0, from), piece.subarray(0, piece.length % 9), bytes.subarray(to));
  });
  const joined = fc.tuple(encodings, encodings, fc.nat()).map(([left, right, a]) => {
    const at = a % (left.length + 1);
    return concatBytes(left.subarray(0, at), right.subarray(Math.min(at, right.length)));
  });
  const afterStart = fc
    .tuple(encodings, fc.nat({ max: 12 }), noise)
    .map(([bytes, at, piece]) => concatBytes(bytes.subarray(0, at), piece));
  return fc.oneof(noise, cut, joined, afterStart);
}

function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** All indices below `length`, or for long encodings both ends and a few in between. */
function places(length: number, seed: number): readonly number[] {
  if (length <= EVERYWHERE_BYTES) return Array.from({ length }, (_, index) => index);
  const ends = EVERYWHERE_BYTES / 4;
  const between = Array.from({ length: 32 }, (_, index) => (seed + index * 7919) % length);
  return [
    ...Array.from({ length: ends }, (_, index) => index),
    ...between,
    ...Array.from({ length: ends }, (_, index) => length - 1 - index),
  ];
}

function expectRefused<T>(structure: Structure<T>, bytes: Uint8Array, codes?: readonly string[]): void {
  const error = refusal(structure, bytes);
  if (error === undefined) expect.fail("was accepted");
  if (codes !== undefined) expect(codes).toContain(error.code);
}

/** Either refused with a {@link WireError}, or exactly what the encoder writes for the value. */
function expectStrict<T>(structure: Structure<T>, bytes: Uint8Array): void {
  let value: T;
  try {
    value = structure.decode(bytes);
  } catch (error) {
    if (error instanceof WireError) return;
    throw error;
  }
  expectSameBytes(structure.encode(value), bytes);
}

function refusal<T>(structure: Structure<T>, bytes: Uint8Array): WireError | undefined {
  try {
    structure.decode(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}

/** Like `toEqual`, without walking through each byte when they agree. */
function expectSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(actual, expected) !== 0) expect(actual).toEqual(expected);
}
