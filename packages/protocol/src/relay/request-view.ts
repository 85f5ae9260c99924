import { ENTRY_ID_BYTES, ID_BYTES, TOKEN_BYTES, type EntryId, type LogId, type Token } from "./identifiers.ts";
import { requestFrame, type RequestFrame } from "./frames.ts";
import { MAX_COMMIT_BYTES, MAX_FRAME_BYTES } from "./limits.ts";

const APPEND_TAG = 3;
const TAG_AT = 4;
const LOG_ID_AT = TAG_AT + 1;
const TOKEN_AT = LOG_ID_AT + ID_BYTES;
const ENTRY_ID_AT = TOKEN_AT + TOKEN_BYTES;
const TTL_AT = ENTRY_ID_AT + ENTRY_ID_BYTES;
const BODY_AT = TTL_AT + 4;

/**
 * {@link requestFrame}'s `decode`, faster for `append`, of which a busy relay sees little else: its byte strings are views
 * of `bytes`, which the caller must therefore leave alone, and copies of nothing. Takes and refuses exactly the same.
 *
 * @throws {@link WireError} as the other does.
 */
export function decodeRequestView(bytes: Uint8Array): RequestFrame {
  return decodeAppend(bytes) ?? requestFrame.decode(bytes);
}

/** `undefined` for whatever is no flawless append: the strict decoder then says what is wrong with it. */
function decodeAppend(bytes: Uint8Array): RequestFrame | undefined {
  if (bytes[TAG_AT] !== APPEND_TAG || bytes.length > MAX_FRAME_BYTES) return undefined;
  const start = startOfVector(bytes, BODY_AT);
  if (start === undefined) return undefined;
  return {
    requestId: uint32(bytes, 0),
    request: {
      type: "append",
      // The brands stand for lengths, which the offsets give.
      logId: view(bytes, LOG_ID_AT, ID_BYTES) as LogId,
      appendToken: view(bytes, TOKEN_AT, TOKEN_BYTES) as Token,
      entryId: view(bytes, ENTRY_ID_AT, ENTRY_ID_BYTES) as EntryId,
      ttlSeconds: uint32(bytes, TTL_AT),
      body: view(bytes, start, bytes.length - start),
    },
  };
}

/** Where the content of the `<V>` vector at `at` begins, if that ends exactly with `bytes` and has its shortest form. */
function startOfVector(bytes: Uint8Array, at: number): number | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  const width = 1 << (first >> 6);
  const length = bytes.length - at - width;
  if (length < 0 || length > MAX_COMMIT_BYTES || width !== widthFor(length)) return undefined;
  let stated = first & 0x3f;
  for (let i = 1; i < width; i += 1) stated = stated * 0x100 + (bytes[at + i] ?? 0);
  return stated === length ? at + width : undefined;
}

function widthFor(length: number): number {
  if (length < 1 << 6) return 1;
  return length < 1 << 14 ? 2 : 4;
}

function view(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + at, length);
}

function uint32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) * 0x100_0000 + (((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
  );
}
