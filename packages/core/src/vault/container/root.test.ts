import { initCrypto, xaeadSeal } from "@stonechat/crypto";
import { Writer } from "@stonechat/protocol";
import { beforeAll, expect, test } from "vitest";
import { ENTRY_BYTES } from "./entry.ts";
import { openRoot, sealRoot, toRuns, treeRecord, type Root } from "./root.ts";
import { BLOCK_BYTES, MAX_LOOSE } from "./sizes.ts";
import { EMPTY_TREE, type LooseEntry } from "./tree-record.ts";

beforeAll(initCrypto);

const KEY = new Uint8Array(32).fill(7);
const NONCE = new Uint8Array(24).fill(8);
const TOP = new Uint8Array(ENTRY_BYTES).fill(9);

function looseEntries(count: number): LooseEntry[] {
  return Array.from({ length: count }, (_, at) => ({ index: at * 1000, entry: new Uint8Array(ENTRY_BYTES).fill(at) }));
}

/** Blocks no two of which are neighbours. */
function scattered(count: number): number[] {
  return Array.from({ length: count }, (_, at) => 2 + 2 * at);
}

function rootWith(loose: readonly LooseEntry[], blocks: readonly number[]): Root {
  const database = { size: 10 ** 8, depth: 2, top: TOP, loose };
  return { sequence: 2 ** 40, database, directory: EMPTY_TREE, fresh: toRuns(blocks, loose.length) ?? [] };
}

test.each([
  [MAX_LOOSE, 143],
  [0, 400],
])("a root has room for %i loose entries with %i runs, and for no more", (loose, runs) => {
  const root = rootWith(looseEntries(loose), scattered(runs));
  expect(root.fresh).toHaveLength(runs);
  expect(openRoot(sealRoot(root, KEY, NONCE, 1, 0), KEY, 1, 0)).toEqual(root);
  expect(toRuns(scattered(runs + 1), loose)).toBeUndefined();
});

test("a directory has no room for loose entries: to put some there is our own mistake", () => {
  expect(() => {
    treeRecord.write(new Writer(), { ...EMPTY_TREE, loose: looseEntries(1) });
  }).toThrow(RangeError);
});

test("a root of version 1, which has no loose entries, is read", () => {
  expect(openRoot(sealed(body(1, () => undefined)), KEY, 1, 0)).toEqual({
    sequence: 5,
    database: { size: 9000, depth: 1, top: TOP, loose: [] },
    directory: EMPTY_TREE,
    fresh: [{ first: 4, length: 2 }],
  });
});

test("a root whose loose entries are cut short is corrupt", () => {
  const sound = sealed(body(2, (writer) => writer.vector(new Uint8Array(96), 3072)));
  expect(openRoot(sound, KEY, 1, 0)?.database?.loose).toHaveLength(2);
  const cut = sealed(body(2, (writer) => writer.vector(new Uint8Array(95), 3072)));
  expect(() => openRoot(cut, KEY, 1, 0)).toThrow(expect.objectContaining({ code: "corrupt" }) as Error);
});

test("a root of a newer program is told as such", () => {
  expect(() => openRoot(sealed(Uint8Array.of(3, 0)), KEY, 1, 0)).toThrow(
    expect.objectContaining({ code: "newer-version" }) as Error,
  );
});

/** A root with a database, by hand. */
function body(version: number, writeLoose: (writer: Writer) => void): Uint8Array {
  const writer = new Writer();
  const writeTree = (size: number, depth: number, top: Uint8Array): void => {
    writer.uint53(size);
    writer.uint8(depth);
    writer.opaque(top, ENTRY_BYTES);
  };
  writer.uint8(version);
  writer.uint53(5);
  writer.uint8(1);
  writeTree(9000, 1, TOP);
  writeLoose(writer);
  writeTree(0, 0, EMPTY_TREE.top);
  writer.vector(Uint8Array.of(0, 0, 0, 4, 0, 2), 2400);
  return writer.finish();
}

function sealed(body: Uint8Array): Uint8Array {
  const padded = new Uint8Array(BLOCK_BYTES - 40);
  padded.set([body.length >> 8, body.length & 0xff]);
  padded.set(body, 2);
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(NONCE);
  block.set(xaeadSeal(KEY, NONCE, Uint8Array.of(1, 0), padded), 24);
  return block;
}
