import { failed, ok, warning, type Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";

const SAMPLE_MS = 500;
/** Slewing moves a clock by half a thousandth; a sample may be late by a few milliseconds when others use the machine. */
const DRIFT_MS = 25;
/** Before this the code did not exist. */
const EARLIEST = Date.UTC(2026, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);
/** Files that the running relay touches may be a little newer than our look at the clock. */
const AHEAD_MS = 60_000;
const NTP = "Turn time synchronisation on (timedatectl set-ntp true, or chrony).";

/** Messages expire by this clock: a wrong one erases too early or too late. */
export async function checkClock(machine: Machine, data: string): Promise<Finding> {
  const now = machine.now();
  if (now < EARLIEST || now > LATEST)
    return failed("clock", `The clock says ${String(new Date(now).getUTCFullYear())}, which cannot be.`, NTP);
  const newest = (await machine.facts(`${data}/relay.sqlite`))?.modifiedAt ?? 0;
  if (newest > now + AHEAD_MS)
    return failed(
      "clock",
      "The clock is behind the last change of the database, so it was put back or the folder comes from elsewhere.",
      NTP,
    );
  const drift = await driftOf(machine);
  if (Math.abs(drift) > DRIFT_MS)
    return warning(
      "clock",
      `The clock moved by ${drift.toFixed(0)} ms within half a second: somebody is setting it.`,
      "Look which programs set it; there should be one, and it should correct slowly.",
    );
  const said = (await machine.ask("timedatectl", ["show", "--property=NTPSynchronized", "--value"]))?.trim();
  if (said === "no") return warning("clock", "The clock is not synchronised with others.", NTP);
  return ok(
    "clock",
    said === "yes" ? "synchronised" : "plausible; whether it is synchronised cannot be seen from here",
  );
}

/** How far the clock moved against one that cannot be set. */
async function driftOf(machine: Machine): Promise<number> {
  const [wall, monotonic] = [machine.now(), machine.monotonic()];
  await machine.sleep(SAMPLE_MS);
  return machine.now() - wall - (machine.monotonic() - monotonic);
}
