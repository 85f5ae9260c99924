/** What a socket tells its owner. Nothing is told after `onClose`. */
export interface SocketEvents {
  onOpen(): void;
  onFrame(frame: Uint8Array): void;
  /** `code` is the WebSocket close code, or 1006 when the network just ended (RFC 6455 §7.4.1). */
  onClose(code: number): void;
}

export interface Socket {
  /** Queues one binary frame. Does nothing once closed. */
  send(frame: Uint8Array): void;
  close(): void;
}

/** How a platform reaches relays. */
export interface Transport {
  /** Opens the relay's socket (PROTOCOL.md, "Socket"). Failing to connect is told by `onClose`, never thrown. */
  openSocket(relayUrl: string, events: SocketEvents): Socket;
  /** Whether this host may talk to that relay at all: a page may only reach the relay that served it. */
  canReach(relayUrl: string): boolean;
}
