import { structure, type Codec } from "@stonechat/protocol";
import type { KeyPackage } from "ts-mls/keyPackage.js";
import { MlsError } from "../contract.ts";
import { SUITE_NAME } from "../suite.ts";
import { leafNode } from "./leaf-node.ts";
import { cipherSuite, noExtensions, protocolVersion, publicKey, signature } from "./wire-parts.ts";

/** A KeyPackage of ours has 2,751 bytes. */
const MAX_KEY_PACKAGE_BYTES = 4096;

/** `KeyPackage` (RFC 9420 §10) of our suite without extensions. */
export const keyPackage: Codec<KeyPackage> = {
  read(r) {
    const version = protocolVersion.read(r);
    cipherSuite.read(r);
    const initKey = publicKey.read(r);
    const leaf = leafNode.read(r);
    if (leaf.leafNodeSource !== "key_package") throw new MlsError("bad-leaf");
    const extensions = noExtensions.read(r);
    return { version, cipherSuite: SUITE_NAME, initKey, leafNode: leaf, extensions, signature: signature.read(r) };
  },
  write(w, value) {
    protocolVersion.write(w, "mls10");
    cipherSuite.write(w, undefined);
    publicKey.write(w, value.initKey);
    leafNode.write(w, value.leafNode);
    noExtensions.write(w, []);
    signature.write(w, value.signature);
  },
};

/** A KeyPackage by itself, as it lies in a pool. */
export const keyPackageBytes = structure("KeyPackage", MAX_KEY_PACKAGE_BYTES, keyPackage);
