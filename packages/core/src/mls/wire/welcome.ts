import { boolean, list, struct, structure, bytes, type Codec } from "@stonechat/protocol";
import type { GroupInfo } from "ts-mls/groupInfo.js";
import type { Welcome } from "ts-mls/welcome.js";
import { MlsError } from "../contract.ts";
import { HASH_BYTES, KEM_OUTPUT_BYTES, SUITE_NAME } from "../suite.ts";
import { groupContext } from "./group-context.ts";
import { cipherSuite, exactly, expectUint16, hash, noExtensions, protocolVersion, signature } from "./wire-parts.ts";

const WIRE_FORMAT_WELCOME = 3;
const MAX_WELCOME_BYTES = 64 * 1024;
const MAX_GROUP_INFO_BYTES = 4096;
const MAX_GROUP_SECRETS_BYTES = 256;
/** We write Welcomes for one; a client of another make might write one for many. */
const MAX_ADDRESSEES = 32;

const secrets = list(
  struct({
    newMember: hash,
    encryptedGroupSecrets: struct({ kemOutput: exactly(KEM_OUTPUT_BYTES), ciphertext: bytes(MAX_GROUP_SECRETS_BYTES) }),
  }),
  MAX_ADDRESSEES,
  MAX_WELCOME_BYTES,
);

/** `MLSMessage` with a `Welcome` (RFC 9420 §6, §12.4.3.1). */
const welcomeMessage: Codec<Welcome> = {
  read(r) {
    protocolVersion.read(r);
    expectUint16(r, WIRE_FORMAT_WELCOME, "malformed");
    cipherSuite.read(r);
    return {
      cipherSuite: SUITE_NAME,
      secrets: [...secrets.read(r)],
      encryptedGroupInfo: r.vector(MAX_GROUP_INFO_BYTES),
    };
  },
  write(w, value) {
    protocolVersion.write(w, "mls10");
    w.uint16(WIRE_FORMAT_WELCOME);
    cipherSuite.write(w, undefined);
    secrets.write(w, value.secrets);
    w.vector(value.encryptedGroupInfo, MAX_GROUP_INFO_BYTES);
  },
};

/** Whole Welcome, as it travels. */
export const welcomeBytes = structure("Welcome", MAX_WELCOME_BYTES, welcomeMessage);

/** `GroupInfo` (RFC 9420 §12.4.3) without extensions: the tree travels beside it. */
export const groupInfoBytes = structure<GroupInfo>("GroupInfo", MAX_GROUP_INFO_BYTES, {
  read: (r) => ({
    groupContext: groupContext.read(r),
    extensions: noExtensions.read(r),
    confirmationTag: hash.read(r),
    signer: r.uint32(),
    signature: signature.read(r),
  }),
  write(w, value) {
    groupContext.write(w, value.groupContext);
    noExtensions.write(w, []);
    hash.write(w, value.confirmationTag);
    w.uint32(value.signer);
    signature.write(w, value.signature);
  },
});

/** What a Welcome holds for one addressee (RFC 9420 §12.4.3.1): always a path secret, never a PSK. */
export interface OurGroupSecrets {
  readonly joinerSecret: Uint8Array;
  readonly pathSecret: Uint8Array;
}

/** @throws MlsError `missing-path` without path secret; `refused-proposal` with PSKs. */
export const groupSecretsBytes = structure<OurGroupSecrets>("GroupSecrets", MAX_GROUP_SECRETS_BYTES, {
  read(r) {
    const joinerSecret = exactly(HASH_BYTES).read(r);
    if (!boolean.read(r)) throw new MlsError("missing-path");
    const pathSecret = exactly(HASH_BYTES).read(r);
    if (r.vectorLength(MAX_GROUP_SECRETS_BYTES) > 0) throw new MlsError("refused-proposal");
    return { joinerSecret, pathSecret };
  },
  write(w, value) {
    exactly(HASH_BYTES).write(w, value.joinerSecret);
    boolean.write(w, true);
    exactly(HASH_BYTES).write(w, value.pathSecret);
    w.vectorLength(0, 0);
  },
});
