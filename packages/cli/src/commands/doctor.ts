import { ClientError, type AccountView } from "@stonechat/core";
import type { Command, CommandContext } from "../arguments/command.ts";
import { CliFailure, EXIT, type ExitCode } from "../failure.ts";
import { strong } from "../output/output.ts";
import { folderProblem } from "../profile/profile-folder.ts";
import type { Check } from "./doctor-check.ts";
import { guardChecks, lookAtVault, vaultCheck, type VaultFound } from "./doctor-vault.ts";
import { askHealth } from "./relay-health.ts";

/** The oldest Node that runs this program. */
const NODE_MAJOR = 24;
/** Beyond this, links seem expired and messages are sorted wrongly. */
const CLOCK_TOLERANCE_MS = 60_000;

/** `stonechat doctor`: looks for what commonly goes wrong. Prints nothing that identifies anybody. */
export const doctor: Command = {
  name: "doctor",
  summary: "Check this machine, the profile and the way to the relay",
  positionals: [],
  options: {},
  async run(context) {
    const { out } = context;
    const vault = await lookAtVault(context);
    const account = await openAccount(context, vault);
    const checks = [
      nodeCheck(),
      await profileCheck(context),
      vaultCheck(vault),
      ...(await guardChecks(context.host, vault)),
      accountCheck(account),
      ...(await relayChecks(context, account)),
    ];
    for (const check of checks) {
      await out.result({ type: "check", name: check.name, state: check.state, detail: check.detail }, () => [
        [strong(`${check.state.padEnd(7)}  `), `${check.name}: ${check.detail}`],
      ]);
    }
    return exitCode(checks);
  },
};

function exitCode(checks: readonly Check[]): ExitCode {
  const failed = checks.filter(({ state }) => state === "failed");
  if (failed.some(({ name }) => name !== "relay" && name !== "guards")) return EXIT.failed;
  return failed.length > 0 ? EXIT.unreachable : EXIT.done;
}

function nodeCheck(): Check {
  const { node } = process.versions;
  const fits = Number(node.split(".")[0]) >= NODE_MAJOR;
  return {
    name: "node",
    state: fits ? "ok" : "failed",
    detail: fits ? `version ${node}` : `version ${node}, but ${String(NODE_MAJOR)} or newer is needed`,
  };
}

async function profileCheck({ profile }: CommandContext): Promise<Check> {
  try {
    const problem = await folderProblem(profile.paths.home);
    return {
      name: "profile",
      state: problem === undefined ? "ok" : "failed",
      detail: problem ?? "closed to other users",
    };
  } catch {
    // Whatever keeps us from looking at it keeps us from using it.
    return { name: "profile", state: "warning", detail: "no profile folder yet" };
  }
}

/** The account, or why it is not to be seen. */
type Account = AccountView | "none" | "locked" | "unreadable";

async function openAccount({ entry, profile }: CommandContext, vault: VaultFound): Promise<Account> {
  // Nobody is asked for a secret only to be told that all is well.
  if (vault.type === "locked" && vault.mode !== "none" && !entry.given) return "locked";
  if (vault.type === "absent" || vault.type === "nothing") return "none";
  try {
    const client = await profile.open();
    return (await client.account()) ?? "none";
  } catch (error) {
    if (error instanceof ClientError && error.code === "no-account") return "none";
    if (error instanceof CliFailure && error.exitCode === EXIT.locked) return "locked";
    if (error instanceof CliFailure || error instanceof ClientError) return "unreadable";
    throw error;
  }
}

function accountCheck(account: Account): Check {
  switch (account) {
    case "none":
      return { name: "account", state: "warning", detail: "none yet; make one with: stonechat init --relay URL" };
    case "locked":
      return { name: "account", state: "warning", detail: "locked; open it first with: stonechat unlock" };
    case "unreadable":
      return { name: "account", state: "failed", detail: "the profile cannot be opened" };
    default:
      return { name: "account", state: "ok", detail: "present" };
  }
}

async function relayChecks({ host }: CommandContext, account: Account): Promise<readonly Check[]> {
  if (typeof account === "string") return [];
  const health = await askHealth(host, account.relayUrl);
  if (health === undefined) return [{ name: "relay", state: "failed", detail: "cannot be reached" }];
  const relay: Check = {
    name: "relay",
    state: health.healthy ? "ok" : "failed",
    detail: health.healthy ? "answers" : "answers, but is not well",
  };
  if (health.clockDifferenceMs === undefined) return [relay];
  const seconds = Math.round(health.clockDifferenceMs / 1000);
  const fits = Math.abs(health.clockDifferenceMs) <= CLOCK_TOLERANCE_MS;
  const detail = fits
    ? "agrees with the relay's"
    : `differs from the relay's by ${String(Math.abs(seconds))} s; set one of them`;
  return [relay, { name: "clock", state: fits ? "ok" : "warning", detail }];
}
