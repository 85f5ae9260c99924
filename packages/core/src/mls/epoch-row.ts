import { list, opaque, struct, structure, uint32, versioned } from "@stonechat/protocol";
import type { EpochState } from "./epoch.ts";
import { HASH_BYTES, KEM_PRIVATE_BYTES } from "./suite.ts";
import { groupContext } from "./wire/group-context.ts";
import { MAX_TREE_BYTES, ratchetTree } from "./wire/ratchet-tree.ts";

const MAX_PATH_KEYS = 32;
const MAX_EPOCH_ROW_BYTES = MAX_TREE_BYTES + 4096;
const secret = opaque(HASH_BYTES);

/**
 * An epoch at rest, without its message keys (see SecretTreeRow).
 *
 * ```text
 * struct {
 *   uint8        version = 1;
 *   GroupContext context;
 *   opaque       confirmation_tag[64];
 *   opaque       sender_data_secret[64];
 *   opaque       exporter_secret[64];
 *   opaque       epoch_authenticator[64];
 *   opaque       init_secret[64];
 *   uint32       own_leaf;
 *   struct { uint32 node; opaque private_key[32]; } path_keys<V>;
 *   optional<Node> ratchet_tree<V>;
 * } EpochRow;
 * ```
 */
const epochRow = structure(
  "EpochRow",
  MAX_EPOCH_ROW_BYTES,
  versioned(
    1,
    struct({
      context: groupContext,
      confirmationTag: secret,
      secrets: struct({ senderData: secret, exporter: secret, authenticator: secret, init: secret }),
      ownLeaf: uint32,
      pathKeys: list(
        struct({ node: uint32, privateKey: opaque(KEM_PRIVATE_BYTES) }),
        MAX_PATH_KEYS,
        36 * MAX_PATH_KEYS,
      ),
      tree: ratchetTree,
    }),
  ),
);

export function encodeEpoch(epoch: EpochState): Uint8Array {
  return epochRow.encode(epoch);
}

/** @throws WireError on anything that {@link encodeEpoch} would not write. */
export function decodeEpoch(bytes: Uint8Array): EpochState {
  return epochRow.decode(bytes);
}
