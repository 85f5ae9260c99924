import type { MlsPrimitives } from "@stonechat/crypto";
import { getHpkePublicKey, type RatchetTree } from "ts-mls/ratchetTree.js";
import { sameBytes } from "./byte-equality.ts";
import { MlsError } from "./contract.ts";
import { deriveSecret } from "./derivation.ts";

/** Private key of a node on the way from our leaf to the root. */
export interface PathKey {
  readonly node: number;
  readonly privateKey: Uint8Array;
}

/** Node keys along a path, and the commit secret at its end (RFC 9420 §7.4). */
export interface DerivedPath {
  readonly keys: readonly (PathKey & { readonly publicKey: Uint8Array })[];
  readonly commitSecret: Uint8Array;
}

/** Derives the keys of `nodes`, lowest first, from the path secret of the first. */
export function derivePath(primitives: MlsPrimitives, nodes: readonly number[], pathSecret: Uint8Array): DerivedPath {
  let secret = pathSecret;
  const keys = nodes.map((node) => {
    const pair = primitives.kemDeriveKeyPair(deriveSecret(primitives, secret, "node"));
    secret = deriveSecret(primitives, secret, "path");
    return { node, privateKey: pair.privateKey, publicKey: pair.publicKey };
  });
  return { keys, commitSecret: secret };
}

/**
 * The private keys to keep for `tree`: the new ones, and of the known ones those whose node is still theirs.
 *
 * [Note: Why each private key is compared with the tree] A committer can publish a public key that does not belong to
 * the path secret he sends. All would agree on the tree, and only a later commit would show that some hold a key that
 * opens nothing: they would be cut off. So each private key is compared with its node before anything is stored.
 *
 * @throws {@link MlsError} `bad-path` if a new key does not belong to its node.
 */
export function keepPathKeys(
  known: readonly { readonly node: number; readonly privateKey: Uint8Array }[],
  before: RatchetTree,
  derived: DerivedPath["keys"],
  tree: RatchetTree,
): readonly PathKey[] {
  for (const { node, publicKey } of derived) {
    const inTree = publicKeyAt(tree, node);
    if (inTree === undefined || !sameBytes(inTree, publicKey)) throw new MlsError("bad-path");
  }
  const fresh = derived.map(({ node, privateKey }) => ({ node, privateKey }));
  const replaced = new Set(fresh.map(({ node }) => node));
  const kept = known.filter(({ node }) => !replaced.has(node) && stillTheSame(before, tree, node));
  return [...kept, ...fresh].sort((a, b) => a.node - b.node);
}

/** A known key was compared with its node when it came; it is still good if the node did not change since. */
function stillTheSame(before: RatchetTree, after: RatchetTree, node: number): boolean {
  const [was, is] = [publicKeyAt(before, node), publicKeyAt(after, node)];
  if (is === undefined) return false;
  if (was === undefined || !sameBytes(was, is)) throw new MlsError("bad-path");
  return true;
}

function publicKeyAt(tree: RatchetTree, index: number): Uint8Array | undefined {
  const node = tree[index];
  return node === undefined ? undefined : getHpkePublicKey(node);
}
