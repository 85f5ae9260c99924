import { ClientError, type OpenVault, type VaultDoor } from "@stonechat/core";
import type { CommandContext, OptionSpec } from "../arguments/command.ts";
import { EXIT, refuse, type ExitCode } from "../failure.ts";
import type { Host } from "../host.ts";
import type { JsonObject } from "../output/shapes.ts";
import { isoTime, localTime } from "../output/time.ts";
import type { Holder } from "../profile/calls.ts";
import type { Enter } from "../profile/held-profile.ts";
import { findHolder, withVaultDoor } from "../profile/profile-access.ts";
import { damagedFailure, SECRET_FILE } from "../vault/vault-entry.ts";

/** How long a profile stays open when nobody says how long. */
const DEFAULT_MS = 30 * 60_000;
const TICK_MS = 5_000;
/** A tick may be late on a busy machine; later than this, the machine slept or its clock was set. */
const LATE_MS = 20_000;

/** Options of the commands that keep a vault open. */
export const HOLD_OPTIONS = {
  for: { kind: "text", value: "DURATION", help: "how long it stays open (30m)" },
  foreground: { kind: "flag", help: "stay in this process, until a signal, for service managers" },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** What a command keeps open. */
export interface Hold {
  /** Enters the vault; `usual` opens what the secret opens. */
  enter(door: VaultDoor, usual: Enter): Promise<OpenVault>;
  /** The command is of no use if another process has the profile open. */
  readonly alone: boolean;
}

/** Keeps the vault open for other commands: in this process, or in one that outlives it. */
export async function holdOpen(context: CommandContext, hold: Hold): Promise<ExitCode> {
  const forMs = context.args.duration("for");
  const holder = await findHolder(context.profile.paths);
  if (holder !== undefined) return await alreadyOpen(context, hold, holder);
  return context.args.flag("foreground")
    ? await holdHere(context, hold, forMs)
    : await holdInBackground(context, forMs ?? DEFAULT_MS);
}

async function alreadyOpen({ out, args }: CommandContext, { alone }: Hold, holder: Holder): Promise<ExitCode> {
  if (alone || holder.busy || args.flag("foreground"))
    throw refuse("Another stonechat has this profile open. End it with: stonechat lock");
  await out.result(unlocked(holder.until), () => [openLine("The profile is open already", holder.until)]);
  return EXIT.done;
}

async function holdHere(context: CommandContext, hold: Hold, forMs: number | undefined): Promise<ExitCode> {
  const { host, out, profile } = context;
  const until = forMs === undefined ? undefined : host.now() + forMs;
  const client = await profile.hold((door, usual) => hold.enter(door, usual), until);
  if (client === undefined) throw refuse("Another stonechat has this profile open. End it with: stonechat lock");
  await out.result(unlocked(until ?? null), () => [openLine("The profile is open", until ?? null)]);
  await untilDue(host, profile.lost, forMs);
  await profile.lock("burn");
  return EXIT.done;
}

/** Resolves when the time is over, the machine slept, a signal came, or somebody locked the profile. */
export async function untilDue(host: Host, lost: Promise<unknown>, forMs: number | undefined): Promise<void> {
  const locked = new AbortController();
  void lost.then(() => {
    locked.abort();
  });
  const stop = AbortSignal.any([host.interrupted, locked.signal]);
  const begun = { awake: host.uptime(), wall: host.now() };
  while (!stop.aborted) {
    const before = { awake: host.uptime(), wall: host.now() };
    // Neither a clock that was set back nor a sleep may make the time longer.
    const passed = Math.max(before.awake - begun.awake, before.wall - begun.wall);
    const left = (forMs ?? Infinity) - passed;
    if (left <= 0) return;
    const tick = Math.min(left, TICK_MS);
    await host.delay(tick, stop);
    if (host.uptime() - before.awake > tick + LATE_MS || host.now() - before.wall > tick + LATE_MS) return;
  }
}

async function holdInBackground(context: CommandContext, forMs: number): Promise<ExitCode> {
  const { command, entry, host, out, profile } = context;
  const status = await withVaultDoor(host, profile.paths, false, (door) => door.status());
  if (status === undefined) throw refuse("Another stonechat is using this profile. Try again when it has ended.");
  if (status.type !== "locked") throw status.type === "absent" ? new ClientError("no-account") : damagedFailure();
  if (status.mode === "none")
    throw refuse("This profile has no secret: it opens by itself, and there is nothing to unlock.");
  const secret = new TextEncoder().encode(await entry.read(status.mode));
  const seconds = `${String(Math.max(1, Math.round(forMs / 1000)))}s`;
  const argv = [...command.name.split(" "), "--foreground", "--json", "--for", seconds, "--home", profile.paths.home];
  const start = await host.startBackground([...argv, `--${SECRET_FILE}`, "-"], secret, isUnlocked);
  for (const line of start.lines.map(parseLine)) {
    if (line === undefined) continue;
    const until = typeof line["until"] === "string" ? Date.parse(line["until"]) : null;
    await out.result(line, () => (line.type === "unlocked" ? [openLine("The profile is open", until)] : []));
  }
  if (start.type === "ready") return EXIT.done;
  return exitCodeOf(start.exitCode);
}

function unlocked(until: number | null): JsonObject {
  return { type: "unlocked", until: until === null ? null : isoTime(until) };
}

function openLine(what: string, until: number | null): string {
  return `${what}${until === null ? "" : ` until ${localTime(until)}`}. Lock it with: stonechat lock`;
}

function isUnlocked(line: string): boolean {
  return parseLine(line)?.type === "unlocked";
}

function parseLine(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("type" in value) || typeof value.type !== "string")
      return undefined;
    return { ...value, type: value.type };
  } catch (error) {
    // It comes from this same program; a line that is none of ours is not worth ending for.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function exitCodeOf(code: number): ExitCode {
  return Object.values(EXIT).find((known) => known === code) ?? EXIT.failed;
}
