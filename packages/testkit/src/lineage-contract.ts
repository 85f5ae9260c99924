import { KEPT_RUNS, type Lineage } from "@stonechat/relay";
import { MAX_RUNS, type RunId } from "@stonechat/protocol";
import { describe, expect, onTestFinished, test } from "vitest";

const id = (n: number): RunId =>
  Uint8Array.from({ length: 16 }, (_, at) => (at === 0 ? n >> 8 : at === 1 ? n & 255 : 7)) as RunId;

/** What every {@link Lineage} must do. `open` gives an empty one, and what closes it. */
export function describeLineage(
  name: string,
  open: () => Promise<{ readonly lineage: Lineage; close(): Promise<void> }>,
): void {
  const opened = async (): Promise<Lineage> => {
    const { lineage, close } = await open();
    onTestFinished(close);
    return lineage;
  };

  describe(`${name}: lineage`, () => {
    test("is empty at first, and a mark changes nothing in it", async () => {
      const lineage = await opened();
      await lineage.mark(5);
      expect(await lineage.runs(MAX_RUNS)).toEqual([]);
    });

    test("numbers its runs from 1 on without gaps and tells them oldest first", async () => {
      const lineage = await opened();
      expect(await lineage.begin(id(1), 100)).toEqual({ number: 1, id: id(1), at: 100 });
      expect(await lineage.begin(id(2), 90)).toEqual({ number: 2, id: id(2), at: 90 });
      expect(await lineage.runs(MAX_RUNS)).toEqual([
        { number: 1, id: id(1), at: 100 },
        { number: 2, id: id(2), at: 90 },
      ]);
      expect(await lineage.runs(1)).toEqual([{ number: 2, id: id(2), at: 90 }]);
      expect(await lineage.runs(0)).toEqual([]);
    });

    test("a mark moves the newest run's time alone, and always forward", async () => {
      const lineage = await opened();
      await lineage.begin(id(1), 100);
      await lineage.begin(id(2), 200);
      const newest = async (): Promise<number | undefined> => (await lineage.runs(1))[0]?.at;
      await lineage.mark(300);
      expect(await newest()).toBe(300);
      await lineage.mark(250);
      expect(await newest()).toBe(301);
      await lineage.mark(301);
      expect(await newest()).toBe(302);
      expect((await lineage.runs(2))[0]?.at).toBe(100);
    });

    test("forgets the oldest runs and none of the others", async () => {
      const lineage = await opened();
      for (let n = 1; n <= KEPT_RUNS + 2; n += 1) await lineage.begin(id(n), n);
      const runs = await lineage.runs(MAX_RUNS);
      expect(runs).toHaveLength(MAX_RUNS);
      expect(runs.at(-1)).toEqual({ number: KEPT_RUNS + 2, id: id(KEPT_RUNS + 2), at: KEPT_RUNS + 2 });
      expect(runs[0]?.number).toBe(KEPT_RUNS + 2 - MAX_RUNS + 1);
    });
  });
}
