import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { CLOSE_CODES, MAX_FRAME_BYTES, SOCKET_PATH, SUBPROTOCOL } from "@stonechat/protocol";
import { isAmbiguous, rawResponse } from "@stonechat/serving";
import { WebSocketServer, type WebSocket } from "ws";
import type { ConnectionLimiter } from "./connection-limiter.ts";
import type { Connection } from "../service/connection.ts";
import type { RelayService } from "../service/relay-service.ts";
import { Corks } from "./corks.ts";
import { SocketSink } from "./socket-sink.ts";

/** How often each socket is looked at. Two missed pongs end it, so that a dead peer is gone within 90 s. */
const PING_INTERVAL_MS = 30_000;
/** How many times a second the turn of the next part of the sockets comes, so that pings never come in one burst. */
const TICKS_PER_SECOND = 1;
const MAX_MISSED_PONGS = 2;
/** Pieces that one message may come in. Our clients send it whole; a proxy may cut it. */
const MAX_FRAGMENTS = 128;
const UNSUPPORTED_DATA = 1003;
/** Unsent bytes of all sockets together. */
const MAX_PENDING_BYTES_IN_ALL = 256 * 1024 * 1024;

export interface SocketServerParts {
  readonly service: RelayService;
  readonly limiter: ConnectionLimiter;
  /** Whether a page of this origin may connect. `undefined`: no browser, or one that hides it. */
  readonly originAllowed: (origin: string | undefined, host: string | undefined) => boolean;
  /** The peer's address, for limits only. Kept in memory while the socket lives. */
  readonly addressOf: (request: IncomingMessage) => string;
}

/** What we keep of one socket. The events of `ws` reach it through {@link peers}: no closure per socket. */
interface Peer {
  readonly socket: Socket;
  readonly prefix: string;
  readonly connection: Connection;
  missedPongs: number;
}

/** WebSockets of one HTTP server, handed to the service. Close it before the HTTP server. */
export class SocketServer {
  readonly #parts: SocketServerParts;
  readonly #peers = new Map<WebSocket, Peer>();
  readonly #bySocket = new Map<Socket, Peer>();
  readonly #server: WebSocketServer;
  readonly #timer: NodeJS.Timeout;
  #queue: WebSocket[] = [];
  #stopping = false;
  readonly #corks = new Corks();

  constructor(http: Server, parts: SocketServerParts) {
    this.#parts = parts;
    this.#server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
      clientTracking: false,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
      maxFragments: MAX_FRAGMENTS,
    });
    this.#server.on("wsClientError", (_error: Error, socket: Duplex) => {
      parts.service.counters.add("connectionsRefused");
      socket.end(rawResponse(400));
    });
    http.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
      this.#upgrade(request, socket, head);
    });
    this.#timer = setInterval(() => {
      this.#tick();
    }, 1000 / TICKS_PER_SECOND);
  }

  get size(): number {
    return this.#peers.size;
  }

  /** What it lets in. */
  get limiter(): ConnectionLimiter {
    return this.#parts.limiter;
  }

  /** Takes no more sockets. Those there stay. */
  refuseNew(): void {
    this.#stopping = true;
  }

  /** Ends what is left, without a close frame for who does not answer ours. */
  close(): void {
    clearInterval(this.#timer);
    for (const webSocket of this.#peers.keys()) webSocket.terminate();
    this.#server.close();
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const refuse = (status: number): void => {
      this.#parts.service.counters.add("connectionsRefused");
      socket.end(rawResponse(status));
    };
    socket.on("error", ignore);
    if (request.url !== SOCKET_PATH || request.method !== "GET") {
      refuse(404);
      return;
    }
    if (isAmbiguous(request)) {
      refuse(400);
      return;
    }
    if (this.#stopping) {
      refuse(503);
      return;
    }
    if (!this.#parts.originAllowed(request.headers.origin, request.headers.host)) {
      refuse(403);
      return;
    }
    if (!protocolOffered(request)) {
      refuse(400);
      return;
    }
    const prefix = this.#parts.limiter.enter(this.#parts.addressOf(request));
    if (prefix === undefined) {
      refuse(429);
      return;
    }
    let taken = false;
    // A handshake that `ws` refuses ends the socket without calling us.
    socket.once("close", () => {
      if (!taken) this.#parts.limiter.leave(prefix);
    });
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      taken = true;
      socket.off("error", ignore);
      this.#open(webSocket, socket, prefix);
    });
  }

  #open(webSocket: WebSocket, socket: Socket, prefix: string): void {
    const connection = this.#parts.service.connect(new SocketSink(webSocket, socket, this.#corks));
    const peer: Peer = { socket, prefix, connection, missedPongs: 0 };
    this.#peers.set(webSocket, peer);
    this.#bySocket.set(socket, peer);
    webSocket.on("message", this.#onMessage).on("pong", this.#onPong).on("close", this.#onClose).on("error", ignore);
    socket.on("drain", this.#onDrain);
  }

  readonly #onMessage = ((server: SocketServer) =>
    function onMessage(this: WebSocket, data: Buffer, binary: boolean): void {
      const peer = server.#peers.get(this);
      if (peer === undefined) return;
      if (binary) peer.connection.receive(data);
      else peer.connection.close(UNSUPPORTED_DATA);
    })(this);

  readonly #onPong = ((server: SocketServer) =>
    function onPong(this: WebSocket): void {
      const peer = server.#peers.get(this);
      if (peer !== undefined) peer.missedPongs = 0;
    })(this);

  readonly #onClose = ((server: SocketServer) =>
    function onClose(this: WebSocket): void {
      const peer = server.#peers.get(this);
      if (peer === undefined) return;
      server.#peers.delete(this);
      server.#bySocket.delete(peer.socket);
      server.#parts.limiter.leave(peer.prefix);
      peer.connection.closed();
    })(this);

  readonly #onDrain = ((server: SocketServer) =>
    function onDrain(this: Socket): void {
      server.#bySocket.get(this)?.connection.drained();
    })(this);

  /** One timer for all: each socket has its turn once per {@link PING_INTERVAL_MS}. */
  #tick(): void {
    this.#parts.service.tick();
    this.#relieve();
    if (this.#queue.length === 0) this.#queue = [...this.#peers.keys()];
    const share = Math.ceil((this.#peers.size * 1000) / (PING_INTERVAL_MS * TICKS_PER_SECOND));
    for (const webSocket of this.#queue.splice(0, share)) {
      const peer = this.#peers.get(webSocket);
      if (peer === undefined) continue;
      if (peer.missedPongs >= MAX_MISSED_PONGS) {
        webSocket.terminate();
        continue;
      }
      peer.missedPongs += 1;
      webSocket.ping();
    }
  }

  /** Ends the slowest readers when all of them together hold too much of our memory. */
  #relieve(): void {
    const pending = (peer: Peer): number => peer.socket.writableLength;
    let total = 0;
    for (const peer of this.#peers.values()) total += pending(peer);
    if (total <= MAX_PENDING_BYTES_IN_ALL) return;
    for (const peer of [...this.#peers.values()].sort((a, b) => pending(b) - pending(a))) {
      if (total <= MAX_PENDING_BYTES_IN_ALL / 2) return;
      total -= pending(peer);
      peer.connection.close(CLOSE_CODES.tooSlow);
    }
  }
}

function protocolOffered(request: IncomingMessage): boolean {
  return (request.headers["sec-websocket-protocol"] ?? "").split(",").some((name) => name.trim() === SUBPROTOCOL);
}

/** `ws` closes the socket by itself and then tells us by `close`; the error would only repeat what the peer sent. */
function ignore(): void {
  // Nothing to do: see above.
}
