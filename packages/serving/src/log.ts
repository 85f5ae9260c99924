/** One line of a server's log. Fields are numbers, booleans, and words of our own: nothing that came from outside. */
export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly event: string;
  readonly [field: string]: string | number | boolean;
}

/** Takes log lines. Never throws. */
export type Log = (line: LogLine) => void;

const MAX_FIELD_CHARS = 200;
// Printable ASCII only: a line can neither be split nor paint the operator's terminal.
const NOT_PRINTABLE = /[^\x20-\x7e]/g;

/** A log that writes one JSON object a line, each text cut to 200 printable characters. */
export function jsonLog(write: (line: string) => void, now: () => number): Log {
  return (line) => {
    const clean = Object.entries(line).map(
      ([name, value]) =>
        [
          name,
          typeof value === "string" ? value.slice(0, MAX_FIELD_CHARS).replace(NOT_PRINTABLE, "?") : value,
        ] as const,
    );
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), ...Object.fromEntries(clean) })}\n`);
  };
}

/** What may be said of an error: its name and code. Messages of libraries may carry paths and more. */
export function describeError(error: unknown): { readonly error: string; readonly code: string } {
  if (!(error instanceof Error)) return { error: "unknown", code: "" };
  return { error: error.name, code: "code" in error && typeof error.code === "string" ? error.code : "" };
}
