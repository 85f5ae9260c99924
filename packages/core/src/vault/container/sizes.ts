/** Compartments in a container. All look the same; none tells whether it is used. */
export const SLOT_COUNT = 4;

/** What is encrypted at once: a page of the database, a node of a map, a root. */
export const BLOCK_BYTES = 4096;

/** The file of a slot that lies under the slot's own key, with the shortest way to it. Every other has a key of its own. */
export const DATABASE_FILE = "stonechat.db";

/** Sizes that tests may make smaller; both whole multiples of {@link BLOCK_BYTES}. */
export interface ContainerSizes {
  /** Length of a header copy. There are two. */
  readonly headerBytes: number;
  /** What each slot gains when the container grows. */
  readonly chunkBytes: number;
  /** Entries of the database that a root keeps beside the maps; {@link MAX_LOOSE} if nothing is said, and never more. */
  readonly looseEntries?: number;
}

/** So many that a root with all of them has room for 143 runs, and no commit needs more than one for each. */
export const MAX_LOOSE = 64;

/** The sizes of the product. */
export const CONTAINER_DEFAULTS: ContainerSizes = { headerBytes: 32 * 1024, chunkBytes: 16 * 1024 * 1024 };
