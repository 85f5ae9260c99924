import { boolean, Writer, type Codec, type Reader } from "@stonechat/protocol";
import type { HPKECiphertext } from "ts-mls/hpkeCiphertext.js";
import type { KeyPackage } from "ts-mls/keyPackage.js";
import type { UpdatePath, UpdatePathNode } from "ts-mls/updatePath.js";
import { MlsError } from "../contract.ts";
import { AEAD_TAG_BYTES, HASH_BYTES, KEM_OUTPUT_BYTES } from "../suite.ts";
import { keyPackage } from "./key-package.ts";
import { leafNode } from "./leaf-node.ts";
import { MAX_LEAVES } from "./ratchet-tree.ts";
import { exactly, publicKey } from "./wire-parts.ts";

const BY_VALUE = 1;
const ADD = 1;
const REMOVE = 3;
const MAX_COMMIT_PART_BYTES = 8 * 1024 * 1024;
/** A path has a node for each level of the tree. */
const MAX_PATH_NODES = 32;

/** The two proposals there are for us. */
export type OurProposal =
  { readonly type: "add"; readonly keyPackage: KeyPackage } | { readonly type: "remove"; readonly removed: number };

/** A Commit of ours: proposals by value, and always a path. */
export interface OurCommit {
  readonly proposals: readonly OurProposal[];
  readonly path: UpdatePath;
}

const kemOutput = exactly(KEM_OUTPUT_BYTES);
const sealedPathSecret = exactly(HASH_BYTES + AEAD_TAG_BYTES);

/**
 * `Commit` (RFC 9420 §12.4).
 *
 * @throws MlsError `refused-proposal` on any proposal but Add and Remove by value; `missing-path` without UpdatePath.
 */
export const commit: Codec<OurCommit> = {
  read(r) {
    const proposals = readVector(r, 2 * MAX_LEAVES, readProposal);
    if (!boolean.read(r)) throw new MlsError("missing-path");
    return { proposals, path: readPath(r) };
  },
  write(w, value) {
    writeVector(w, value.proposals, writeProposal);
    boolean.write(w, true);
    leafNode.write(w, value.path.leafNode);
    writeVector(w, value.path.nodes, writePathNode);
  },
};

function readProposal(r: Reader): OurProposal {
  if (r.uint8() !== BY_VALUE) throw new MlsError("refused-proposal");
  switch (r.uint16()) {
    case ADD:
      return { type: "add", keyPackage: keyPackage.read(r) };
    case REMOVE:
      return { type: "remove", removed: r.uint32() };
    default:
      throw new MlsError("refused-proposal");
  }
}

function writeProposal(w: Writer, proposal: OurProposal): void {
  w.uint8(BY_VALUE);
  switch (proposal.type) {
    case "add":
      w.uint16(ADD);
      keyPackage.write(w, proposal.keyPackage);
      break;
    case "remove":
      w.uint16(REMOVE);
      w.uint32(proposal.removed);
      break;
  }
}

function readPath(r: Reader): UpdatePath {
  const leaf = leafNode.read(r);
  if (leaf.leafNodeSource !== "commit") throw new MlsError("bad-leaf");
  return { leafNode: leaf, nodes: readVector(r, MAX_PATH_NODES, readPathNode) };
}

function readPathNode(r: Reader): UpdatePathNode {
  return { hpkePublicKey: publicKey.read(r), encryptedPathSecret: readVector(r, MAX_LEAVES, readCiphertext) };
}

function writePathNode(w: Writer, node: UpdatePathNode): void {
  publicKey.write(w, node.hpkePublicKey);
  writeVector(w, node.encryptedPathSecret, (inner, sealed) => {
    kemOutput.write(inner, sealed.kemOutput);
    sealedPathSecret.write(inner, sealed.ciphertext);
  });
}

function readCiphertext(r: Reader): HPKECiphertext {
  return { kemOutput: kemOutput.read(r), ciphertext: sealedPathSecret.read(r) };
}

function readVector<T>(r: Reader, maxItems: number, item: (r: Reader) => T): T[] {
  let count = 0;
  return r.within(r.vectorLength(MAX_COMMIT_PART_BYTES), () => {
    count += 1;
    if (count > maxItems) throw r.error("too-long");
    return item(r);
  });
}

function writeVector<T>(w: Writer, values: readonly T[], item: (w: Writer, value: T) => void): void {
  const inner = new Writer();
  for (const value of values) item(inner, value);
  w.vector(inner.finish(), MAX_COMMIT_PART_BYTES);
}
