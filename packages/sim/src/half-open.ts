import { heal } from "./fault-actions.ts";
import { createRun, judgeAll, makeContacts, need, settleAll } from "./run.ts";
import { sendText } from "./user-actions.ts";

export interface SilentResult {
  readonly failures: readonly string[];
  /** Connections that died without a word. */
  readonly fellSilent: number;
}

const MINUTE_MS = 60_000;

/**
 * Three members of one group whose connections die without a word, again and again, while all of them send. When nothing
 * breaks any more, all must have sent and read everything within 60 s of simulated time, the last of it included.
 */
export async function dieSilently({
  seed,
  rounds,
}: {
  readonly seed: number;
  readonly rounds: number;
}): Promise<SilentResult> {
  const run = await createRun({ seed, mls: "fake", devices: 3 });
  const { world, ledger, devices } = run;
  const { scheduler, lots, counters } = world;
  const group = await makeContacts(run, true);
  if (group === undefined) throw new RangeError("no group");
  for (let round = 0; round < rounds; round += 1) {
    for (const device of devices) {
      if (round === 0 || lots.chance(0.6)) device.fallSilent();
      device.conditions.swallows = lots.chance(0.2);
      void device.act("send", (client) => sendText({ world, ledger }, client, device, group));
    }
    await scheduler.runUntil(scheduler.now + lots.between(0, 40_000));
  }
  heal(world, devices);
  await scheduler.runUntil(scheduler.now + MINUTE_MS);
  for (const device of devices)
    if (!(await scheduler.waitFor(need(device).settle(1), MINUTE_MS))) device.fail("has not caught up after 60 s");
  await settleAll(run);
  await scheduler.waitFor(judgeAll(run), MINUTE_MS);
  return { failures: [...world.failures], fellSilent: counters.get("half-open connection") };
}
