/** How a `stonechat` process ends. Scripts rely on these numbers; docs/CLI.md lists them. */
export const EXIT = { done: 0, failed: 1, usage: 2, locked: 3, unreachable: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command ends here with a sentence for a person on stderr. The sentence may name what the user typed, never a secret. */
export class CliFailure extends Error {
  override readonly name: string = "CliFailure";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The command line itself is wrong: exit code 2, and the command's usage line is shown. */
export class UsageFailure extends CliFailure {
  override readonly name = "UsageFailure";

  constructor(message: string, options?: ErrorOptions) {
    super(EXIT.usage, message, options);
  }
}

/** Refused or failed: exit code 1. */
export function refuse(message: string, options?: ErrorOptions): CliFailure {
  return new CliFailure(EXIT.failed, message, options);
}

/** The vault is locked, and there is no way here to get its secret: exit code 3. */
export function lockedFailure(): CliFailure {
  return new CliFailure(
    EXIT.locked,
    "The profile is locked. Open it with: stonechat unlock, or give the secret with --secret-file FILE.",
  );
}
