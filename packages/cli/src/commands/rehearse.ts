import { ClientError, type VaultDoor } from "@stonechat/core";
import type { Command, CommandContext } from "../arguments/command.ts";
import { EXIT, refuse, UsageFailure } from "../failure.ts";
import { strong, type Line } from "../output/output.ts";
import { relayUrlFrom } from "./fresh-account.ts";

/** More than anybody tries out, and few enough for a loop that must end. */
const MAX_TRIES = 50;

/** `stonechat vault rehearse`: what the two PINs do, on a vault in memory. */
export const vaultRehearse: Command = {
  name: "vault rehearse",
  summary: "Try out what a duress PIN does, on a throw-away vault",
  positionals: [],
  options: { relay: { kind: "text", value: "URL", help: "address of a relay with guards; else your account's" } },
  notes: ["Nothing of your profile is touched. The throw-away vault lies in memory and is wiped at the end."],
  endsItself: true,
  async run(context) {
    const { host, out } = context;
    if (!host.stdin.tty || !host.stderr.tty) throw new UsageFailure("A rehearsal needs a person at a terminal.");
    const relayUrl = await rehearsalRelay(context);
    const door = await host.rehearsalDoor();
    const guards = await door.offeredGuards(relayUrl);
    if (guards === undefined) throw new ClientError("no-guards");
    const pins = proposePins(door);
    try {
      const vault = await door.create({ mode: "pin", relayUrl, pin: pins.real, kind: "destroy" });
      await vault.setDuressPin(pins.duress);
      await vault.close();
      await out.say(
        [
          "A throw-away vault is made. Its PIN is ",
          strong(pins.real),
          ", its duress PIN is ",
          strong(pins.duress),
          ".",
        ],
        "It is locked now. Type either, in any order, as often as you like; Enter alone ends the rehearsal.",
      );
      await tryOut(context, door);
    } finally {
      await door.wipe();
    }
    await out.say("The throw-away vault is destroyed. Your own was not touched.");
    return EXIT.done;
  },
};

async function rehearsalRelay({ args, profile }: CommandContext): Promise<string> {
  const given = args.text("relay");
  if (given !== undefined) return relayUrlFrom(given);
  const client = await profile.open();
  const account = await client.account();
  await profile.close();
  if (account === undefined) throw new ClientError("no-account");
  return account.relayUrl;
}

function proposePins(door: VaultDoor): { readonly real: string; readonly duress: string } {
  const real = door.proposePin();
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const duress = door.proposePin();
    if (duress !== real) return { real, duress };
  }
  throw refuse("No second PIN could be made up.");
}

async function tryOut({ host, out }: CommandContext, door: VaultDoor): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const typed = await host.stdin.ask("PIN: ", { hidden: true });
    if (typed === undefined || typed.trim() === "" || host.interrupted.aborted) return;
    await out.say(await outcome(door, typed.trim()));
  }
}

async function outcome(door: VaultDoor, pin: string): Promise<Line> {
  const { result, vault } = await door.unlock(pin);
  if (vault === undefined)
    return result.type === "unreachable"
      ? "Too few guards could be reached. Nothing was lost."
      : "That opened nothing. A wrong PIN and a destroyed vault look the same.";
  const { duressPin } = vault.view();
  await vault.settled();
  await vault.close();
  return duressPin
    ? "The real vault opened. Nothing was destroyed."
    : "The decoy opened, and the real vault is destroyed. From outside this looked like any other unlock.";
}
