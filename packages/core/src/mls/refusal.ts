import { InvariantError } from "@stonechat/crypto";
import { MlsError, type MlsErrorCode } from "./contract.ts";

/**
 * Runs work on bytes from outside. Whatever it throws, also plain errors of the library, leaves as {@link MlsError}:
 * its own code if it has one, else `code`. Our own mistakes pass.
 */
export function refusing<T>(code: MlsErrorCode, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw toMlsError(code, cause);
  }
}

/** {@link refusing} for what takes time. */
export async function refusingAsync<T>(code: MlsErrorCode, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw toMlsError(code, cause);
  }
}

/** Throws {@link MlsError} with `code` unless `holds`. */
export function demand(code: MlsErrorCode, holds: boolean): asserts holds {
  if (!holds) throw new MlsError(code);
}

function toMlsError(code: MlsErrorCode, cause: unknown): Error {
  if (cause instanceof MlsError || cause instanceof InvariantError) return cause;
  return new MlsError(code, { cause });
}
