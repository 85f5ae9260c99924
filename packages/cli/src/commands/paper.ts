import type { CommandContext } from "../arguments/command.ts";
import { refuse, UsageFailure } from "../failure.ts";
import { faint, type Line } from "../output/output.ts";
import { terminalQr } from "../output/qr.ts";
import { readSecretFile } from "../vault/secret-file.ts";

const WORDS_IN_LINE = 5;

/** Shows words that belong on paper, numbered, and their code on a terminal. Nothing with `--json`. */
export async function showPaper(
  { host, out }: CommandContext,
  words: readonly string[],
  qr: string,
  below: readonly Line[],
): Promise<void> {
  const widest = Math.max(...words.map(({ length }) => length));
  const cells = words.map((word, at) => `${String(at + 1).padStart(2)} ${word.padEnd(widest)}`);
  const rows = Array.from({ length: Math.ceil(cells.length / WORDS_IN_LINE) }, (_, row) =>
    cells
      .slice(row * WORDS_IN_LINE, (row + 1) * WORDS_IN_LINE)
      .join("  ")
      .trimEnd(),
  );
  await out.say(...rows);
  if (host.stdout.tty) {
    const code = terminalQr(qr, host.stdout.columns ?? 80);
    if (code !== undefined) await out.exact(`\n${code}\n`);
  }
  await out.say(...below.map((line) => (typeof line === "string" ? [faint(line)] : line)));
}

/** Reads what is on the paper: from the file of the option, or typed at the terminal. */
export async function readPaper(
  { args, host, out }: CommandContext,
  option: string,
  question: string,
): Promise<string> {
  const path = args.text(option);
  if (path !== undefined) {
    const { secret, warning } = await readSecretFile(host, option, path);
    if (warning !== undefined) await out.note(warning);
    return secret;
  }
  if (!host.stdin.tty || !host.stderr.tty)
    throw new UsageFailure(`Nobody can be asked here. Give the words with --${option} FILE.`);
  const typed = await host.stdin.ask(question, { hidden: false, fleeting: true });
  if (typed === undefined || typed.trim() === "") throw refuse("Cancelled.");
  return typed.trim();
}
