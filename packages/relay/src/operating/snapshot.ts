/** A file that may be copied while the relay runs. Paths are relative to the data folder, with `/` between their parts. */
export interface SnapshotFile {
  readonly path: string;
  /** So many bytes from its beginning belong to the snapshot; what was appended since does not. */
  readonly bytes: number;
}

/** What of a store must be copied to have it as it was at one moment. */
export interface Snapshot {
  /** SQLite databases: copied through SQLite after the snapshot was made, each as it is then. */
  readonly databases: readonly string[];
  /** Stay, and keep their first bytes but for the bodies of entries that are erased, until {@link release}. */
  readonly files: readonly SnapshotFile[];
  /** The copies are made, or nobody wants them any more. */
  release(): void;
}
