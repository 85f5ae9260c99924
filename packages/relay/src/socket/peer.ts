import type { Socket } from "node:net";
import { CLOSE_CODES, MAX_FRAME_BYTES } from "@stonechat/protocol";
import type { Connection } from "../service/connection.ts";
import type { RelayService } from "../service/relay-service.ts";
import type { Sink } from "../service/sink.ts";
import { FrameReader, NO_CLOSE_CODE, type FrameListener } from "./frame-reader.ts";
import { FrameWriter } from "./frame-writer.ts";
import type { Gathering } from "./gathering.ts";
import type { TurnTaker, Turns } from "./turns.ts";

const MAX_MISSED_PONGS = 2;
/** Pings and pongs from one peer between two visits. Ours are asked for; more than these are a flood. */
const MAX_CONTROLS = 500;
/** Visits that a message may take to come whole, that a closed socket may take to go, and from ping to ping. */
const MAX_VISITS = 2;
/** Our clients send a message whole; a proxy may cut it. */
const FRAME_LIMITS = { maxMessageBytes: MAX_FRAME_BYTES, maxFragments: 128 } as const;

/** What all peers of one server share. */
export interface PeerParts {
  readonly service: RelayService;
  readonly gathering: Gathering;
  readonly turns: Turns;
}

/** One WebSocket: what comes from it goes to a {@link Connection}, whose {@link Sink} it is. Its owner passes events on. */
export class Peer implements Sink, FrameListener, TurnTaker {
  readonly socket: Socket;
  /** What the limiter counts it under. */
  readonly prefix: string;
  readonly #connection: Connection;
  readonly #turns: Turns;
  readonly #reader = new FrameReader(FRAME_LIMITS);
  readonly #writer: FrameWriter;
  /** `paused`: the connection has enough. `waiting`: for its turn. Then frames that have come wait, and no more are taken. */
  #reading: "open" | "paused" | "waiting" | "ended" = "open";
  #controls = 0;
  #missedPongs = 0;
  #visits = 0;
  /** How many visits ago the message that is on its way began. */
  #unfinished = 0;

  constructor(socket: Socket, prefix: string, { service, gathering, turns }: PeerParts) {
    this.socket = socket;
    this.prefix = prefix;
    this.#turns = turns;
    this.#writer = new FrameWriter(socket, gathering);
    this.#connection = service.connect(this, prefix);
  }

  /** Memory of ours that the peer makes us use, in bytes. */
  get weight(): number {
    return this.#writer.pendingBytes + this.#reader.held + this.socket.readableLength;
  }

  /** Bytes came. They are ours from now on. */
  received(chunk: Uint8Array): void {
    if (this.#reading === "ended") return;
    this.#reader.add(chunk);
    if (this.#reading === "open") this.#read();
  }

  /** The network took what was handed over. */
  drained(): void {
    this.#connection.drained();
  }

  /** The network is gone. */
  gone(): void {
    this.#reading = "ended";
    this.#reader.stop();
    this.#connection.closed();
  }

  /** Closes the connection from our side. */
  end(code: number): void {
    this.#connection.close(code);
  }

  /** Looks at what takes its time. Called every quarter of a minute. */
  visit(): void {
    this.#visits += 1;
    this.#controls = 0;
    if (this.#reading === "ended") {
      if (this.#visits >= MAX_VISITS) this.socket.destroy();
      return;
    }
    this.#unfinished = this.#reading === "open" && this.#reader.held > 0 ? this.#unfinished + 1 : 0;
    if (this.#unfinished >= MAX_VISITS) {
      this.end(CLOSE_CODES.tooSlow);
      return;
    }
    if (this.#visits % MAX_VISITS !== 0) return;
    if (this.#missedPongs >= MAX_MISSED_PONGS) {
      this.socket.destroy();
      return;
    }
    this.#missedPongs += 1;
    this.#writer.ping();
  }

  // What the connection says.

  send(frame: Uint8Array): void {
    if (this.#reading !== "ended") this.#writer.message(frame);
  }

  pendingBytes(): number {
    return this.#writer.pendingBytes;
  }

  close(code: number): void {
    // Who is too slow to read will not read a close frame either.
    if (code === CLOSE_CODES.tooSlow) this.socket.destroy();
    this.#leave(code);
  }

  pause(): void {
    if (this.#reading !== "open" && this.#reading !== "waiting") return;
    this.#reading = "paused";
    this.socket.pause();
  }

  resume(): void {
    if (this.#reading !== "paused") return;
    this.#reading = "waiting";
    this.#turns.wait(this);
  }

  // What the peer says.

  readOn(): void {
    if (this.#reading !== "waiting") return;
    this.#reading = "open";
    this.#read();
  }

  message(bytes: Uint8Array): void {
    this.#unfinished = 0;
    this.#connection.receive(bytes);
  }

  ping(payload: Uint8Array): void {
    if (this.#mayControl()) this.#writer.pong(payload);
  }

  pong(): void {
    if (this.#mayControl()) this.#missedPongs = 0;
  }

  goodbye(code: number): void {
    this.#connection.closed();
    this.#leave(code === NO_CLOSE_CODE ? undefined : code);
  }

  broken(code: number): void {
    this.#connection.closed();
    this.#leave(code);
  }

  /** Reads frames until there are no more, the connection has enough, or it is somebody else's turn. */
  #read(): void {
    let share = this.#turns.share();
    while (this.#reading === "open") {
      if (share <= 0) {
        this.#reading = "waiting";
        this.socket.pause();
        this.#turns.wait(this);
        return;
      }
      const before = this.#reader.held;
      if (!this.#reader.next(this)) break;
      share -= this.#turns.spend(before - this.#reader.held);
    }
    if (this.#reading === "open" && this.socket.isPaused()) this.socket.resume();
  }

  #mayControl(): boolean {
    this.#controls += 1;
    if (this.#controls <= MAX_CONTROLS) return true;
    this.end(CLOSE_CODES.tooMany);
    return false;
  }

  /** Says goodbye. What still comes is dropped, until the peer goes too or its time is over. */
  #leave(code: number | undefined): void {
    if (this.#reading === "ended") return;
    this.#reading = "ended";
    this.#reader.stop();
    this.#visits = 0;
    this.#writer.close(code);
    this.#writer.flush();
    this.socket.end();
    // Unread bytes would turn our goodbye into a reset.
    this.socket.resume();
  }
}
