import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { UsageFailure } from "../failure.ts";
import { GLOBAL_OPTIONS, type Command, type OptionSpec } from "./command.ts";
import { parseCount, parseDuration } from "./durations.ts";

/** Options that would put a secret where every process of the machine can read it. Refused with a reason. */
const SECRET_OPTIONS: ReadonlySet<string> = new Set([
  "secret",
  "password",
  "passphrase",
  "pin",
  "code",
  "token",
  "key",
]);

/** The checked options and positionals of one command. Asking for what the command does not declare is our bug. */
export class Args {
  readonly positionals: readonly string[];
  readonly #command: Command;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(command: Command, values: Readonly<Record<string, unknown>>, positionals: readonly string[]) {
    this.#command = command;
    this.#values = values;
    this.positionals = positionals;
  }

  flag(name: string): boolean {
    return this.#value(name, "flag") === true;
  }

  text(name: string): string | undefined {
    const value = this.#value(name, "text");
    return typeof value === "string" ? value : undefined;
  }

  list(name: string): readonly string[] {
    const value = this.#value(name, "list");
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  }

  /** Milliseconds. @throws {@link UsageFailure} if the value is no duration. */
  duration(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : parseDuration(text, `--${name}`);
  }

  /** @throws {@link UsageFailure} unless the value is a whole number from 1 to `max`. */
  count(name: string, max: number): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : parseCount(text, `--${name}`, max);
  }

  /** The positional of that place, which the command declares as required. */
  positional(index: number): string {
    const value = this.positionals[index];
    if (value === undefined) throw new RangeError("the command does not declare this positional as required");
    return value;
  }

  #value(name: string, kind: OptionSpec["kind"]): unknown {
    const spec = optionsOf(this.#command)[name];
    if (spec?.kind !== kind) throw new RangeError(`the command declares no ${kind} option ${name}`);
    return this.#values[name];
  }
}

/** The command's own options and those of every command. */
export function optionsOf(command: Command): Readonly<Record<string, OptionSpec>> {
  return { ...GLOBAL_OPTIONS, ...command.options };
}

/**
 * Reads a command's arguments strictly.
 *
 * @throws {@link UsageFailure} on an unknown option, a missing or unwanted value, an option given twice that is no
 *   list, and too few or too many positionals. `--help` suspends the last check.
 */
export function parseCommandArgs(command: Command, argv: readonly string[]): Args {
  refuseSecrets(command, argv);
  const specs = optionsOf(command);
  const options: ParseArgsOptionsConfig = {};
  for (const [name, spec] of Object.entries(specs)) {
    options[name] = { type: spec.kind === "flag" ? "boolean" : "string", multiple: true };
  }
  const { values, positionals } = parseStrictly(argv, options);
  const args = new Args(command, single(values, specs), positionals);
  if (!args.flag("help")) checkPositionals(command, positionals);
  return args;
}

function parseStrictly(argv: readonly string[], options: ParseArgsOptionsConfig): ReturnType<typeof parseArgs> {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node's sentence quotes the option as typed and goes on for several lines; its first sentence is what helps.
    const [sentence = "Bad option"] = error.message.split(/\. |\n/);
    throw new UsageFailure(`${sentence}.`, { cause: error });
  }
}

function single(
  values: Readonly<Record<string, unknown>>,
  specs: Readonly<Record<string, OptionSpec>>,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(values)) {
    const spec = specs[name];
    if (spec === undefined || !Array.isArray(given)) continue;
    if (spec.kind === "text" && given.length > 1) throw new UsageFailure(`--${name} can be given once.`);
    result[name] = spec.kind === "list" ? given : given.at(-1);
  }
  return result;
}

function checkPositionals(command: Command, positionals: readonly string[]): void {
  const required = command.positionals.filter((name) => !name.endsWith("?"));
  const missing = required[positionals.length];
  if (missing !== undefined) throw new UsageFailure(`${missing.replace("…", "")} is missing.`);
  const open = command.positionals.some((name) => name.endsWith("…"));
  if (!open && positionals.length > command.positionals.length) {
    throw new UsageFailure("Too many words. Put a name or a text that has spaces in quotes.");
  }
}

function refuseSecrets(command: Command, argv: readonly string[]): void {
  for (const word of argv) {
    if (word === "--") return;
    const name = /^--([a-z-]+)(=|$)/.exec(word)?.[1];
    if (name !== undefined && SECRET_OPTIONS.has(name) && optionsOf(command)[name] === undefined) {
      throw new UsageFailure(
        `--${name} is refused: secrets are never given as arguments, where other programs can read them. Use a file or standard input.`,
      );
    }
  }
}
