/**
 * The length to which `length` bytes are padded so that the size of a file tells little (Padmé: Nikitin et al.,
 * Reducing Metadata Leakage from Encrypted Files and Communication with PURBs, §4): at most 12 % more.
 *
 * @throws RangeError unless `length` is an integer from 0 to 2^52.
 */
export function padme(length: number): number {
  if (!Number.isInteger(length) || length < 0 || length > 2 ** 52) throw new RangeError("length out of range");
  if (length < 2) return length;
  const exponent = floorLog2(length);
  const bits = floorLog2(exponent) + 1;
  const step = 2 ** Math.max(exponent - bits, 0);
  return Math.ceil(length / step) * step;
}

/** Exact, unlike `Math.log2` near powers of two. */
function floorLog2(value: number): number {
  let exponent = 0;
  for (let rest = value; rest >= 2; rest /= 2) exponent += 1;
  return exponent;
}
