/** How much a run of the relay's bench is to measure. */
export interface Scale {
  /** Everything as the targets say. Else smaller, so that all of it takes a few minutes. */
  readonly full: boolean;
}

/** The sizes of one message everywhere in the relay's bench, and how many are under way in a closed loop. */
export const BODY_BYTES = 1024;
export const PAIRS = 64;
export const WINDOW = 32;

/** A number from the environment, for runs between small and full. */
export function sizeOf(name: string, usual: number): number {
  const given = process.env[name];
  return given === undefined ? usual : Number(given);
}
