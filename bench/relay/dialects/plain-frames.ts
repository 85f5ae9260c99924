import type { Frames } from "../load/lane.ts";

/** How many digits a message's number has in the bodies that peers carry. */
export const NUMBER_DIGITS = 8;
const HEX = Buffer.from("0123456789abcdef");
const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A body that every peer can carry as text: the number in hexadecimal, here 0, and letters. */
export function plainBody(bytes: number): string {
  let text = "0".repeat(NUMBER_DIGITS);
  for (let i = 0; text.length < bytes; i += 1) text += LETTERS[(i * 7 + Math.floor(i / 36)) % LETTERS.length] ?? "";
  return text;
}

/** The number at the start of a {@link plainBody}. */
export function numberAt(bytes: Buffer, at: number): number {
  let number = 0;
  for (let i = at; i < at + NUMBER_DIGITS; i += 1) {
    const digit = bytes[i] ?? 0;
    number = number * 16 + (digit < 0x3a ? digit - 0x30 : digit - 0x57);
  }
  return number;
}

export function writeNumber(bytes: Buffer, at: number, number: number): void {
  for (let i = NUMBER_DIGITS - 1, left = number; i >= 0; i -= 1, left = Math.floor(left / 16))
    bytes[at + i] = HEX[left % 16] ?? 0;
}

/** Frames that are all alike but for the number, which stands at `numbersAt` of each. */
export class PlainFrames implements Frames {
  readonly bytes: Buffer;
  readonly frameBytes: number;
  readonly #numbersAt: readonly number[];

  constructor(frame: Buffer, window: number, numbersAt: readonly number[]) {
    this.frameBytes = frame.length;
    this.bytes = Buffer.concat(Array.from({ length: window }, () => frame));
    this.#numbersAt = numbersAt;
  }

  stamp(slot: number, number: number): void {
    for (const at of this.#numbersAt) writeNumber(this.bytes, slot * this.frameBytes + at, number);
  }
}
