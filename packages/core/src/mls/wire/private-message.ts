import { bytes, structure, type Codec } from "@stonechat/protocol";
import { MlsError } from "../contract.ts";
import { AEAD_TAG_BYTES } from "../suite.ts";
import { MAX_GROUP_ID_BYTES } from "./group-context.ts";
import { exactly, expectUint16, protocolVersion } from "./wire-parts.ts";

/** A commit of a thousand members' group with few parent nodes still fits. */
export const MAX_MLS_MESSAGE_BYTES = 4 * 1024 * 1024;
export const WIRE_FORMAT_PRIVATE_MESSAGE = 2;
export const CONTENT_APPLICATION = 1;
export const CONTENT_COMMIT = 3;
const CONTENT_PROPOSAL = 2;
const SENDER_DATA_BYTES = 12;

/** What is in a PrivateMessage: {@link CONTENT_APPLICATION} or {@link CONTENT_COMMIT}. */
export type ContentType = typeof CONTENT_APPLICATION | typeof CONTENT_COMMIT;

/** `PrivateMessage` (RFC 9420 §6.3). */
export interface PrivateMessage {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly contentType: ContentType;
  readonly authenticatedData: Uint8Array;
  readonly encryptedSenderData: Uint8Array;
  readonly ciphertext: Uint8Array;
}

const encryptedSenderData = exactly(SENDER_DATA_BYTES + AEAD_TAG_BYTES);
const groupId = bytes(MAX_GROUP_ID_BYTES);
const long = bytes(MAX_MLS_MESSAGE_BYTES);

/** `uint8 content_type`. @throws MlsError `refused-proposal` on a standalone proposal. */
const contentType: Codec<ContentType> = {
  read(r) {
    const type = r.uint8();
    if (type === CONTENT_PROPOSAL) throw new MlsError("refused-proposal");
    if (type !== CONTENT_APPLICATION && type !== CONTENT_COMMIT) throw r.error("unknown-type");
    return type;
  },
  write(w, type) {
    w.uint8(type);
  },
};

/** `MLSMessage` with a `PrivateMessage` (RFC 9420 §6). PublicMessages, and with them external commits, are malformed. */
export const privateMessageBytes = structure<PrivateMessage>("PrivateMessage", MAX_MLS_MESSAGE_BYTES, {
  read(r) {
    protocolVersion.read(r);
    expectUint16(r, WIRE_FORMAT_PRIVATE_MESSAGE, "malformed");
    return {
      groupId: groupId.read(r),
      epoch: r.uint64(),
      contentType: contentType.read(r),
      authenticatedData: long.read(r),
      encryptedSenderData: encryptedSenderData.read(r),
      ciphertext: long.read(r),
    };
  },
  write(w, value) {
    protocolVersion.write(w, "mls10");
    w.uint16(WIRE_FORMAT_PRIVATE_MESSAGE);
    groupId.write(w, value.groupId);
    w.uint64(value.epoch);
    contentType.write(w, value.contentType);
    long.write(w, value.authenticatedData);
    encryptedSenderData.write(w, value.encryptedSenderData);
    long.write(w, value.ciphertext);
  },
});

/** Who sent a PrivateMessage, and under which key (RFC 9420 §6.3.2). */
export interface SenderData {
  readonly leaf: number;
  readonly generation: number;
  /** 4 bytes. */
  readonly reuseGuard: Uint8Array;
}

export const senderDataBytes = structure<SenderData>("SenderData", SENDER_DATA_BYTES, {
  read: (r) => ({ leaf: r.uint32(), generation: r.uint32(), reuseGuard: r.opaque(4) }),
  write(w, value) {
    w.uint32(value.leaf);
    w.uint32(value.generation);
    w.opaque(value.reuseGuard, 4);
  },
});
