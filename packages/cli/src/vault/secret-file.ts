import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { refuse, UsageFailure } from "../failure.ts";
import type { Host } from "../host.ts";

/** Longer than any passphrase. */
const MAX_SECRET_BYTES = 4096;
const OTHERS_MAY_READ = 0o044;

/** A secret as it was in a file, without the white space around it. */
export interface FileSecret {
  readonly secret: string;
  /** A sentence if other users of this machine can read the file too. */
  readonly warning: string | undefined;
}

/**
 * Reads the secret of `--OPTION path`; `-` is standard input. The bytes that were read are overwritten.
 *
 * @throws {@link CliFailure} if there is none, or too much.
 */
export async function readSecretFile(host: Host, option: string, path: string): Promise<FileSecret> {
  if (path === "") throw new UsageFailure(`--${option} needs a file.`);
  const { bytes, warning } =
    path === "-" ? await fromStandardInput(host) : await fromFile(option, resolve(host.cwd, path));
  const secret = new TextDecoder().decode(bytes).trim();
  const length = bytes.length;
  bytes.fill(0);
  if (secret === "") throw refuse(`The file of --${option} holds no secret.`);
  if (length > MAX_SECRET_BYTES) throw refuse(`The file of --${option} is too long for a secret.`);
  return { secret, warning };
}

async function fromStandardInput(host: Host): Promise<{ readonly bytes: Uint8Array; readonly warning: undefined }> {
  return { bytes: await host.stdin.readAll(MAX_SECRET_BYTES), warning: undefined };
}

async function fromFile(
  option: string,
  path: string,
): Promise<{ readonly bytes: Uint8Array; readonly warning: string | undefined }> {
  const handle = await open(path, "r");
  const bytes = new Uint8Array(MAX_SECRET_BYTES + 1);
  try {
    const { mode } = await handle.stat();
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, null);
    const open = process.platform !== "win32" && (mode & OTHERS_MAY_READ) !== 0;
    return {
      bytes: bytes.subarray(0, bytesRead),
      warning: open
        ? `Other users of this machine can read the file of --${option}. Close it with: chmod 600 FILE`
        : undefined,
    };
  } finally {
    await handle.close();
  }
}
