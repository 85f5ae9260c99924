import { GLOBAL_OPTIONS, type Command } from "./arguments/command.ts";
import { optionsOf, parseCommandArgs } from "./arguments/args.ts";
import { commandHelp, generalHelp, usageLine } from "./arguments/help.ts";
import { COMMANDS } from "./commands/commands.ts";
import { CliFailure, EXIT, UsageFailure, type ExitCode } from "./failure.ts";
import type { Host } from "./host.ts";
import { createOutput, type Output } from "./output/output.ts";
import { createProfileDoor } from "./profile/profile-door.ts";
import { profilePaths } from "./profile/profile-folder.ts";
import { explain } from "./refusals.ts";
import { VERSION } from "./version.ts";
import { refuseSharedInput, VaultEntry } from "./vault/vault-entry.ts";

/** Options whose `-` is standard input. */
const STANDARD_INPUT_OPTIONS = [
  "secret-file",
  "new-secret-file",
  "duress-file",
  "code-file",
  "kit-file",
  "travel-file",
];

/**
 * Runs one command line and gives its exit code. Never throws: whatever goes wrong is said on stderr.
 *
 * @param argv - Without the program's own name.
 */
export async function run(argv: readonly string[], host: Host): Promise<ExitCode> {
  const plain = createOutput(host, false);
  try {
    const { command, rest } = findCommand(argv);
    if (command === "help") {
      await plain.exact(generalHelp(COMMANDS));
      return EXIT.done;
    }
    if (command === "version") {
      await plain.exact(VERSION);
      return EXIT.done;
    }
    return await runCommand(command, rest, host, plain);
  } catch (error) {
    return await tell(error, undefined, plain);
  }
}

async function runCommand(command: Command, argv: readonly string[], host: Host, plain: Output): Promise<ExitCode> {
  try {
    const args = parseCommandArgs(command, argv);
    if (args.flag("help")) {
      await plain.exact(commandHelp(command));
      return EXIT.done;
    }
    const out = createOutput(host, args.flag("json"));
    refuseSharedInput(
      args,
      STANDARD_INPUT_OPTIONS.filter((name) => optionsOf(command)[name] !== undefined),
    );
    const entry = new VaultEntry(host, args, out);
    const profile = createProfileDoor(host, profilePaths(host, args.text("home")), entry);
    try {
      const running = command.run({ command, host, args, out, profile, entry });
      return command.endsItself === true ? await running : await unlessInterrupted(running, host, profile.lost);
    } finally {
      await profile.close();
    }
  } catch (error) {
    return await tell(error, command, plain);
  }
}

/** A command that does not look itself ends here when a signal comes or the profile is locked; it is then closed in order. */
async function unlessInterrupted(running: Promise<ExitCode>, host: Host, lost: Promise<Error>): Promise<ExitCode> {
  const { interrupted } = host;
  let stop: () => void = () => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => {
      reject(
        new CliFailure(
          interrupted.reason === "closed" ? EXIT.done : EXIT.failed,
          interrupted.reason === "closed" ? "" : "Interrupted.",
        ),
      );
    };
    if (interrupted.aborted) stop();
    interrupted.addEventListener("abort", stop);
    void lost.then(reject);
  });
  try {
    return await Promise.race([running, stopped]);
  } finally {
    interrupted.removeEventListener("abort", stop);
    // The loser of the race has nothing more to say.
    running.catch(() => undefined);
    stopped.catch(() => undefined);
  }
}

async function tell(error: unknown, command: Command | undefined, plain: Output): Promise<ExitCode> {
  const { exitCode, message } = explain(error);
  const usage =
    error instanceof UsageFailure
      ? [command === undefined ? "See: stonechat --help" : `Usage: ${usageLine(command)}`]
      : [];
  if (message !== "") await plain.note([message, ...usage].join("\n"));
  return exitCode;
}

/** Takes the command's words out of `argv`. Options of every command may stand before them. */
function findCommand(argv: readonly string[]): {
  readonly command: Command | "help" | "version";
  readonly rest: readonly string[];
} {
  const before: string[] = [];
  let index = 0;
  for (let word = argv[index]; word?.startsWith("-") === true && word !== "-"; word = argv[index]) {
    if (word === "--version" || word === "-V") return { command: "version", rest: [] };
    if (word === "--help" || word === "-h") return { command: "help", rest: [] };
    const [name = "", inline] = word.replace(/^--/, "").split("=", 2);
    if (!word.startsWith("--") || !isGlobalOption(name))
      throw new UsageFailure(`Unknown option '${word}' before the command.`);
    const takesValue = GLOBAL_OPTIONS[name].kind === "text" && inline === undefined;
    before.push(...argv.slice(index, index + (takesValue ? 2 : 1)));
    index += takesValue ? 2 : 1;
  }
  const words = argv.slice(index);
  if (words.length === 0 || words[0] === "help")
    return { command: words.length === 0 ? noCommand() : "help", rest: [] };
  // The longest name wins: `requests accept` is not `requests` with an argument.
  const found = COMMANDS.filter(({ name }) => name.split(" ").every((part, at) => words[at] === part)).sort(
    (one, other) => other.name.length - one.name.length,
  )[0];
  if (found === undefined) throw unknownCommand(words);
  return { command: found, rest: [...before, ...words.slice(found.name.split(" ").length)] };
}

function noCommand(): never {
  throw new UsageFailure("Which command?");
}

function unknownCommand([first = "", second]: readonly string[]): UsageFailure {
  const family = COMMANDS.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
  if (family.length > 0)
    return new UsageFailure(
      `${second === undefined || second.startsWith("-") ? `"${first}" needs one more word` : `Unknown command "${first} ${second}"`}. There are: ${family.join(", ")}.`,
    );
  return new UsageFailure(`Unknown command "${first}".`);
}

function isGlobalOption(name: string): name is keyof typeof GLOBAL_OPTIONS {
  return Object.hasOwn(GLOBAL_OPTIONS, name);
}
