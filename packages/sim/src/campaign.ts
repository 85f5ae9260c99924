import { Counters, type Sometimes } from "./counters.ts";
import { runSeed, type RunOptions } from "./run.ts";

export interface CampaignResult {
  /** For each failed seed: what failed, and the command that shows it again. */
  readonly failed: readonly string[];
  /** Rare branches that no run reached, of those that were asked for. */
  readonly unreached: readonly Sometimes[];
}

/** Runs `count` seeds from `first` on, prints what they reached, and tells what failed. */
export async function runCampaign(
  name: string,
  options: Omit<RunOptions, "seed"> & {
    readonly first: number;
    readonly count: number;
    readonly mustReach: readonly Sometimes[];
  },
): Promise<CampaignResult> {
  const { first, count, mustReach, ...run } = options;
  const counters = new Counters();
  const failed: string[] = [];
  let events = 0;
  let messages = 0;
  for (let seed = first; seed < first + count; seed += 1) {
    const result = await runSeed({ ...run, seed });
    counters.addAll(result.counters);
    events += result.events;
    messages += result.messages;
    if (result.failures.length === 0) continue;
    const flags = `${run.mls === "real" ? " --real" : ""}${run.hostile === true ? " --hostile" : ""}${run.storage === "vault" ? " --vault" : ""}`;
    failed.push(`npm run sim -- --seed ${String(seed)}${flags}\n  ${result.failures.join("\n  ")}`);
  }
  process.stdout.write(
    `\n${name}: seeds ${String(first)} to ${String(first + count - 1)}, ${String(events)} events, ${String(messages)} messages, ${String(failed.length)} failed\n` +
      `reached:\n${counters.toLines().join("\n")}\n${failed.join("\n")}\n`,
  );
  return { failed, unreached: counters.missing().filter((what) => mustReach.includes(what)) };
}
