/**
 * One bounded line for each failed test: where only the end of a long output is kept, the end must say what failed and,
 * for a property, how to find its counterexample again.
 */

/** What is known of a failure, as vitest hands it over. */
export type Failure = {
  /** File and title, or what takes their place. */
  readonly name: string;
  readonly errors: readonly { readonly message: string; readonly cause?: unknown }[];
};

const MAX_NAME = 240;
const MAX_EXAMPLE = 300;
const MAX_REASON = 120;
const MAX_LINES = 30;

/** `FAILED name: reason`, with the seed and the counterexample if it was a property. */
export function failureLine({ name, errors }: Failure): string {
  const [error] = errors;
  const said = error === undefined ? "" : `: ${toProperty(error.message) ?? cut(firstLine(error.message), MAX_REASON)}`;
  const because = error === undefined ? "" : causeOf(error);
  return `FAILED ${cut(oneLine(name), MAX_NAME)}${said}${because}`;
}

/** The lines to show of a long list, and how many are missing. */
export function boundedLines(lines: readonly string[]): readonly string[] {
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES), `FAILED ${String(lines.length - MAX_LINES)} more`];
}

/** Seed and counterexample of the message that fast-check throws; undefined for any other. */
function toProperty(message: string): string | undefined {
  const seed = /^\{ seed: (-?\d+)/mu.exec(message)?.[1];
  if (seed === undefined) return undefined;
  const example = /^Counterexample: (.*?)(?=\nShrunk |\n\n|$(?![\s\S]))/msu.exec(message)?.[1] ?? "";
  return `seed ${seed}, counterexample ${cut(oneLine(example), MAX_EXAMPLE)}`;
}

function causeOf({ cause }: { readonly cause?: unknown }): string {
  if (typeof cause !== "object" || cause === null || !("message" in cause)) return "";
  return typeof cause.message === "string" ? `; ${cut(firstLine(cause.message), MAX_REASON)}` : "";
}

function firstLine(text: string): string {
  return oneLine(text.split("\n", 1)[0] ?? "");
}

function oneLine(text: string): string {
  return text.replace(/\s+/gu, " ").trim();
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
