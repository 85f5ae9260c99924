import { describe, expect, it } from "vitest";
import { checkReport } from "./check-report.ts";
import { boundedLines, failureLine } from "./failure-line.ts";
import { runInside } from "./run-inside.ts";

describe("the end of a test run", () => {
  it("names each failed test, and of a property the seed and the counterexample, before the totals", async () => {
    const lines = await runInside({
      "plain.test.js": `
        import { describe, expect, test } from "vitest";
        test("fine", () => {});
        describe("a group", () => test("goes wrong", () => expect(1).toBe(2)));
        test.skip("left out", () => {});`,
      "property.test.js": `
        import { fc, test } from "@fast-check/vitest";
        test.prop([fc.nat(), fc.string()], { seed: 77 })("small", (number) => number < 5);`,
      "broken.test.js": `throw new Error("does not load");`,
    });
    expect(lines.at(-1)).toBe("1 passed, 4 failed, 1 skipped");
    expect([...lines.slice(-5, -1)].sort()).toEqual([
      "FAILED broken.test.js: does not load",
      "FAILED plain.test.js > a group > goes wrong: expected 1 to be 2 // Object.is equality",
      "FAILED plain.test.js > left out: skipped without a reason",
      'FAILED property.test.js > small (with seed=77): seed 77, counterexample [5,""]; Property failed by returning false',
    ]);
  });

  it("says only the total when all went well", async () => {
    const lines = await runInside({ "fine.test.js": `import { test } from "vitest"; test("fine", () => {});` });
    expect(lines.filter((line) => line.startsWith("FAILED"))).toEqual([]);
    expect(lines.at(-1)).toBe("1 passed, 0 failed");
  });
});

describe("a failure's line", () => {
  it("is one, and bounded, however long name, counterexample and reason are", () => {
    const long = "x\n".repeat(5000);
    const message = `Property failed after 1 tests\n{ seed: -5, path: "0", endOnFailure: true }\nCounterexample: [${long}]\nShrunk 0 time(s)`;
    const line = failureLine({ name: long, errors: [{ message, cause: { message: long.repeat(2) } }] });
    expect(line).toContain("seed -5, counterexample [x x");
    expect(line).not.toContain("\n");
    expect(line.length).toBeLessThan(800);
  });

  it("is left out beyond a number of them, which is said", () => {
    const lines = boundedLines(Array.from({ length: 100 }, (_, at) => `FAILED ${String(at)}`));
    expect(lines.length).toBeLessThan(40);
    expect(lines.at(-1)).toBe(`FAILED ${String(100 - (lines.length - 1))} more`);
  });
});

describe("the end of a check", () => {
  it("names failed tests and steps, and its last line is the total of both", () => {
    const tests = { passed: 10, failed: 1, skipped: 2, failures: ["FAILED a.test.ts > b: c"] };
    const lines = checkReport({ passedSteps: 3, failedSteps: ["lint", "tests"], tests })
      .trim()
      .split("\n");
    expect(lines).toEqual([
      "FAILED a.test.ts > b: c",
      "checks: 3 passed, 2 failed",
      "tests:  10 passed, 1 failed, 2 skipped",
      "failed: lint, tests",
      "13 passed, 2 failed",
    ]);
  });

  it("counts the step of the tests as a failure if it failed without a failed test", () => {
    const tests = { passed: 0, failed: 0, skipped: 0, failures: [] };
    const report = checkReport({ passedSteps: 3, failedSteps: ["tests"], tests });
    expect(report.trim().split("\n").at(-1)).toBe("3 passed, 1 failed");
  });
});
