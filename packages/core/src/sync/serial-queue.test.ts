import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { SerialQueue } from "./serial-queue.ts";

test.prop([fc.array(fc.nat({ max: 4 }), { maxLength: 20 })])(
  "work runs one piece at a time, in the order of asking, however long each takes",
  async (turns) => {
    const queue = new SerialQueue();
    const done: number[] = [];
    let running = 0;
    const results = turns.map((count, i) =>
      queue.run(async () => {
        running += 1;
        expect(running).toBe(1);
        for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
        done.push(i);
        running -= 1;
        return i;
      }),
    );
    expect(await Promise.all(results)).toEqual(turns.map((_, i) => i));
    expect(done).toEqual(turns.map((_, i) => i));
  },
);

test("a failure belongs to who asked; the next piece of work runs all the same", async () => {
  const queue = new SerialQueue();
  const failed = queue.run(() => Promise.reject(new Error("no")));
  const thrown = queue.run(() => {
    throw new RangeError("never");
  });
  const next = queue.run(() => "next");
  await expect(failed).rejects.toThrow("no");
  await expect(thrown).rejects.toThrow(RangeError);
  expect(await next).toBe("next");
});

test("it is idle only when nothing runs and nothing waits", async () => {
  const queue = new SerialQueue();
  expect(queue.idle).toBe(true);
  const first = queue.run(() => Promise.resolve());
  const second = queue.run(() => Promise.resolve());
  expect(queue.idle).toBe(false);
  await first;
  expect(queue.idle).toBe(false);
  await second;
  await queue.run(() => undefined);
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  expect(queue.idle).toBe(true);
});
