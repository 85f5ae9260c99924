/** Compartments in a container. All look the same; none tells whether it is used. */
export const SLOT_COUNT = 4;

/** What is encrypted at once: one page of the database, one node of a map, one root. */
export const BLOCK_BYTES = 4096;

/** Sizes that tests may make smaller; both whole multiples of {@link BLOCK_BYTES}. */
export interface ContainerSizes {
  /** Length of a header copy. There are two. */
  readonly headerBytes: number;
  /** What each slot gains when the container grows. */
  readonly chunkBytes: number;
}

/** The sizes of the product. */
export const CONTAINER_DEFAULTS: ContainerSizes = { headerBytes: 32 * 1024, chunkBytes: 16 * 1024 * 1024 };
