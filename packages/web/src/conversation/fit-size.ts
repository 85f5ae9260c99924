/** A width and a height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The largest size of the same shape whose longer side is at most `longest`; never larger than it was, never below 1. */
export function fitSize({ width, height }: Size, longest: number): Size {
  const scale = Math.min(1, longest / Math.max(width, height, 1));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
