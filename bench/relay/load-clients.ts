import { initCrypto, sha256, systemRandom } from "@stonechat/crypto/issuer";
import {
  replyFrame,
  requestFrame,
  SOCKET_PATH,
  SUBPROTOCOL,
  type EntryId,
  type LogId,
  type Request,
  type Token,
  type TokenHash,
} from "@stonechat/protocol";
import { WebSocket } from "ws";
import type { LoadPlan } from "./load-plan.ts";

const REQUEST_ID_BYTES = 4;
const APPENDED_TAG = 66;
/** In an append frame: request id, tag, log id, token, then the entry id. */
const ENTRY_ID_AT = REQUEST_ID_BYTES + 1 + 32 + 32;
const FIRST_ID = 10;

/** One connection that sends requests and hears their answers. Frames are patched by hand: the load must stay cheap. */
export class LoadClient {
  readonly logId: LogId;
  readonly readToken: Token;
  readonly #socket: WebSocket;
  readonly #template: Uint8Array;
  readonly #waiting = new Map<number, () => void>();
  #nextId = FIRST_ID;

  private constructor(socket: WebSocket, template: Uint8Array, logId: LogId, readToken: Token) {
    this.#socket = socket;
    this.#template = template;
    this.logId = logId;
    this.readToken = readToken;
    socket.on("message", (data: Buffer) => {
      const id = data.readUInt32BE(0);
      if (socket.protocol === SUBPROTOCOL && data[REQUEST_ID_BYTES] !== APPENDED_TAG)
        throw new RangeError(`refused: ${JSON.stringify(replyFrame.decode(new Uint8Array(data)))}`);
      this.#waiting.get(id)?.();
      this.#waiting.delete(id);
    });
  }

  /** Connects; at a relay, greets it and makes a log. */
  static async open(plan: LoadPlan): Promise<LoadClient> {
    await initCrypto();
    const random = systemRandom();
    const [token, logId] = [random.bytes(32) as Token, random.bytes(32) as LogId];
    const body = random.bytes(plan.bodyBytes);
    const append = {
      type: "append",
      logId,
      appendToken: token,
      entryId: new Uint8Array(16) as EntryId,
      ttlSeconds: 86_400,
      body,
    } as const;
    const template = requestFrame.encode({ requestId: 1, request: append });
    const socket = await openSocket(plan);
    if (plan.server === "relay") {
      const hash = sha256(token) as TokenHash;
      await ask(socket, { type: "hello", minVersion: 1, maxVersion: 1 });
      await ask(socket, {
        type: "create",
        logId,
        readHash: hash,
        appendHash: hash,
        ownerHash: undefined,
        admission: new Uint8Array(0),
      });
    }
    return new LoadClient(socket, template, logId, token);
  }

  /** Sends one request; `answered` runs when its answer is here. @returns The request's number on this connection. */
  send(answered: () => void): number {
    const id = this.#nextId;
    this.#nextId += 1;
    const frame = Buffer.from(this.#template);
    frame.writeUInt32BE(id, 0);
    frame.writeUInt32BE(id, ENTRY_ID_AT);
    this.#waiting.set(id, answered);
    this.#socket.send(frame);
    return id;
  }

  close(): void {
    this.#socket.terminate();
  }
}

/** Follows a client's log by a connection of its own, as another member would, and says which request has arrived. */
export async function follow(
  plan: LoadPlan,
  { logId, readToken }: LoadClient,
  arrived: (request: number) => void,
): Promise<() => void> {
  const socket = await openSocket(plan);
  await ask(socket, { type: "hello", minVersion: 1, maxVersion: 1 });
  await ask(socket, { type: "subscribe", items: [{ logId, readToken, from: 0 }] });
  socket.on("message", (data: Buffer) => {
    const { reply } = replyFrame.decode(new Uint8Array(data));
    if (reply.type !== "entries") return;
    for (const { entryId } of reply.entries) arrived(Buffer.from(entryId).readUInt32BE(0));
  });
  return () => {
    socket.terminate();
  };
}

async function openSocket(plan: LoadPlan): Promise<WebSocket> {
  const url = plan.url.replace("http", "ws");
  const options = { perMessageDeflate: false };
  const socket =
    plan.server === "relay" ? new WebSocket(url + SOCKET_PATH, SUBPROTOCOL, options) : new WebSocket(url, options);
  await new Promise((resolve, reject) => {
    socket.once("open", resolve).once("error", reject);
  });
  return socket;
}

async function ask(socket: WebSocket, request: Request): Promise<void> {
  const answer = new Promise<Buffer>((resolve) => {
    socket.once("message", resolve);
  });
  socket.send(requestFrame.encode({ requestId: 1, request }));
  const { reply } = replyFrame.decode(new Uint8Array(await answer));
  if (reply.type === "error") throw new RangeError(`refused: ${reply.code}`);
}
