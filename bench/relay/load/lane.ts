/** What a lane tells its pair. Messages are numbered from 0 in the order of sending. */
export interface Heard {
  /** The server has promised to keep it. */
  acknowledged(number: number): void;
  /** The receiver has it. */
  delivered(number: number): void;
  /** Everything that was read is told; now is the time to send more. */
  told(): void;
  /** The server ended a connection, which will be opened again. */
  broken(): void;
  /** A lost connection of the sender is there again: what was not acknowledged must be sent again. */
  reopened(): void;
}

/** Messages as they go out, made before the load begins: one slot for each that may be under way. */
export interface Frames {
  /** All slots, one behind the other. */
  readonly bytes: Buffer;
  readonly frameBytes: number;
  /** Makes the frame in `slot` that of message `number`. */
  stamp(slot: number, number: number): void;
}

/** What one sender and one receiver say to a server, in its own language. */
export interface Lane {
  readonly frames: Frames;
  /** As the sender. `bytes` are frames, unchanged until acknowledged. */
  write(bytes: Buffer): void;
  /** Opens the receiver. What was sent before comes first, where the server keeps it. */
  follow(): Promise<void>;
  close(): void;
}

/** Opens the sender of pair `index`. */
export type OpenLane = (index: number, heard: Heard) => Promise<Lane>;

/** What all lanes of one load have in common. */
export interface LaneSize {
  /** Messages of one pair that may be under way at once. */
  readonly window: number;
  readonly bodyBytes: number;
}
