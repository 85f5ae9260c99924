import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { batchFiles, MAX_FILES_PER_MESSAGE, THUMBNAIL_ROOM_BYTES } from "./batch-files.ts";
import { fitSize } from "./fit-size.ts";

describe("fitSize", () => {
  test("scales the longer side down to the limit and keeps the shape", () => {
    expect(fitSize({ width: 4000, height: 3000 }, 320)).toEqual({ width: 320, height: 240 });
    expect(fitSize({ width: 3000, height: 4000 }, 320)).toEqual({ width: 240, height: 320 });
  });

  test("leaves a small picture as it is", () => {
    expect(fitSize({ width: 20, height: 10 }, 320)).toEqual({ width: 20, height: 10 });
  });

  const side = fc.integer({ min: 1, max: 60_000 });
  test.prop([side, side, fc.integer({ min: 1, max: 5_000 })])(
    "never exceeds the limit nor falls below a pixel",
    (width, height, longest) => {
      const size = fitSize({ width, height }, longest);
      expect(Math.max(size.width, size.height)).toBeLessThanOrEqual(Math.max(longest, 1));
      expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(1);
    },
  );
});

const files = fc.array(
  fc.nat({ max: 12_000 }).map((bytes) => ({ input: { thumbnail: new Uint8Array(bytes) } })),
  { maxLength: 40 },
);
test.prop([files])("batchFiles keeps order, number and room of each message", (all) => {
  const batches = batchFiles(all);
  expect(batches.flat()).toEqual(all);
  for (const batch of batches) {
    expect(batch.length).toBeLessThanOrEqual(MAX_FILES_PER_MESSAGE);
    expect(batch.reduce((sum, { input }) => sum + input.thumbnail.length, 0)).toBeLessThanOrEqual(THUMBNAIL_ROOM_BYTES);
  }
});
