/** Telling a person what is being installed: one line a step. */
import { spawn } from "node:child_process";

const KEPT_OUTPUT_CHARS = 4000;

/** Something could not be installed. The message says what happened and what to do. */
export class SetupError extends Error {
  name = "SetupError";
}

/**
 * Shows one line while `work` runs: the title, a percentage once `work` reports one, and at the end the time taken.
 * Where nobody watches a terminal, the line is written once and then completed.
 * @template T
 * @param {string} title
 * @param {(report: (fraction: number) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const terminal = process.stderr.isTTY === true && process.env["CI"] === undefined;
  const startedAt = Date.now();
  const seconds = () => `${Math.round((Date.now() - startedAt) / 1000)} s`;
  let percent = "";
  const draw = () => process.stderr.write(`\r\u001b[K${title} … ${percent}${seconds()}`);
  if (!terminal) process.stderr.write(`${title} … `);
  const timer = terminal ? setInterval(draw, 250) : undefined;
  try {
    const result = await work((fraction) => {
      percent = `${Math.min(99, Math.floor(fraction * 100))} %, `;
    });
    process.stderr.write(terminal ? `\r\u001b[K${title}: done in ${seconds()}\n` : `done in ${seconds()}\n`);
    return result;
  } catch (error) {
    process.stderr.write(terminal ? `\r\u001b[K${title}: failed after ${seconds()}\n` : `failed after ${seconds()}\n`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/**
 * Runs a program without input and keeps the end of what it prints, to be shown only if it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ readonly cwd?: string, readonly env?: NodeJS.ProcessEnv, readonly onLine?: (line: string) => void }} options
 * @returns {Promise<{ readonly ok: boolean, readonly output: string }>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      // npm is a batch file on Windows; none of our arguments needs quoting.
      shell: process.platform === "win32" && command === "npm",
    });
    const take = (/** @type {string} */ chunk) => {
      output = (output + chunk).slice(-KEPT_OUTPUT_CHARS);
      for (const line of chunk.split("\n")) options.onLine?.(line);
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    child.on("error", (error) => resolve({ ok: false, output: error.message }));
    child.on("close", (code) => resolve({ ok: code === 0, output: output.trim() }));
  });
}
