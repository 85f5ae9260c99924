import { Writer, type Codec, type Reader } from "@stonechat/protocol";
import type { LeafNode } from "ts-mls/leafNode.js";
import { sameBytes } from "../byte-equality.ts";
import { MlsError } from "../contract.ts";
import { CREDENTIAL_IDENTITY_BYTES, decodeCredentialIdentity } from "../credential.ts";
import { CAPABILITIES, PROTOCOL_VERSION, SUITE_ID } from "../suite.ts";
import { expectUint16, hashOrNothing, noExtensions, publicKey, signature, signatureKey } from "./wire-parts.ts";

const BASIC_CREDENTIAL = 1;
const SOURCE_KEY_PACKAGE = 1;
const SOURCE_COMMIT = 3;
const MAX_CREDENTIAL_BYTES = 1024;
const CAPABILITIES_BYTES = writeCapabilities();

/** The library names the kinds of leaf by the place where they stand; Update proposals do not exist for us. */
export type OurLeafNode = LeafNode & { leafNodeSource: "key_package" | "commit" };

/**
 * `LeafNode` (RFC 9420 §7.2) as we write it: basic credential, our capabilities and nothing else, no extensions.
 *
 * @throws MlsError `bad-leaf` if credential, capabilities or source are other than ours; WireError on anything else.
 */
export const leafNode: Codec<OurLeafNode> = {
  read(r) {
    const data = {
      hpkePublicKey: publicKey.read(r),
      signaturePublicKey: signatureKey.read(r),
      credential: { credentialType: "basic" as const, identity: readIdentity(r) },
      capabilities: readCapabilities(r),
    };
    const source = r.uint8();
    if (source === SOURCE_KEY_PACKAGE) {
      const lifetime = { notBefore: r.uint64(), notAfter: r.uint64() };
      return {
        ...data,
        leafNodeSource: "key_package",
        lifetime,
        extensions: noExtensions.read(r),
        signature: signature.read(r),
      };
    }
    if (source !== SOURCE_COMMIT) throw new MlsError("bad-leaf");
    const parentHash = hashOrNothing.read(r);
    return {
      ...data,
      leafNodeSource: "commit",
      parentHash,
      extensions: noExtensions.read(r),
      signature: signature.read(r),
    };
  },
  write(w, leaf) {
    if (leaf.credential.credentialType !== "basic") throw new RangeError("credential is not basic");
    publicKey.write(w, leaf.hpkePublicKey);
    signatureKey.write(w, leaf.signaturePublicKey);
    w.uint16(BASIC_CREDENTIAL);
    w.vector(leaf.credential.identity, CREDENTIAL_IDENTITY_BYTES);
    w.opaque(CAPABILITIES_BYTES);
    if (leaf.leafNodeSource === "key_package") {
      w.uint8(SOURCE_KEY_PACKAGE);
      w.uint64(leaf.lifetime.notBefore);
      w.uint64(leaf.lifetime.notAfter);
    } else {
      w.uint8(SOURCE_COMMIT);
      hashOrNothing.write(w, leaf.parentHash);
    }
    noExtensions.write(w, []);
    signature.write(w, leaf.signature);
  },
};

function readIdentity(r: Reader): Uint8Array {
  expectUint16(r, BASIC_CREDENTIAL, "bad-leaf");
  const identity = r.vector(MAX_CREDENTIAL_BYTES);
  decodeCredentialIdentity(identity);
  return identity;
}

/** Capabilities are pinned to one byte string, so a list of half a million of them costs nothing. */
function readCapabilities(r: Reader): LeafNode["capabilities"] {
  if (!sameBytes(r.opaque(CAPABILITIES_BYTES.length), CAPABILITIES_BYTES)) throw new MlsError("bad-leaf");
  return CAPABILITIES;
}

function writeCapabilities(): Uint8Array {
  const w = new Writer();
  for (const values of [[PROTOCOL_VERSION], [SUITE_ID], [], [], [BASIC_CREDENTIAL]]) {
    w.vectorLength(2 * values.length, 2);
    for (const value of values) w.uint16(value);
  }
  return w.finish();
}
