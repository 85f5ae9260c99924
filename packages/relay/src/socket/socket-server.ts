import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { CLOSE_CODES, SOCKET_PATH } from "@stonechat/protocol";
import { isAmbiguous, rawResponse } from "@stonechat/serving";
import type { RelayService } from "../service/relay-service.ts";
import type { ConnectionLimiter } from "./connection-limiter.ts";
import { Gathering } from "./gathering.ts";
import { acceptHandshake } from "./handshake.ts";
import { Peer, type PeerParts } from "./peer.ts";
import { Turns } from "./turns.ts";

/** How often each socket is looked at: pinged every second time, and ended after two pings without an answer. */
const VISIT_INTERVAL_MS = 15_000;
/** One timer for all: each time it visits its part of the sockets, so that pings never come in one burst. */
const TICK_MS = 1000;
/** Unsent and unread bytes of all sockets together. */
const MAX_WEIGHT_IN_ALL = 256 * 1024 * 1024;

export interface SocketServerParts {
  readonly service: RelayService;
  readonly limiter: ConnectionLimiter;
  /** Whether a page of this origin may connect. `undefined`: no browser, or one that hides it. */
  readonly originAllowed: (origin: string | undefined, host: string | undefined) => boolean;
  /** The peer's address, for limits only. Kept in memory while the socket lives. */
  readonly addressOf: (request: IncomingMessage) => string;
}

/** WebSockets of one HTTP server, handed to the service. Close it before the HTTP server. */
export class SocketServer {
  readonly #parts: SocketServerParts;
  readonly #peerParts: PeerParts;
  readonly #peers = new Map<Socket, Peer>();
  readonly #timer: NodeJS.Timeout;
  /** Whose turn is still to come, the next one last. */
  #queue: Peer[] = [];
  #visitsDue = 0;
  #stopping = false;

  constructor(http: Server, parts: SocketServerParts) {
    this.#parts = parts;
    this.#peerParts = { service: parts.service, gathering: new Gathering(), turns: new Turns() };
    http.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
      this.#upgrade(request, socket, head);
    });
    this.#timer = setInterval(() => {
      this.#tick();
    }, TICK_MS);
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

  /** Ends what is left, without waiting for who does not answer our goodbye. */
  close(): void {
    clearInterval(this.#timer);
    for (const { socket } of this.#peers.values()) socket.destroy();
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on("error", ignore);
    const status = this.#refusalOf(request);
    const answer = acceptHandshake(request);
    if (status !== undefined || answer === undefined) {
      this.#refuse(socket, status ?? 400);
      return;
    }
    const prefix = this.#parts.limiter.enter(this.#parts.addressOf(request));
    if (prefix === undefined) {
      this.#refuse(socket, 429);
      return;
    }
    socket.setTimeout(0);
    socket.write(answer);
    const peer = new Peer(socket, prefix, this.#peerParts);
    this.#peers.set(socket, peer);
    socket.on("close", this.#onClose);
    socket.on("end", destroy);
    socket.on("drain", this.#onDrain);
    if (head.length > 0) peer.received(head);
    socket.on("data", this.#onData);
  }

  #refusalOf(request: IncomingMessage): number | undefined {
    const { headers, url, method } = request;
    if (url !== SOCKET_PATH || method !== "GET") return 404;
    if (isAmbiguous(request)) return 400;
    if (this.#stopping) return 503;
    return this.#parts.originAllowed(headers.origin, headers.host) ? undefined : 403;
  }

  #refuse(socket: Socket, status: number): void {
    this.#parts.service.counters.add("connectionsRefused");
    socket.end(rawResponse(status), () => {
      socket.destroy();
    });
  }

  // One function for all sockets, so that an idle one holds no closures.

  readonly #onData = ((peers: ReadonlyMap<Socket, Peer>) =>
    function onData(this: Socket, chunk: Buffer): void {
      peers.get(this)?.received(chunk);
    })(this.#peers);

  readonly #onDrain = ((peers: ReadonlyMap<Socket, Peer>) =>
    function onDrain(this: Socket): void {
      peers.get(this)?.drained();
    })(this.#peers);

  readonly #onClose = ((server: SocketServer) =>
    function onClose(this: Socket): void {
      const peer = server.#peers.get(this);
      if (peer === undefined) return;
      server.#peers.delete(this);
      server.#parts.limiter.leave(peer.prefix);
      peer.gone();
    })(this);

  /** One timer for all: each socket has its turn once per {@link VISIT_INTERVAL_MS}, however few or many there are. */
  #tick(): void {
    this.#parts.service.tick();
    this.#relieve();
    this.#visitsDue += (this.#peers.size * TICK_MS) / VISIT_INTERVAL_MS;
    while (this.#visitsDue >= 1) {
      this.#visitsDue -= 1;
      this.#nextInTurn()?.visit();
    }
  }

  /** Whoever waited longest. Those that left meanwhile do not count. */
  #nextInTurn(): Peer | undefined {
    this.#queue = this.#queue.length > 0 ? this.#queue : [...this.#peers.values()].reverse();
    for (let peer = this.#queue.pop(); peer !== undefined; peer = this.#queue.pop())
      if (!peer.socket.destroyed) return peer;
    return undefined;
  }

  /** Ends the heaviest when all of them together hold too much of our memory. */
  #relieve(): void {
    let total = 0;
    for (const peer of this.#peers.values()) total += peer.weight;
    if (total <= MAX_WEIGHT_IN_ALL) return;
    for (const peer of [...this.#peers.values()].sort((a, b) => b.weight - a.weight)) {
      if (total <= MAX_WEIGHT_IN_ALL / 2) return;
      total -= peer.weight;
      peer.end(CLOSE_CODES.tooSlow);
    }
  }
}

/** The peer closed its side without a word: there is nobody left to answer. */
function destroy(this: Socket): void {
  this.destroy();
}

/** A broken connection is told of by `close`; the error would only repeat what the peer did. */
function ignore(): void {
  // Nothing to do: see above.
}
