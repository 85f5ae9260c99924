import type { SecretJudgement, VaultDoor } from "@stonechat/core";
import { refuse } from "../failure.ts";
import type { Host } from "../host.ts";
import type { Output } from "../output/output.ts";

/** How long a person may go on choosing before we give up on them. */
const MAX_TRIES = 20;

/** What may be asked about secrets without opening anything. */
export type SecretRules = Pick<VaultDoor, "proposePin" | "proposePassphrase" | "judgeSecret">;

/**
 * Lets a person at a terminal choose a new secret: takes what is proposed, asks for another proposal, or types their
 * own. The chosen one is typed twice, unseen; the proposal leaves the screen.
 *
 * @throws {@link CliFailure} when the person gives up.
 */
export async function chooseSecret(
  host: Host,
  out: Output,
  rules: SecretRules,
  mode: "pin" | "passphrase",
): Promise<string> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const proposal = await proposeUntilTaken(host, rules, mode);
    const first = await askHidden(host, `${nameOf(mode)}: `);
    const problem = judge(rules, mode, first, proposal);
    if (problem !== undefined) {
      await out.note(problem);
      continue;
    }
    if ((await askHidden(host, "Once more: ")) === first) return first;
    await out.note("Those two are not the same. Again from the beginning.");
  }
  throw refuse("Cancelled.");
}

/** Why a secret is not good enough, as a sentence; undefined if it is. */
export function describeJudgement(judgement: SecretJudgement): string | undefined {
  switch (judgement) {
    case "good":
      return undefined;
    case "too-short":
      return "That is too short: a PIN has six digits, a passphrase at least six words.";
    case "too-long":
      return "That is too long.";
    case "common":
      return "That is among the first that anybody would try. Choose another.";
    case "not-digits":
      return "A PIN has digits only.";
    case "same-as-other":
      return "That is already the other PIN of this vault. Choose another.";
  }
}

/** Gives the proposal, or undefined if the person wants to use their own. */
async function proposeUntilTaken(
  host: Host,
  rules: SecretRules,
  mode: "pin" | "passphrase",
): Promise<string | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const proposal = mode === "pin" ? rules.proposePin() : rules.proposePassphrase();
    const answer = await host.stdin.ask(
      `Proposed: ${proposal}\nEnter takes it, r proposes another, o lets you type your own: `,
      { hidden: false, fleeting: true },
    );
    if (answer === undefined) throw refuse("Cancelled.");
    const choice = answer.trim().toLowerCase();
    if (choice === "") return proposal;
    if (choice === "o") return undefined;
  }
  throw refuse("Cancelled.");
}

function judge(
  rules: SecretRules,
  mode: "pin" | "passphrase",
  typed: string,
  proposal: string | undefined,
): string | undefined {
  if (proposal !== undefined && typed !== proposal) return "That is not what was proposed. Again from the beginning.";
  return describeJudgement(rules.judgeSecret(mode, typed));
}

function nameOf(mode: "pin" | "passphrase"): string {
  return mode === "pin" ? "New PIN" : "New passphrase";
}

async function askHidden(host: Host, question: string): Promise<string> {
  const typed = await host.stdin.ask(question, { hidden: true });
  if (typed === undefined) throw refuse("Cancelled.");
  return typed.trim();
}
