import { StorageError } from "../../ports/storage-error.ts";
import type { BlockFiles } from "../../ports/block-files.ts";
import { BlockCipher } from "./block-cipher.ts";
import { BlockTree } from "./block-tree.ts";
import type { ChunkedFile } from "./chunked-file.ts";
import { copyTree } from "./copy-tree.ts";
import { Directory, type FileRecord } from "./directory.ts";
import { otherCopy, rewrite, writeRootCopy, type FoundRoot, type RootCopy } from "./root-copies.ts";
import { blocksOf, toRuns, type Root, type Run } from "./root.ts";
import { BLOCK_BYTES, DATABASE_FILE, MAX_LOOSE } from "./sizes.ts";
import { SlotBlocks, type Survey } from "./slot-blocks.ts";
import { SlotFiles, type SlotStore } from "./slot-files.ts";
import { SlotKeys } from "./slot-keys.ts";
import type { Rekeying, Slot } from "./slot.ts";
import { EMPTY_TREE, type TreeRecord } from "./tree-record.ts";
import { TreeWalk } from "./tree-walk.ts";

/** New blocks that one root vouches for; more make the next opening after a crash slow. */
const MAX_LISTED = 512;
const FILE_KEY_BYTES = 32;

/** A slot under its next key, beside what it is now. */
type NextState = {
  readonly keys: SlotKeys;
  readonly database: BlockTree;
  readonly directory: BlockTree;
  /** @param ahead - How far its sequence is ahead of the old root's. */
  readonly root: (ahead: number) => Root;
};

/**
 * [Note: One flush a commit]
 * A commit writes its blocks, then the root that leads to them into the place of the older root, then flushes once. Power
 * lost on the way may leave the new root without all of its blocks. So a root names the blocks that came with it, and who
 * opens the slot looks at those before believing the root; if one is not what its entry says, the older root holds, all
 * of which was durable before. A commit with too many new blocks flushes before the root is written and names none.
 *
 * A clean end writes the root once more without naming any block. What is found damaged later is then surely damage, and
 * is reported, not taken for a commit that did not come through.
 *
 * [Note: What was found need not be durable]
 * The life before may have ended on its way to a flush, or after one that failed. After a failed flush the system still
 * shows what was written, but holds it for clean: no later flush brings it to the disk. Until it is there the older root
 * may be needed, and its blocks, which the newer one counts as free. So before anything is written, the root that was
 * found and the blocks that came with it are written again, the same bytes to the same places (torn, they are no worse
 * than before), and flushed. A life that saw its own flush fail knows which root is good, and writes that one over the
 * other before a clean end.
 */
export class OpenSlot implements Slot, SlotStore {
  readonly files: BlockFiles;
  readonly #file: ChunkedFile;
  readonly #index: number;
  readonly #blocks: SlotBlocks;
  readonly #trees = new Map<string, BlockTree>();
  #keys: SlotKeys;
  #directory: Directory;
  #database: TreeRecord | undefined;
  #copy: RootCopy;
  #sequence: number;
  #fresh: readonly Run[];
  /** Whether all that the root leads to is durable. */
  #durable = false;
  /** Whether a root whose commit failed may lie in the other place. */
  #doubtful = false;
  #rekeying = false;
  #closed = false;

