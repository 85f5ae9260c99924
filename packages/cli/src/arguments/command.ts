import type { ExitCode } from "../failure.ts";
import type { Host } from "../host.ts";
import type { Output } from "../output/output.ts";
import type { ProfileDoor } from "../profile/profile-door.ts";
import type { VaultEntry } from "../vault/vault-entry.ts";
import type { Args } from "./args.ts";

/** One option of a command: `flag` takes no value, `text` one, `list` may be repeated. */
export interface OptionSpec {
  readonly kind: "flag" | "text" | "list";
  /** Placeholder of the value in the help, e.g. `FILE`. */
  readonly value?: string;
  readonly help: string;
  /** Accepted, but not offered in the help: an option that is explained by refusing it. */
  readonly hidden?: boolean;
}

/** What a command gets to work with. */
export interface CommandContext {
  readonly command: Command;
  readonly host: Host;
  readonly args: Args;
  readonly out: Output;
  /** Opens the profile on first use; the caller of the command closes it. */
  readonly profile: ProfileDoor;
  /** How the profile's vault is entered; {@link CommandContext.profile} uses it. */
  readonly entry: VaultEntry;
}

/** One command, e.g. `send` or `group add`. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Names of the positionals in order. `NAME?` may be missing, `NAME…` takes one or more and comes last. */
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Further lines of the help. */
  readonly notes?: readonly string[];
  /** The command looks at {@link Host.interrupted} itself and then ends in order, as done. */
  readonly endsItself?: boolean;
  run(context: CommandContext): Promise<ExitCode>;
}

/** Options that every command has. */
export const GLOBAL_OPTIONS = {
  home: { kind: "text", value: "DIR", help: "the profile folder (else STONECHAT_HOME, else ~/.stonechat)" },
  "secret-file": {
    kind: "text",
    value: "FILE",
    help: "file with the PIN or passphrase of a locked profile; - reads standard input",
  },
  json: { kind: "flag", help: "print JSON Lines, one object a line" },
  help: { kind: "flag", help: "show this help" },
} as const satisfies Readonly<Record<string, OptionSpec>>;
