import type { Brand } from "../brand.ts";
import {
  boolean,
  bytes,
  choice,
  instant,
  list,
  opaque,
  optional,
  struct,
  structure,
  text,
  uint16,
  uint32,
  versioned,
  type Codec,
  type ValueOf,
} from "../codec/codec.ts";
import { logId, poolId, token } from "../relay/identifiers.ts";
import { blobReference, groupWelcomeCodec } from "./conversation.ts";
import { deviceKey, profile } from "./identity.ts";
import { MAX_URL_BYTES } from "./invite.ts";

/** 16 random bytes; the same for every copy and every sending of one message. */
export type MessageId = Brand<Uint8Array, "MessageId">;
export const MESSAGE_ID_BYTES = 16;
export const messageId = opaque<MessageId>(MESSAGE_ID_BYTES);

/** UTF-8 bytes of one message's text. */
export const MAX_TEXT_BYTES = 16 * 1024;
export const MAX_EMOJI_BYTES = 64;
export const MAX_ATTACHMENTS = 10;
export const MAX_THUMBNAIL_BYTES = 16 * 1024;
export const MAX_RECEIPT_MESSAGES = 500;
export const POOL_SECRET_BYTES = 32;
export const RETURN_SECRET_BYTES = 32;
const MAX_BODY_BYTES = 60_000;

/** See {@link Attachment}. */
export const attachmentCodec = struct({
  name: text(255),
  mediaType: text(127),
  kind: choice({ file: 1, image: 2, audio: 3, video: 4 }),
  width: uint16,
  height: uint16,
  thumbnail: bytes(MAX_THUMBNAIL_BYTES),
  blob: blobReference,
});
/** A file in a blob. `width` and `height` are 0 where they mean nothing. */
export type Attachment = ValueOf<typeof attachmentCodec>;

/** Where KeyPackages of one device are to be had. */
export const poolCodec = struct({
  deviceKey,
  relayUrl: text(MAX_URL_BYTES),
  poolId,
  secret: opaque(POOL_SECRET_BYTES),
});

/** An account's return log, and the secret that it shares with one contact for what that contact puts there. */
export const returnAddressCodec = struct({
  relayUrl: text(MAX_URL_BYTES),
  logId,
  appendToken: token,
  secret: opaque(RETURN_SECRET_BYTES),
});
export type ReturnAddress = ValueOf<typeof returnAddressCodec>;

const bodies = {
  /**
   * Text, files, or both; perhaps an answer to another message. It disappears `timerSeconds` after it was read or sent,
   * or sooner if the settings of its epoch say so; 0 leaves it to the settings. `viewOnce`: see {@link isViewOnce}.
   */
  message: [
    1,
    struct({
      text: text(MAX_TEXT_BYTES),
      replyTo: optional(messageId),
      attachments: list(attachmentCodec, MAX_ATTACHMENTS, 56_000),
      timerSeconds: uint32,
      viewOnce: boolean,
    }),
  ],
  reaction: [2, struct({ target: messageId, emoji: text(MAX_EMOJI_BYTES), removed: boolean })],
  edit: [3, struct({ target: messageId, text: text(MAX_TEXT_BYTES) })],
  delete: [4, struct({ target: messageId })],
  receipt: [
    5,
    struct({
      state: choice({ delivered: 1, read: 2 }),
      messageIds: list(messageId, MAX_RECEIPT_MESSAGES, MAX_RECEIPT_MESSAGES * MESSAGE_ID_BYTES),
    }),
  ],
  /** The sender's name for itself; in a group also its consent to be there. */
  profile: [6, profile],
  /** Adds the receiver to another conversation. */
  "group-welcome": [7, struct({ welcome: groupWelcomeCodec })],
  /** The sender wants to be removed; the next member that can, commits it. */
  leave: [8, struct({})],
  /** Where KeyPackages of the sender's devices are to be had. Take token and key derive from `secret`. */
  pools: [9, struct({ pools: list(poolCodec, 10, 8000) })],
  /** The sender's device cannot follow a conversation any more and asks to be added anew. */
  rejoin: [10, struct({ groupId: opaque(32) })],
  /** The sender does not want to be in a group that the receiver added it to. */
  decline: [11, struct({ groupId: opaque(32) })],
  /** Where the receiver can reach the sender from a device that knows none of their conversations. */
  "return-address": [12, returnAddressCodec],
} as const;

type Bodies = { [K in keyof typeof bodies]: { readonly type: K } & ValueOf<(typeof bodies)[K][1]> };
/** The meaning of a message. `unsupported` keeps what a newer version wrote. */
export type ContentBody =
  Bodies[keyof Bodies] | { readonly type: "unsupported"; readonly tag: number; readonly data: Uint8Array };

/** Whether a message's attachment is to be opened once: it says so, and is one image, sound or video and nothing else. */
export function isViewOnce(body: Bodies["message"]): boolean {
  const [only] = body.attachments;
  return body.viewOnce && body.text === "" && body.attachments.length === 1 && only?.kind !== "file";
}

const byTag = new Map<number, readonly [type: string, body: Codec<object>]>(
  Object.entries(bodies).map(([type, [tag, body]]) => [tag, [type, body as Codec<object>]]),
);

const rawContent = structure(
  "Content",
  62_000,
  versioned(
    1,
    struct({
      messageId,
      sentAt: instant,
      tag: uint16,
      body: bytes(MAX_BODY_BYTES),
      /** Fields that later versions add; kept as they are. */
      extensions: bytes(1024),
    }),
  ),
);

/**
 * The plaintext of an application message.
 *
 * ```text
 * struct {
 *   uint8  version = 1;
 *   opaque message_id[16];
 *   uint64 sent_at;            // milliseconds since 1970, by the sender's clock
 *   uint16 type;
 *   opaque body<V>;            // by type; unknown types are kept and shown as "needs a newer version"
 *   opaque extensions<V>;
 * } Content;
 * ```
 */
export interface Content {
  readonly messageId: MessageId;
  readonly sentAt: number;
  readonly body: ContentBody;
  readonly extensions: Uint8Array;
}

export function encodeContent(content: Content): Uint8Array {
  const { messageId, sentAt, body, extensions } = content;
  if (body.type === "unsupported") {
    return rawContent.encode({ messageId, sentAt, tag: body.tag, body: body.data, extensions });
  }
  const [tag, codec] = bodies[body.type];
  const data = structure(body.type, MAX_BODY_BYTES, codec as Codec<object>).encode(body);
  return rawContent.encode({ messageId, sentAt, tag, body: data, extensions });
}

/** @throws WireError on anything that {@link encodeContent} would not write. */
export function decodeContent(input: Uint8Array): Content {
  const { messageId, sentAt, tag, body: data, extensions } = rawContent.decode(input);
  const known = byTag.get(tag);
  if (known === undefined) return { messageId, sentAt, body: { type: "unsupported", tag, data }, extensions };
  const [type, codec] = known;
  // The tag chose the codec, so the value has that case's shape.
  const body = { type, ...structure(type, MAX_BODY_BYTES, codec).decode(data) } as ContentBody;
  return { messageId, sentAt, body, extensions };
}
