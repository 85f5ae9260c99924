/**
 * Why an attachment failed for good. Public: listed in PROTOCOL.md, never renamed, never reused.
 *
 * - `damaged`: the bytes are not those that the sender described; nothing of them may be shown.
 * - `gone`: the relay does not have the blob (any more).
 * - `too-large`: the relay takes no blobs of this size.
 * - `relay-full`: the relay has no space left.
 * - `not-admitted`: the relay wants an admission code.
 * - `source-changed`: the chosen file changed while it was read.
 * - `cancelled`: by the caller.
 */
export type AttachmentErrorCode =
  "damaged" | "gone" | "too-large" | "relay-full" | "not-admitted" | "source-changed" | "cancelled";

/** An attachment failed. Holds no name, key or content: safe to log. */
export class AttachmentError extends Error {
  override readonly name = "AttachmentError";
  readonly code: AttachmentErrorCode;

  constructor(code: AttachmentErrorCode, cause?: unknown) {
    super(code, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
