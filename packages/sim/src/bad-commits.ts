import { auditGenerations, auditSecrecy } from "./audit.ts";
import type { Device } from "./device.ts";
import { heal } from "./fault-actions.ts";
import { createRun, makeContacts, need, settleAll, type Run } from "./run.ts";
import { sendText } from "./user-actions.ts";

export interface BadCommitResult {
  readonly failures: readonly string[];
  /** Devices whose group went on in another. */
  readonly continued: number;
}

const MINUTE_MS = 60_000;
/** After so long a device renews its keys with its next message, and so makes a commit. */
const STALE_MS = 8 * 86_400_000;

/**
 * A group of four whose last member runs another program: its next commit says what no member can read. The others' programs
 * crash and their connections break meanwhile, and all of them write. In the end the three must be in one group, without the
 * fourth, and have every text once.
 */
export async function endByBadCommit({
  mls,
  seed,
}: {
  readonly mls: "fake" | "real";
  readonly seed: number;
}): Promise<BadCommitResult> {
  const run = await createRun({ seed, mls, devices: 4 });
  const { world, devices } = run;
  const { scheduler, lots } = world;
  const group = await makeContacts(run, true);
  const [first, second] = devices;
  const offender = devices.at(-1);
  if (group === undefined || first === undefined || second === undefined || offender === undefined)
    throw new RangeError("no group");
  if (lots.chance(0.6)) await scheduler.waitFor(need(first).setRole(group, second.id, "admin"), MINUTE_MS);
  await scheduler.runUntil(scheduler.now + 2_000);
  const honest = devices.slice(0, -1);
  write(run, honest);
  offender.commitsNonsense = true;
  offender.skew = STALE_MS;
  void offender.act("send", (client) => client.send(group, { text: "the last of mine" }));
  for (let step = 0; step < 12; step += 1) {
    const device = lots.pick(honest);
    if (device !== undefined && lots.chance(0.6)) trouble(run, device);
    write(run, honest);
    await scheduler.runUntil(scheduler.now + lots.between(1, 2_000));
  }
  heal(world, devices);
  await settleAll(run);
  await scheduler.waitFor(judgeTogether(run, honest), MINUTE_MS);
  auditSecrecy(world, run.ledger, devices);
  if (mls === "fake") auditGenerations(world);
  const continued = honest.filter(({ alarms }) => alarms.includes("bad-commit")).length;
  for (const device of devices) await scheduler.waitFor(device.stop(), MINUTE_MS);
  return { failures: [...world.failures], continued };
}

function trouble({ world: { lots } }: Run, device: Device): void {
  switch (lots.between(0, 2)) {
    case 0:
      device.cut();
      break;
    case 1:
      device.crash();
      break;
    default:
      device.crashWhileWriting(lots.between(1, 60));
  }
}

/** Everybody who can writes something in the group, whichever it is at the moment. */
function write({ world, ledger }: Run, devices: readonly Device[]): void {
  for (const device of devices)
    void device.act("write", async (client) => {
      const open = (await client.conversations()).find(({ kind, state }) => kind === "group" && state === "active");
      if (open !== undefined) await sendText({ world, ledger }, client, device, open.id);
    });
}

async function judgeTogether({ ledger }: Run, honest: readonly Device[]): Promise<void> {
  const written = [...ledger.written.values()].map(({ text }) => text);
  const ids = new Set<string>();
  const expected = honest.map(({ id }) => id).sort();
  for (const device of honest) {
    const client = need(device);
    const groups = (await client.conversations()).filter(({ kind }) => kind === "group");
    const [group] = groups;
    if (group?.state !== "active" || groups.length > 1) {
      device.fail(`shows ${groups.map(({ state }) => state).join()} in place of one group`);
      continue;
    }
    ids.add(group.id);
    const members = (await client.members(group.id)).map(({ id }) => id).sort();
    if (members.join() !== expected.join()) device.fail(`sees ${String(members.length)} members`);
    const { messages } = await client.messages(group.id, { limit: 200 });
    const texts = messages.flatMap(({ body }) => (body.type === "text" ? [body.text] : []));
    if (new Set(texts).size < texts.length) device.fail("shows a text twice");
    const lost = written.filter((text) => !texts.includes(text)).length;
    if (lost > 0) device.fail(`has lost ${String(lost)} of ${String(written.length)} texts`);
    if (messages.some(({ state }) => state === "waiting" || state === "failed"))
      device.fail("could not send something");
  }
  if (ids.size > 1) honest[0]?.fail("is in another group than the others");
}
