import type { Host, OutputStream } from "../host.ts";
import type { JsonObject } from "./shapes.ts";
import { jsonLine, visible, visibleLines } from "./visible.ts";
import { MIN_COLUMNS, wrapLine } from "./wrap.ts";

const STYLES = { strong: "\u001b[1m", faint: "\u001b[2m" } as const;
const RESET = "\u001b[0m";

/** A piece of a line that is set apart on a terminal that can. */
export interface Styled {
  readonly style: keyof typeof STYLES;
  readonly text: string;
}

/** One line for a person. Its texts may come from anybody: they are made safe when written. */
export type Line = string | readonly (string | Styled)[];

/** Names and headings. */
export function strong(text: string): Styled {
  return { style: "strong", text };
}

/** Times and side remarks. */
export function faint(text: string): Styled {
  return { style: "faint", text };
}

/** What a command says: JSON Lines with `--json`, else calm lines for a person. Everything shown is made safe here. */
export interface Output {
  readonly json: boolean;
  /** A result: the object with `--json`, else the human lines. Resolves when it has left the process. */
  result(object: JsonObject, human: () => readonly Line[]): Promise<void>;
  /** Lines for a person on stdout; nothing with `--json`. */
  say(...lines: readonly Line[]): Promise<void>;
  /** Our own text that must stay as it is, such as a link or a QR code: neither escaped nor wrapped. Nothing with `--json`. */
  exact(text: string): Promise<void>;
  /** A remark on stderr, with and without `--json`. */
  note(text: string): Promise<void>;
}

/**
 * The output of one command.
 *
 * Human lines are wrapped at the terminal's width and continuations are indented, so that text of others can neither
 * look like a new line of ours nor move the cursor.
 */
export function createOutput(host: Host, json: boolean): Output {
  const { stdout, stderr } = host;
  const styled = stdout.tty && (host.env["NO_COLOR"] ?? "") === "" && host.env["TERM"] !== "dumb";
  const say = async (...lines: readonly Line[]): Promise<void> => {
    if (json || lines.length === 0) return;
    await stdout.write(`${lines.map((line) => layOut(line, stdout, styled)).join("\n")}\n`);
  };
  return {
    json,
    say,
    async result(object, human) {
      if (json) await stdout.write(`${jsonLine(object)}\n`);
      else await say(...human());
    },
    async exact(text) {
      if (!json) await stdout.write(`${text}\n`);
    },
    async note(text) {
      const [first = "", ...rest] = visibleLines(text);
      const lines = [`stonechat: ${first}`, ...rest].map((line) => layOut(line, stderr, false));
      await stderr.write(`${lines.join("\n")}\n`);
    },
  };
}

/** What continues a line stands below its text: behind the number of a choice, or two columns further in. */
function indentOf(line: string): string {
  const numbered = /^ {0,4}\d {2}/.exec(line)?.[0].length;
  const lead = /^ {0,4}/.exec(line)?.[0].length ?? 0;
  return " ".repeat(numbered ?? lead + 2);
}

function layOut(line: Line, stream: OutputStream, styled: boolean): string {
  const parts = typeof line === "string" ? [line] : line;
  const plain = visible(parts.map((part) => (typeof part === "string" ? part : part.text)).join(""));
  const pieces =
    stream.columns === undefined ? [plain] : wrapLine(plain, Math.max(stream.columns, MIN_COLUMNS), indentOf(plain));
  // A line that has to be broken goes without styles: no piece may end inside one.
  if (pieces.length > 1 || !styled) return pieces.join("\n");
  return parts
    .map((part) => (typeof part === "string" ? visible(part) : `${STYLES[part.style]}${visible(part.text)}${RESET}`))
    .join("");
}
