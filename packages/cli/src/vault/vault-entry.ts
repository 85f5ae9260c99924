import {
  ClientError,
  type AccountView,
  type OpenVault,
  type PutBackView,
  type VaultDoor,
  type VaultView,
} from "@stonechat/core";
import type { Args } from "../arguments/args.ts";
import { CliFailure, EXIT, lockedFailure, refuse, UsageFailure } from "../failure.ts";
import type { Host } from "../host.ts";
import type { Output } from "../output/output.ts";
import { isoTime, localTime } from "../output/time.ts";
import { SecretWanted, type Entry } from "../profile/profile-door.ts";
import { readSecretFile } from "./secret-file.ts";

/** The option of every command that gives the secret of the vault. */
export const SECRET_FILE = "secret-file";

const REMOVED =
  "This device is none of your account's any more: the account was restored elsewhere, or a copy of this profile is in use. What was read stays here; nothing can be sent.";

/**
 * Enters the vault of a profile for a command: without a secret where there is none, with that of `--secret-file`, or
 * with what a person types.
 */
export class VaultEntry implements Entry {
  readonly #host: Host;
  readonly #args: Args;
  readonly #out: Output;
  /** Whether the secret that opened the vault is still needed afterwards. */
  keep = false;
  #secret: string | undefined;
  #kept: string | undefined;
  #standardInputRead = false;

  constructor(host: Host, args: Args, out: Output) {
    this.#host = host;
    this.#args = args;
    this.#out = out;
  }

  /** Whether the command was given a secret, so that nobody need be asked. */
  get given(): boolean {
    return this.#args.text(SECRET_FILE) !== undefined;
  }

  /** The secret that opened the vault in this process, if {@link VaultEntry.keep} was set before. */
  get kept(): string | undefined {
    return this.#kept;
  }

  /** Gives the secret beforehand, for a command that has read it already. */
  supply(secret: string | undefined): void {
    this.#secret = secret;
  }

  enter = async (door: VaultDoor): Promise<OpenVault> => {
    const status = await door.status();
    if (status.type === "absent") throw new ClientError("no-account");
    if (status.type === "damaged") throw damagedFailure();
    const secret = status.mode === "none" ? "" : this.#secret;
    if (secret === undefined) throw new SecretWanted(status.mode === "pin" ? "pin" : "passphrase");
    this.#secret = undefined;
    if (this.keep) this.#kept = secret;
    const { result, vault } = await door.unlock(secret);
    if (result.type === "unreachable") throw guardsUnreachable(result.reached, result.needed);
    if (vault === undefined) throw new ClientError("wrong-secret");
    await tellForeignGuesses(this.#out, vault.view());
    return vault;
  };

  async provide({ mode }: SecretWanted): Promise<void> {
    this.#secret = await this.read(mode);
  }

  async tell({ removed }: AccountView): Promise<void> {
    if (removed !== true) return;
    await this.#out.note(REMOVED);
    if (this.#out.json) await this.#out.result({ type: "alarm", alarm: "device-removed" }, () => []);
  }

  async tellPutBack({ relayUrl, stateOf }: PutBackView): Promise<void> {
    const state = stateOf === undefined ? "" : `, of about ${localTime(stateOf)}`;
    await this.#out.note(
      `The relay ${relayUrl} was put back to an earlier state${state}. What it lost and this device has is sent again; messages of others may be missing until they are online. Ask whoever runs it whether that was meant.`,
    );
    if (!this.#out.json) return;
    const object = { relay: relayUrl, stateOf: stateOf === undefined ? null : isoTime(stateOf) };
    await this.#out.result({ type: "alarm", alarm: "relay-put-back", ...object }, () => []);
  }

  /** The secret from wherever there is one. @throws {@link CliFailure} with exit code 3 if there is no way to get it. */
  async read(mode: "pin" | "passphrase"): Promise<string> {
    const path = this.#args.text(SECRET_FILE);
    if (path !== undefined) return await this.#fromFile(path);
    const { stdin, stderr } = this.#host;
    if (!stdin.tty || !stderr.tty) throw lockedFailure();
    const typed = await stdin.ask(mode === "pin" ? "PIN: " : "Passphrase: ", { hidden: true });
    if (typed === undefined) throw refuse("Cancelled.");
    return typed.trim();
  }

  async #fromFile(path: string): Promise<string> {
    if (path === "-") {
      // It can be read once; who takes the profile over later has nothing to open it with.
      if (this.#standardInputRead) throw lockedFailure();
      this.#standardInputRead = true;
    }
    const { secret, warning } = await readSecretFile(this.#host, SECRET_FILE, path);
    if (warning !== undefined) await this.#out.note(warning);
    return secret;
  }
}

/** @throws {@link UsageFailure} if two things of a command line are to be read from standard input. */
export function refuseSharedInput(args: Args, options: readonly string[]): void {
  const readers = [...args.positionals, ...options.map((name) => args.text(name))].filter((word) => word === "-");
  if (readers.length > 1) throw new UsageFailure("Only one thing can be read from standard input.");
}

/** Tells that somebody tries a copy of this device, if so. */
export async function tellForeignGuesses(out: Output, { foreignGuesses }: VaultView): Promise<void> {
  if (foreignGuesses === 0) return;
  const guesses = foreignGuesses === 1 ? "1 guess" : `${String(foreignGuesses)} guesses`;
  await out.note(
    `ALARM: somebody else used ${guesses} at this vault since it was last open. A copy of this device is being tried.`,
  );
  if (out.json) await out.result({ type: "alarm", alarm: "foreign-guesses", guesses: foreignGuesses }, () => []);
}

/** The files of the vault are there and cannot be tried. */
export function damagedFailure(): CliFailure {
  return refuse(
    "The vault is damaged or gone: its files are not what was written. A recovery kit restores the account: stonechat backup restore-kit. Remove the rest with: stonechat wipe",
  );
}

function guardsUnreachable(reached: number, needed: number): CliFailure {
  return new CliFailure(
    EXIT.locked,
    `The profile is locked: ${String(needed)} guards are needed to open it, and ${String(reached)} could be reached. Nothing was lost; check your network and try again.`,
  );
}
