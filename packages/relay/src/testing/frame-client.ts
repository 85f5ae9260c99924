import {
  replyFrame,
  requestFrame,
  SOCKET_PATH,
  SUBPROTOCOL,
  type Reply,
  type ReplyOf,
  type Request,
} from "@stonechat/protocol";
import { WebSocket } from "ws";

/** The connection ended before the answer came. */
export class ClosedError extends Error {
  override readonly name = "ClosedError";
  readonly closeCode: number;

  constructor(closeCode: number) {
    super(`closed with ${String(closeCode)}`);
    this.closeCode = closeCode;
  }
}

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** A bare client for tests: requests out, replies in, pushes collected. */
export class FrameClient {
  readonly pushed: ReplyOf<"entries">[] = [];
  /** Settles with the close code. */
  readonly ended: Promise<number>;
  readonly socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  /** What the connection was closed with; 0: it is open, or not quite closed. */
  #closedWith = 0;
  #onPush: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.ended = new Promise((resolve) => {
      socket.on("close", (code: number) => {
        this.#closedWith = code;
        for (const { reject } of this.#waiting.values()) reject(new ClosedError(code));
        this.#onPush();
        resolve(code);
      });
    });
    socket.on("error", () => undefined);
    socket.on("message", (data: Buffer) => {
      const { requestId, reply } = replyFrame.decode(new Uint8Array(data));
      if (requestId === 0 && reply.type === "entries") {
        this.pushed.push(reply);
        this.#onPush();
      }
      this.#waiting.get(requestId)?.resolve(reply);
      this.#waiting.delete(requestId);
    });
  }

  /** Connects to a relay's URL, without saying hello. */
  static async connect(url: string, origin?: string): Promise<FrameClient> {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}${SOCKET_PATH}`, SUBPROTOCOL, {
      perMessageDeflate: false,
      ...(origin === undefined ? {} : { origin }),
    });
    const client = new FrameClient(socket);
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  /** Connects and says hello. */
  static async open(url: string): Promise<FrameClient> {
    const client = await FrameClient.connect(url);
    await client.ask({ type: "hello", minVersion: 1, maxVersion: 1 });
    return client;
  }

  async ask(request: Request): Promise<Reply> {
    const requestId = this.#nextId;
    this.#nextId += 1;
    return await new Promise((resolve, reject) => {
      if (this.socket.readyState !== WebSocket.OPEN) {
        reject(new ClosedError(this.#closedWith));
        return;
      }
      this.#waiting.set(requestId, { resolve, reject });
      this.socket.send(requestFrame.encode({ requestId, request }));
    });
  }

  /** Asks, and fails unless the answer has this type. */
  async expect<T extends Reply["type"]>(type: T, request: Request): Promise<ReplyOf<T>> {
    const reply = await this.ask(request);
    if (reply.type !== type)
      throw new Error(`expected ${type}, got ${reply.type} ${reply.type === "error" ? reply.code : ""}`);
    return reply as ReplyOf<T>; // the type was looked at
  }

  /** Settles when `enough` says so of what was pushed. Fails if the connection ends first. */
  async pushedUntil(
    enough: (pushed: readonly ReplyOf<"entries">[]) => boolean,
  ): Promise<readonly ReplyOf<"entries">[]> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (enough(this.pushed)) resolve();
        else if (this.socket.readyState >= WebSocket.CLOSING) reject(new ClosedError(this.#closedWith));
      };
      this.#onPush = look;
      look();
    });
    return this.pushed;
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.ended;
  }
}
