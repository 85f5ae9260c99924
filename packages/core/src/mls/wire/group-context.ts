import { bytes, type Codec } from "@stonechat/protocol";
import type { GroupContext } from "ts-mls/groupContext.js";
import { SUITE_NAME } from "../suite.ts";
import { cipherSuite, hash, hashOrNothing, noExtensions, protocolVersion } from "./wire-parts.ts";

export const MAX_GROUP_ID_BYTES = 64;

/** `GroupContext` (RFC 9420 §8.1) without extensions. */
export const groupContext: Codec<GroupContext> = {
  read(r) {
    const version = protocolVersion.read(r);
    cipherSuite.read(r);
    return {
      version,
      cipherSuite: SUITE_NAME,
      groupId: bytes(MAX_GROUP_ID_BYTES).read(r),
      epoch: r.uint64(),
      treeHash: hash.read(r),
      confirmedTranscriptHash: hashOrNothing.read(r),
      extensions: noExtensions.read(r),
    };
  },
  write(w, value) {
    protocolVersion.write(w, "mls10");
    cipherSuite.write(w, undefined);
    w.vector(value.groupId, MAX_GROUP_ID_BYTES);
    w.uint64(value.epoch);
    hash.write(w, value.treeHash);
    hashOrNothing.write(w, value.confirmedTranscriptHash);
    noExtensions.write(w, []);
  },
};
