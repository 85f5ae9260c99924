import { createRun, judgeAll, makeContacts, need, settleAll } from "./run.ts";
import { sendText } from "./user-actions.ts";

export interface RaceResult {
  readonly failures: readonly string[];
  readonly rounds: number;
  /** Commits that came second. */
  readonly lost: number;
}

const MINUTE_MS = 60_000;

/**
 * Three members of one group. In each round two of them, both admins, change it at the same virtual moment, while all
 * three send; after the last round all must show the same.
 */
export async function raceCommits({
  mls,
  rounds,
  seed,
}: {
  readonly mls: "fake" | "real";
  readonly rounds: number;
  readonly seed: number;
}): Promise<RaceResult> {
  const run = await createRun({ seed, mls, devices: 3 });
  const { world, ledger, devices } = run;
  const { scheduler } = world;
  const group = await makeContacts(run, true);
  const [ada, bea, cyd] = devices;
  if (group === undefined || ada === undefined || bea === undefined || cyd === undefined)
    throw new RangeError("no group");
  await scheduler.waitFor(need(ada).setRole(group, bea.id, "admin"), MINUTE_MS);
  await scheduler.runUntil(scheduler.now + 1_000);
  for (let round = 0; round < rounds; round += 1) {
    for (const device of [ada, bea])
      void device.act("rename", (client) => client.renameGroup(group, ledger.newName("race")));
    for (const device of devices)
      void device.act("send", (client) => sendText({ world, ledger }, client, device, group));
    await scheduler.runUntil(scheduler.now + 400);
  }
  await settleAll(run);
  await scheduler.waitFor(judgeAll(run), MINUTE_MS);
  return { failures: [...world.failures], rounds, lost: world.counters.get("commit race lost") };
}
