/**
 * PINs that people choose, and so thieves try first: all patterns, by rule, and what is left of the lists of the most
 * used ones. Refuses about one PIN in nine; of a million that leaves nearly nine hundred thousand.
 */

/** Most used PINs of six digits in leaked lists that no rule below covers. */
const MOST_USED = new Set(
  `159753 147258 258369 159357 357159 753159 147852 741852 852963 963852 741963 147369 369147 456852 258456 789456
   142536 415263 102938 564738 192837 838383 520131 131452 201314 520520 521521 314159 271828 141421 161803 173205
   420420 696969 007007 911911 100200 200300 112358 235711 248163 124816 123698 987412 789632 321478 159951 951159
   134679 976431 137955 246810 108642 135790 975310 864208 802468 147896 698741 258000 200000 909090 787878 520134
   584520 168168 188188 518518 888168 147147 963963 741741 852852 143143 686868 868686 786786 777888 123789 987321
   741258 258741 369258 258963 963258 456654 654456 159263 362514 951753 357951 753951 951357 147963 369741`
    .trim()
    .split(/\s+/),
);

/** Rows, columns and diagonals of a telephone's and of a calculator's keys, and ways around their edge. */
const KEY_PATHS = [
  ...["123", "456", "789", "147", "258", "369", "159", "357", "741", "852", "963", "951", "753", "321", "654", "987"],
];
const EDGE = "12369874";
const KNIGHT_FREE_NEIGHBOURS: Readonly<Record<string, string>> = {
  "1": "245",
  "2": "13456",
  "3": "256",
  "4": "12578",
  "5": "12346789",
  "6": "23589",
  "7": "4580",
  "8": "456790",
  "9": "5680",
  "0": "789",
};

/** Whether a PIN of six digits is one of those. */
export function isCommonPin(pin: string): boolean {
  return (
    hasFewDigits(pin) ||
    isRun(pin) ||
    isMirrored(pin) ||
    isDate(pin) ||
    isYearTwice(pin) ||
    isKeypadShape(pin) ||
    MOST_USED.has(pin)
  );
}

/** At most two different digits, or the same digit four times in a row, or a block repeated. */
function hasFewDigits(pin: string): boolean {
  const pairs = [...pin.matchAll(/(.)\1/g)].length;
  return (
    new Set(pin).size <= 2 ||
    /(.)\1{3}/.test(pin) ||
    pairs === 3 ||
    /^(.)\1\1(.)\2\2$/.test(pin) ||
    pin.slice(0, 3) === pin.slice(3) ||
    /^(..)\1\1$/.test(pin)
  );
}

/** Equal steps between all digits, two halves that count up or down, or equal steps between pairs: 975310, 123789, 102030. */
function isRun(pin: string): boolean {
  const digits = [...pin].map(Number);
  if (new Set(steps(digits).map((step) => (step + 10) % 10)).size === 1) return true;
  const halves = [digits.slice(0, 3), digits.slice(3)].map((half) => new Set(steps(half)));
  if (halves.every((half) => half.size === 1 && [...half].every((step) => Math.abs(step) <= 1))) return true;
  return new Set(steps([pin.slice(0, 2), pin.slice(2, 4), pin.slice(4)].map(Number))).size === 1;
}

function steps(values: readonly number[]): readonly number[] {
  return values.slice(1).map((value, at) => value - (values[at] ?? 0));
}

function isMirrored(pin: string): boolean {
  return pin === [...pin].toReversed().join("");
}

/** A day as people write it, in any order of day, month and year, or month and a whole year. */
function isDate(pin: string): boolean {
  const [a = 0, b = 0, c = 0] = [pin.slice(0, 2), pin.slice(2, 4), pin.slice(4)].map(Number);
  const isDay = (day: number, month: number): boolean => day >= 1 && day <= 31 && month >= 1 && month <= 12;
  if (isDay(a, b) || isDay(b, a) || isDay(c, b)) return true;
  const isYear = (year: number): boolean => year >= 1920 && year <= 2035;
  const [front, back] = [Number(pin.slice(0, 4)), Number(pin.slice(2))];
  return (isYear(front) && c <= 31) || (isYear(back) && a <= 31);
}

function isYearTwice(pin: string): boolean {
  return /^(19|20)(\d\d)\2$/.test(pin) || /^(\d\d)(19|20)\1$/.test(pin);
}

/** Two straight lines on the keys, a walk around their edge, or a walk that only ever goes to a key beside. */
function isKeypadShape(pin: string): boolean {
  const [first, second] = [pin.slice(0, 3), pin.slice(3)];
  if (KEY_PATHS.includes(first) && KEY_PATHS.includes(second)) return true;
  const around = EDGE + EDGE;
  if (around.includes(pin) || [...around].toReversed().join("").includes(pin)) return true;
  return [...pin].slice(1).every((digit, at) => (KNIGHT_FREE_NEIGHBOURS[pin[at] ?? ""] ?? "").includes(digit));
}
