/** How the checks of ours end: each finding on a line, and an exit code. */

/** Prints the findings and sets the exit code to 1 if there are any. */
export function reportFindings(findings: readonly string[]): void {
  for (const finding of findings) process.stdout.write(`${finding}\n`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
