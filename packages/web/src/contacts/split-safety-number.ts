const GROUP_DIGITS = 5;

/** A safety number in groups of five digits, however it was spaced. */
export function splitSafetyNumber(number: string): readonly string[] {
  const digits = number.replaceAll(/\D/g, "");
  const groups: string[] = [];
  for (let at = 0; at < digits.length; at += GROUP_DIGITS) groups.push(digits.slice(at, at + GROUP_DIGITS));
  return groups;
}
