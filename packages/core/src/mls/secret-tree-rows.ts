import { opaque, struct, structure, uint32, union, versioned } from "@stonechat/protocol";
import type { SecretTree, Slot } from "./secret-tree.ts";
import { HASH_BYTES } from "./suite.ts";

/** Bytes of the greatest row: what one message costs on disk. */
export const MAX_ROW_BYTES = 70;

/**
 * One slot of the secret tree at rest.
 *
 * ```text
 * struct {
 *   uint8 version = 1;
 *   uint8 type;                        // 0 spent, 1 secret, 2 ratchet
 *   select (type) {
 *     case spent:   struct {};
 *     case secret:  opaque secret[64];
 *     case ratchet: uint32 generation; opaque secret[64];
 *   };
 * } SecretTreeRow;
 * ```
 */
const secretTreeRow = structure(
  "SecretTreeRow",
  MAX_ROW_BYTES,
  versioned(
    1,
    union({
      spent: [0, struct({})],
      secret: [1, struct({ secret: opaque(HASH_BYTES) })],
      ratchet: [2, struct({ generation: uint32, secret: opaque(HASH_BYTES) })],
    }),
  ),
);

/** A stored slot. */
export interface SecretTreeRow {
  readonly index: number;
  readonly state: Uint8Array;
}

/** The rows of the slots that changed. */
export function toRows(tree: SecretTree, touched: readonly number[]): readonly SecretTreeRow[] {
  return touched.map((index) => ({ index, state: secretTreeRow.encode(tree.slots[index] ?? { type: "spent" }) }));
}

/** The tree of an epoch from its newest rows. @throws WireError, or RangeError if they are of another tree. */
export function fromRows(leaves: number, rows: readonly SecretTreeRow[]): SecretTree {
  const slots = new Array<Slot | undefined>(4 * leaves - 2).fill(undefined);
  for (const { index, state } of rows) {
    if (!Number.isInteger(index) || index < 0 || index >= slots.length) throw new RangeError("row outside of the tree");
    if (slots[index] !== undefined) throw new RangeError("row is there twice");
    const row = secretTreeRow.decode(state);
    slots[index] = row.type === "spent" ? undefined : row;
  }
  return { leaves, slots };
}
