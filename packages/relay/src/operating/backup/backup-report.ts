/** What a backup has come to. Sizes in bytes, times in milliseconds. */
export interface BackupReport {
  /** The folder of this backup, inside the one that was named. */
  readonly folder: string;
  /** Everything acknowledged before this is in it. Milliseconds since 1970. */
  readonly takenAt: number;
  readonly tookMs: number;
  readonly files: number;
  readonly bytes: number;
  /** Of these, bytes that were there already from an earlier backup and were linked. */
  readonly linkedBytes: number;
  /** Older backups that were removed. */
  readonly removed: number;
}
