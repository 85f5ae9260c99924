/** What a figure has to reach: of the measured value itself, or of its ratio to the baseline. */
export interface Target {
  readonly of: "measured" | "ratio";
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** One figure. A baseline was measured in the same run, right before or after. */
export interface Row {
  readonly what: string;
  readonly measured: number;
  readonly unit: string;
  readonly baseline?: { readonly what: string; readonly value: number };
  readonly target?: Target;
}

/** Measured against the baseline, if there is one. */
export function ratioOf({ measured, baseline }: Row): number | undefined {
  return baseline === undefined ? undefined : measured / baseline.value;
}

/** Whether the target is reached; undefined without one. */
export function isReached(row: Row): boolean | undefined {
  const { target } = row;
  if (target === undefined) return undefined;
  const value = target.of === "ratio" ? ratioOf(row) : row.measured;
  if (value === undefined) throw new RangeError("a ratio needs a baseline");
  return value >= (target.atLeast ?? -Infinity) && value <= (target.atMost ?? Infinity);
}
