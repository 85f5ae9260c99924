/** There is no room for it. */
export class NoRoomForBytesError extends Error {
  override readonly name = "NoRoomForBytesError";
  readonly code = "ENOSPC";
}

/**
 * Where the bytes of shared blobs lie: whole parts, each under a name of its own that is used once and never changed. All
 * relays over one database see the same.
 */
export interface BlobBytes {
  /** Resolves when the bytes survive a power cut. @throws {@link NoRoomForBytesError}; an error of the place. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Exactly these bytes of it. @throws Error when it is not there or too short. */
  get(name: string, offset: number, length: number): Promise<Uint8Array>;
  /** Does nothing when it is not there. */
  remove(name: string): Promise<void>;
}
