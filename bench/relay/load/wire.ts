import { connect, type Socket } from "node:net";

/** Most that is read at once, and room before it for what an earlier read left over. */
const READ_BYTES = 1024 * 1024;
const ROOM_BYTES = 4 * 1024 * 1024;

/**
 * Where connections from an address of one's own begin, in turn. Left to choose, the system looks through tens of thousands
 * of ports, those still waiting after their end among them: a millisecond each time, in which a load process does nothing
 * else. In a storm its connections then stood open so long without a word that servers gave them up.
 */
const PORTS = { first: 10_000, last: 64_999 } as const;
/** Somebody else may have some of them. */
const PORT_TRIES = 100;
let nextPort: number = PORTS.first;

/** All connections of a process read into the same memory: what is heard is dealt with before the next read. */
const shared = Buffer.allocUnsafeSlow(ROOM_BYTES + READ_BYTES);
const readArea = shared.subarray(ROOM_BYTES);
const NOTHING = Buffer.alloc(0);

/** Understands the first bytes of what came in. `bytes` is valid only until it returns. @returns how many it used. */
export type Hear = (bytes: Buffer) => number;

/** Where to connect: `from` is an address of this machine, since one address has only some 28,000 ports. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly from?: string;
}

/** One TCP connection of the load generator. What `hear` leaves over is shown to it again with what follows. */
export class Wire {
  hear: Hear;
  /** Called after each read was heard. */
  after: () => void = nothing;
  /** Called once when the connection has ended, whoever ended it. */
  ended: () => void = nothing;
  readonly #socket: Socket;
  #rest: Buffer = NOTHING;

  private constructor(place: Place, hear: Hear) {
    this.hear = hear;
    this.#socket = connect({
      host: place.host,
      port: place.port,
      ...(place.from === undefined ? {} : { localAddress: place.from, localPort: takePort() }),
      noDelay: true,
      onread: {
        buffer: readArea,
        callback: (length) => {
          this.#read(length);
          return true;
        },
      },
    });
  }

  /** @throws the system's error if nobody listens there. */
  static async open(place: Place, hear: Hear): Promise<Wire> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await Wire.#connect(place, hear);
      } catch (error) {
        if (place.from === undefined || tries >= PORT_TRIES || !isPortTaken(error)) throw error;
      }
    }
  }

  static async #connect(place: Place, hear: Hear): Promise<Wire> {
    const wire = new Wire(place, hear);
    await new Promise<void>((resolve, reject) => {
      wire.#socket.once("connect", resolve).once("error", reject);
    });
    wire.#socket.on("error", nothing).once("close", () => {
      wire.ended();
    });
    return wire;
  }

  get open(): boolean {
    return this.#socket.writable;
  }

  /** `bytes` must not change before the other side has them. */
  write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** Several pieces in one go. */
  writeAll(pieces: readonly Uint8Array[]): void {
    this.#socket.cork();
    for (const piece of pieces) this.write(piece);
    this.#socket.uncork();
  }

  /** Ends it at once, without a goodbye. */
  destroy(): void {
    this.#socket.destroy();
  }

  #read(length: number): void {
    let bytes: Buffer;
    if (this.#rest.length <= ROOM_BYTES) {
      shared.set(this.#rest, ROOM_BYTES - this.#rest.length);
      bytes = shared.subarray(ROOM_BYTES - this.#rest.length, ROOM_BYTES + length);
    } else bytes = Buffer.concat([this.#rest, readArea.subarray(0, length)]);
    let used = 0;
    let hear: Hear;
    do {
      hear = this.hear;
      used += hear(used === 0 ? bytes : bytes.subarray(used));
    } while (hear !== this.hear && used < bytes.length); // whoever hears from now on has not seen the rest
    this.#rest = used === bytes.length ? NOTHING : Buffer.from(bytes.subarray(used));
    this.after();
  }
}

function takePort(): number {
  const port = nextPort;
  nextPort = port === PORTS.last ? PORTS.first : port + 1;
  return port;
}

function isPortTaken(error: unknown): boolean {
  const { code } = error as { readonly code?: string };
  return code === "EADDRINUSE" || code === "EADDRNOTAVAIL";
}

function nothing(): void {
  // Nobody listens.
}