  constructor(file: ChunkedFile, index: number, keys: SlotKeys, { root, copy }: FoundRoot) {
    this.#file = file;
    this.#index = index;
    this.#keys = keys;
    this.#blocks = new SlotBlocks(file, index, {
      settle: () => this.#settleFound(),
      survey: () => this.#survey(),
    });
    this.#directory = new Directory(new BlockTree(this.#blocks, keys.directory, root.directory));
    this.#database = root.database;
    this.#copy = copy;
    this.#sequence = root.sequence;
    this.#fresh = root.fresh;
    this.files = new SlotFiles(this);
  }

  get isOpen(): boolean {
    return !this.#closed;
  }

  get liveBytes(): number {
    this.#requireOpen();
    return this.#blocks.usedCount * BLOCK_BYTES;
  }

  /** Whether all blocks that came with the root are there. */
  isWhole(): boolean {
    const fresh = blocksOf(this.#fresh);
    if (fresh.size === 0) return true;
    return [...this.#walks()].every((walk) => walk.verify(fresh));
  }

  /** Writes the root once more, in place of the older one, so that both places hold what this key opens. */
  renewRoot(): void {
    this.#settleFound();
    this.#writeRoot(this.#keys, this.#database, this.#directory.tree.record, []);
  }

  names(): readonly string[] {
    this.#requireOpen();
    const names = this.#directory.names();
    return this.#database === undefined ? names : [...names, DATABASE_FILE].sort();
  }

  has(name: string): boolean {
    this.#requireOpen();
    return (name === DATABASE_FILE ? this.#database : this.#directory.get(name)) !== undefined;
  }

  create(name: string): void {
    if (name === DATABASE_FILE) this.#commit(undefined, () => EMPTY_TREE);
    else this.#commit(undefined, this.#noting(name, { tree: EMPTY_TREE, key: this.#file.randomBytes(FILE_KEY_BYTES) }));
  }

  remove(name: string): void {
    this.#requireOpen();
    this.treeOf(name).revert(false);
    const replaced: number[] = [];
    const walk = name === DATABASE_FILE ? this.#databaseWalk() : this.#attachmentWalk(this.#recordOf(name));
    // What lies under a damaged map is found free by the next survey.
    walk?.visit((block) => replaced.push(block));
    this.#commit(
      undefined,
      () => {
        if (name === DATABASE_FILE) return undefined;
        this.#directory.remove(name);
        return this.#database;
      },
      replaced,
    );
    this.letGo(name);
  }

  treeOf(name: string): BlockTree {
    this.#requireOpen();
    const known = this.#trees.get(name);
    if (known !== undefined) return known;
    const tree = this.#newTree(name);
    this.#trees.set(name, tree);
    return tree;
  }

  flush(name: string): void {
    const tree = this.treeOf(name);
    if (!tree.hasChanges) {
      this.#settleFound();
      // A loss of power must not bring back what a failed flush would have covered.
      if (this.#doubtful && !this.#rekeying) this.renewRoot();
    } else if (name === DATABASE_FILE) this.#commit(tree, () => tree.record);
    else {
      const { key } = this.#recordOf(name);
      this.#commit(tree, () => this.#noting(name, { tree: tree.record, key })());
    }
  }

  letGo(name: string): void {
    const tree = this.#trees.get(name);
    // What was written and not flushed is still there for who opens the file again.
    if (tree === undefined || tree.hasChanges) return;
    tree.close();
    this.#trees.delete(name);
  }

  rekey(newKey: Uint8Array): Rekeying {
    this.#requireOpen();
    if (this.#rekeying) throw new RangeError("the slot is being re-keyed");
    if ([...this.#trees.values()].some((tree) => tree.hasChanges)) throw new RangeError("a file has unflushed writes");
    this.#settleFound();
    this.#blocks.prepare();
    const keys = new SlotKeys(newKey);
    const database = this.#databaseTree(keys, EMPTY_TREE);
    const directory = new BlockTree(this.#blocks, keys.directory, EMPTY_TREE);
    let tainted = false;
    try {
      if (this.#database !== undefined) copyTree(this.treeOf(DATABASE_FILE), database);
      copyTree(this.#directory.tree, directory);
      this.#file.flush();
      tainted = true;
      this.#doubtful = true;
      const next = this.#nextState(keys, database, directory);
      writeRootCopy(this.#file, this.#index, otherCopy(this.#copy), keys, next.root(1));
      this.#file.flush();
      this.#doubtful = false;
      this.#rekeying = true;
      return this.#rekeyed(next);
    } catch (error) {
      for (const tree of [database, directory]) tree.revert(tainted);
      keys.close();
      throw error;
    }
  }

  close(): void {
    if (this.#closed) return;
    try {
      if (!this.#rekeying && (this.#fresh.length > 0 || this.#doubtful)) this.renewRoot();
    } catch {
      // Nothing is lost: the root that is there says the same, and more cautiously.
    }
    this.#closed = true;
    for (const tree of this.#trees.values()) tree.close();
    this.#directory.tree.close();
    this.#keys.close();
  }

  #nextState(keys: SlotKeys, database: BlockTree, directory: BlockTree): NextState {
    const databaseRecord = this.#database === undefined ? undefined : database.record;
    const root = (ahead: number): Root => ({
      sequence: this.#sequence + ahead,
      database: databaseRecord,
      directory: directory.record,
      fresh: [],
    });
    return { keys, database, directory, root };
  }

  /** [Note: Two keys for a while] The new state's root took the place of the older root; the newer one is still the old key's. */
  #rekeyed(next: NextState): Rekeying {
    const end = (work: () => void) => (): void => {
      this.#requireOpen();
      if (!this.#rekeying) throw new RangeError("the re-keying has ended");
      work();
      this.#rekeying = false;
    };
    return {
      commit: end(() => {
        writeRootCopy(this.#file, this.#index, this.#copy, next.keys, next.root(2));
        this.#file.flush();
        this.#takeOver(next);
      }),
      abandon: end(() => {
        this.renewRoot();
        for (const tree of [next.database, next.directory]) tree.revert(false);
        next.keys.close();
      }),
    };
  }

  #takeOver({ keys, database, directory, root }: NextState): void {
    const replaced: number[] = [];
    for (const walk of [this.#databaseWalk(), this.#directoryWalk()]) walk?.visit((block) => replaced.push(block));
    for (const tree of [this.treeOf(DATABASE_FILE), this.#directory.tree]) tree.close();
    this.#keys.close();
    this.#keys = keys;
    this.#sequence += 2;
    this.#fresh = [];
    this.#durable = true;
    this.#database = root(0).database;
    this.#trees.set(DATABASE_FILE, database);
    this.#blocks.committed([...database.committed(), ...directory.committed(), ...replaced]);
    this.#directory = new Directory(directory);
  }

  #requireOpen(): void {
    if (this.#closed) throw new StorageError("io", "use a closed slot");
  }

  #newTree(name: string): BlockTree {
    if (name === DATABASE_FILE) {
      return this.#databaseTree(this.#keys, this.#database ?? EMPTY_TREE);
    }
    const record = this.#recordOf(name);
    return new BlockTree(this.#blocks, attachmentCipher(record), record.tree);
  }

  #databaseTree(keys: SlotKeys, record: TreeRecord): BlockTree {
    return new BlockTree(this.#blocks, keys.database, record, this.#file.sizes.looseEntries ?? MAX_LOOSE);
  }

  #databaseWalk(): TreeWalk | undefined {
    if (this.#database === undefined) return undefined;
    return new TreeWalk(this.#blocks, this.#keys.database, this.#database);
  }

  #directoryWalk(): TreeWalk {
    return new TreeWalk(this.#blocks, this.#keys.directory, this.#directory.tree.record);
  }

  #attachmentWalk(record: FileRecord): TreeWalk {
    return new TreeWalk(this.#blocks, attachmentCipher(record), record.tree);
  }

  /** Everything as it was committed. */
  *#walks(): Generator<TreeWalk> {
    yield this.#directoryWalk();
    const database = this.#databaseWalk();
    if (database !== undefined) yield database;
    for (const record of this.#directory.files()) {
      yield this.#attachmentWalk(record);
    }
  }

  #recordOf(name: string): FileRecord {
    const record = this.#directory.get(name);
    if (record === undefined) throw new RangeError("a file in use has a record");
    return record;
  }

  #survey(): Survey {
    const inUse: number[] = [];
    let whole = !this.#directory.damaged;
    for (const walk of this.#walks()) whole = walk.visit((block) => inUse.push(block)) && whole;
    return { inUse, whole };
  }

  #noting(name: string, record: FileRecord): () => TreeRecord | undefined {
    return () => {
      this.#directory.put(name, record);
      return this.#database;
    };
  }

  /**
   * Makes a changed file, and what changes with it, the state of the slot.
   *
   * @param note - Runs once the file has its final record; changes the directory and returns the database's record.
   * @param replaced - Blocks that nothing leads to afterwards, beside those of the file.
   */
  #commit(tree: BlockTree | undefined, note: () => TreeRecord | undefined, replaced: readonly number[] = []): void {
    this.#requireOpen();
    if (this.#rekeying) throw new RangeError("the slot is being re-keyed");
    const directory = this.#directory;
    let tainted = false;
    try {
      this.#settleFound();
      this.#blocks.prepare();
      tree?.settle();
      const database = note();
      directory.tree.settle();
      const fresh = this.#settledRuns([...(tree?.fresh ?? []), ...directory.tree.fresh], database);
      tainted = true;
      this.#writeRoot(this.#keys, database, directory.tree.record, fresh);
      this.#database = database;
    } catch (error) {
      tree?.revert(tainted);
      directory.revert(tainted);
      throw error;
    }
    this.#blocks.committed([...(tree?.committed() ?? []), ...directory.committed(), ...replaced]);
  }

  /** The new blocks for the root to name; none after a flush of their own: see the note above. */
  #settledRuns(fresh: readonly number[], database: TreeRecord | undefined): readonly Run[] {
    const runs = fresh.length <= MAX_LISTED ? toRuns(fresh, database?.loose.length ?? 0) : undefined;
    if (runs === undefined) this.#file.flush();
    return runs ?? [];
  }

  /** Makes durable what was found, if that was not done yet: see the note above. Comes before any other change. */
  #settleFound(): void {
    if (this.#durable) return;
    rewrite(this.#file, this.#index, [...blocksOf(this.#fresh), this.#copy]);
    this.#file.flush();
    this.#durable = true;
  }

  /** Writes a root in place of the older one, and flushes. */
  #writeRoot(keys: SlotKeys, database: TreeRecord | undefined, directory: TreeRecord, fresh: readonly Run[]): void {
    const copy = otherCopy(this.#copy);
    const root = { sequence: this.#sequence + 1, database, directory, fresh };
    this.#doubtful = true;
    writeRootCopy(this.#file, this.#index, copy, keys, root);
    this.#file.flush();
    this.#doubtful = false;
    this.#copy = copy;
    this.#sequence += 1;
    this.#fresh = fresh;
  }
}

function attachmentCipher({ key }: FileRecord): BlockCipher {
  return new BlockCipher("attachment", key.slice());
}
