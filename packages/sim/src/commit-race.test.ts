import { expect, test } from "vitest";
import { raceCommits } from "./commit-race.ts";

test("two members commit at one moment, 200 rounds: no fork, no lost message", async () => {
  const { failures, lost, rounds } = await raceCommits({ mls: "fake", rounds: 200, seed: 11 });
  expect(failures).toEqual([]);
  expect(lost).toBeGreaterThan(rounds / 2);
});

test("two members commit at one moment with real MLS, 200 rounds: no fork, no lost message", async () => {
  const { failures, lost, rounds } = await raceCommits({ mls: "real", rounds: 200, seed: 12 });
  expect(failures).toEqual([]);
  expect(lost).toBeGreaterThan(rounds / 2);
});
