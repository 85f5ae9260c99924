import { fc, test } from "@fast-check/vitest";
import { createSecretTree as createLibraryTree, deriveKey, deriveNonce, ratchetUntil } from "ts-mls/secretTree.js";
import { describe, expect } from "vitest";
import { initCrypto } from "@stonechat/crypto";
import { present, realStage } from "../testing/mls-stage.ts";
import {
  createSecretTree,
  nextGeneration,
  takeKey,
  wipeKey,
  type RatchetKind,
  type SecretTree,
} from "./secret-tree.ts";
import { fromRows, MAX_ROW_BYTES, toRows } from "./secret-tree-rows.ts";

const LEAVES = 8;
const REACH = 12;
const { suite } = await realStage("secret tree");
const { primitives } = suite;
await initCrypto();

const kinds = fc.constantFrom<RatchetKind>("handshake", "application");
const takes = fc.array(fc.record({ leaf: fc.nat(LEAVES - 1), kind: kinds, skip: fc.nat(2) }), { maxLength: 20 });

/** Every key that can still be derived from a tree, as text. */
function reachable(tree: SecretTree): Set<string> {
  const keys = new Set<string>();
  for (let leaf = 0; leaf < tree.leaves; leaf += 1) {
    for (const kind of ["handshake", "application"] as const) {
      for (let next = tree, i = 0; i < REACH; i += 1) {
        const taken = takeKey(primitives, next, leaf, kind, nextGeneration(next, leaf, kind));
        keys.add(String(taken.messageKey.key));
        next = taken.tree;
      }
    }
  }
  return keys;
}

describe("secret tree", () => {
  test.prop([takes], { numRuns: 30 })(
    "gives the keys of the library's tree, and keeps nothing that derives a used or skipped one",
    async (history) => {
      const encryptionSecret = primitives.randomBytes(64);
      const twin = await createLibraryTree(LEAVES, encryptionSecret.slice(), suite.library.kdf);
      let { tree } = createSecretTree(LEAVES, encryptionSecret);
      const gone = new Set<string>();
      for (const { leaf, kind, skip } of history) {
        const from = nextGeneration(tree, leaf, kind);
        const before = tree;
        const taken = takeKey(primitives, tree, leaf, kind, from + skip);
        tree = taken.tree;
        const start = present(twin[2 * leaf])[kind];
        const config = { retainKeysForGenerations: 0, retainKeysForEpochs: 0, maximumForwardRatchetSteps: 1000 };
        for (let generation = from; generation <= from + skip; generation += 1) {
          const [ratchet] = await ratchetUntil(start, generation, config, suite.library.kdf);
          const key = await deriveKey(ratchet.secret, generation, suite.library);
          gone.add(String(key));
          if (generation < from + skip) continue;
          expect(taken.messageKey.key).toEqual(key);
          expect(taken.messageKey.nonce).toEqual(await deriveNonce(ratchet.secret, generation, suite.library));
        }
        // The value before is untouched: it gives the same key again.
        expect(takeKey(primitives, before, leaf, kind, from + skip).messageKey.key).toEqual(taken.messageKey.key);
      }
      for (const key of reachable(tree)) expect(gone.has(key)).toBe(false);
    },
  );

  test.prop([takes], { numRuns: 30 })("is the same when read back from the newest row of each slot", (history) => {
    const first = createSecretTree(LEAVES, primitives.randomBytes(64));
    let { tree } = first;
    const stored = new Map(toRows(tree, first.touched).map((row) => [row.index, row]));
    for (const { leaf, kind, skip } of history) {
      const taken = takeKey(primitives, tree, leaf, kind, nextGeneration(tree, leaf, kind) + skip);
      tree = taken.tree;
      for (const row of toRows(tree, taken.touched)) stored.set(row.index, row);
      expect(fromRows(LEAVES, [...stored.values()])).toEqual(tree);
    }
    for (const { state } of stored.values()) expect(state.length).toBeLessThanOrEqual(MAX_ROW_BYTES);
  });

  test("moves one row of 70 bytes a message, once a sender's ratchets were opened", () => {
    let { tree } = createSecretTree(LEAVES, primitives.randomBytes(64));
    ({ tree } = takeKey(primitives, tree, 3, "application", 0));
    const { tree: next, touched } = takeKey(primitives, tree, 3, "application", 1);
    expect(toRows(next, touched).map(({ state }) => state.length)).toEqual([70]);
  });

  test("refuses a key that is gone and one too far, and rows of another tree", () => {
    const first = createSecretTree(LEAVES, primitives.randomBytes(64));
    const { tree } = takeKey(primitives, first.tree, 0, "handshake", 3);
    for (const generation of [0, 3]) {
      expect(() => takeKey(primitives, tree, 0, "handshake", generation)).toThrow(
        expect.objectContaining({ code: "replayed" }),
      );
    }
    expect(() => takeKey(primitives, tree, 0, "handshake", 1005)).toThrow(
      expect.objectContaining({ code: "generation-too-far" }),
    );
    expect(takeKey(primitives, tree, 0, "handshake", 1004).messageKey.generation).toBe(1004);
    const rows = toRows(first.tree, first.touched);
    expect(() => fromRows(2, rows)).toThrow(RangeError);
    expect(() => fromRows(LEAVES, [...rows, ...rows])).toThrow(RangeError);
  });

  test("wipes a key that was used", () => {
    const { messageKey } = takeKey(
      primitives,
      createSecretTree(1, primitives.randomBytes(64)).tree,
      0,
      "application",
      0,
    );
    wipeKey(messageKey);
    expect(messageKey.key).toEqual(new Uint8Array(32));
    expect(messageKey.nonce).toEqual(new Uint8Array(12));
  });
});
