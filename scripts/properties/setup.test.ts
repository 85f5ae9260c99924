import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../workspace.ts";
import { runInside } from "../run-inside.ts";
import { readSearch } from "./seed.ts";

const setupFiles = [join(root, "scripts/properties/setup.ts")];
const PROPERTIES = `
  import { fc, test } from "@fast-check/vitest";
  import { expect } from "vitest";
  const runs = { own: 0, usual: 0, seeded: 0 };
  const count = (name) => () => { runs[name] += 1; };
  test.prop([fc.nat()], { numRuns: 10 })("own", count("own"));
  test.prop([fc.nat()])("usual", count("usual"));
  test.prop([fc.nat()], { numRuns: 10, seed: 5 })("seeded", count("seeded"));
  test.prop([fc.nat()])("wrong", () => false);
  test.prop([fc.nat()], { seed: 5 })("wrong by a seed of its own", () => false);
  test("runs", () => { expect(runs).toEqual(JSON.parse(process.env.WANTED_RUNS)); });`;

it("properties run from one fixed seed, and as often as they say", async () => {
  const lines = await search({ STONECHAT_SEED: "", STONECHAT_EFFORT: "" }, { own: 10, usual: 100, seeded: 10 });
  expect(lines.at(-1)).toBe("4 passed, 2 failed");
  expect(lines.filter((line) => line.startsWith("FAILED")).map(seedOf)).toEqual(["1", "5"]);
});

it("the environment chooses the seed and multiplies the runs, but not of properties with a seed of their own", async () => {
  const lines = await search({ STONECHAT_SEED: "-77", STONECHAT_EFFORT: "3" }, { own: 30, usual: 300, seeded: 10 });
  expect(lines.at(-1)).toBe("4 passed, 2 failed");
  expect(lines.filter((line) => line.startsWith("FAILED")).map(seedOf)).toEqual(["-77", "5"]);
});

it("a seed or an effort that is none is refused", () => {
  for (const text of ["x", "1.5", "2147483648", "-2147483649"]) {
    expect(() => readSearch({ STONECHAT_SEED: text })).toThrow(RangeError);
  }
  for (const text of ["0", "-1", "many", "10001"]) {
    expect(() => readSearch({ STONECHAT_EFFORT: text })).toThrow(RangeError);
  }
});

async function search(env: NodeJS.ProcessEnv, runs: Readonly<Record<string, number>>): Promise<readonly string[]> {
  const wanted = { WANTED_RUNS: JSON.stringify(runs) };
  return runInside({ "properties.test.js": PROPERTIES }, { setupFiles, env: { ...env, ...wanted } });
}

function seedOf(line: string): string | undefined {
  return /: seed (-?\d+), counterexample/.exec(line)?.[1];
}
