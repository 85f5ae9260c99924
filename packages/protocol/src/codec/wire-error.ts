/** Why bytes from outside were refused. Public: listed in PROTOCOL.md, never renamed, never reused. */
export type WireErrorCode =
  | "truncated"
  | "trailing-bytes"
  | "non-minimal-length"
  | "too-long"
  | "bad-value"
  | "bad-text"
  | "unsupported-version"
  | "unknown-type";

/** Bytes from outside do not follow PROTOCOL.md. Names structure, code and offset, never the bytes: safe to log. */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly code: WireErrorCode;
  readonly structure: string;
  readonly offset: number;

  constructor(code: WireErrorCode, structure: string, offset: number, options?: ErrorOptions) {
    super(`${structure}: ${code} at byte ${String(offset)}`, options);
    this.code = code;
    this.structure = structure;
    this.offset = offset;
  }
}
