/** The network side of one connection, as the service sees it. */
export interface Sink {
  /** Hands over one frame, whose bytes are the caller's again when this returns. Never throws; a sink that is closed drops it. */
  send(frame: Uint8Array): void;
  /** Bytes handed over that the network has not taken yet. When it falls, the owner calls {@link Connection.drained}. */
  pendingBytes(): number;
  /** Ends the connection with a close code of PROTOCOL. */
  close(code: number): void;
  /** Stops and goes on reading from the network. Frames already read may still come. */
  pause(): void;
  resume(): void;
}
