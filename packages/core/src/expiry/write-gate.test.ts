import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { WriteGate } from "./write-gate.ts";

test.prop([fc.array(fc.constantFrom("hold", "release first", "release last"), { maxLength: 20 })])(
  "is held as long as anybody holds it, and whoever waits goes on only then",
  async (steps) => {
    const gate = new WriteGate();
    const held: (() => void)[] = [];
    let wentOn = 0;
    let waiting = 0;
    for (const step of steps) {
      if (step === "hold") held.push(gate.hold());
      else (step === "release first" ? held.shift() : held.pop())?.();
      expect(gate.held).toBe(held.length > 0);
      waiting += 1;
      void (async () => {
        while (gate.held) await gate.released();
        expect(held).toEqual([]);
        wentOn += 1;
      })();
      await Promise.resolve();
    }
    for (const release of held.splice(0)) release();
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    expect(wentOn).toBe(waiting);
  },
);

test("a second release by the same holder frees nobody else's hold", () => {
  const gate = new WriteGate();
  const release = gate.hold();
  gate.hold();
  release();
  release();
  expect(gate.held).toBe(true);
});
