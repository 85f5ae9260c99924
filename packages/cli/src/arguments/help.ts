import { optionsOf } from "./args.ts";
import { GLOBAL_OPTIONS, type Command, type OptionSpec } from "./command.ts";

const MAX_OPTIONS_IN_LINE = 6;

/** One line: how the command is called. */
export function usageLine(command: Command): string {
  const positionals = command.positionals.map((name) => (name.endsWith("?") ? `[${name.slice(0, -1)}]` : name));
  const options = Object.entries(command.options)
    .filter(([, spec]) => spec.hidden !== true)
    .map(([name, spec]) => `[${optionWords(name, spec)}]${spec.kind === "list" ? "…" : ""}`);
  return [
    "stonechat",
    command.name,
    ...positionals,
    ...(options.length > MAX_OPTIONS_IN_LINE ? ["[OPTIONS]"] : options),
  ].join(" ");
}

/** What `stonechat COMMAND --help` prints. */
export function commandHelp(command: Command): string {
  const options = Object.entries(optionsOf(command)).filter(([, spec]) => spec.hidden !== true);
  const words = options.map(([name, spec]): readonly [string, string] => [optionWords(name, spec), spec.help]);
  const notes = command.notes === undefined ? [] : ["", ...command.notes];
  return [`${command.summary}.`, "", `Usage: ${usageLine(command)}`, "", ...columns(words), ...notes].join("\n");
}

/** What `stonechat --help` prints. */
export function generalHelp(commands: readonly Command[]): string {
  const rows = commands.map((command): readonly [string, string] => [
    [command.name, ...command.positionals.map((name) => name.replace("?", ""))].join(" "),
    command.summary,
  ]);
  const globals = Object.entries(GLOBAL_OPTIONS).map(([name, spec]): readonly [string, string] => [
    optionWords(name, spec),
    spec.help,
  ]);
  return [
    "Stonechat: private messages over your own organisation's relay.",
    "",
    "Usage: stonechat COMMAND …        stonechat COMMAND --help",
    "",
    ...columns(rows),
    "",
    ...columns([...globals, ["--version", "show the version"]]),
    "",
    "CONVERSATION, CONTACT and MEMBER are a name, an id, or the first 8 or more digits of an id.",
    "Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 locked, 4 relay unreachable.",
  ].join("\n");
}

function optionWords(name: string, spec: OptionSpec): string {
  return spec.kind === "flag" ? `--${name}` : `--${name} ${spec.value ?? "VALUE"}`;
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(34, Math.max(...rows.map(([left]) => left.length)));
  return rows.map(([left, right]) =>
    left.length > width ? `  ${left}\n  ${" ".repeat(width)}  ${right}` : `  ${left.padEnd(width)}  ${right}`,
  );
}
