import { createHash } from "node:crypto";
import { replyFrame, requestFrame, SOCKET_PATH, SUBPROTOCOL, type Reply, type Request } from "@stonechat/protocol";

/** A stranger's bare connection to a relay: asks what the protocol allows, with whatever tokens it has. */
export class RelayDoor {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #asked = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const { requestId, reply } = replyFrame.decode(new Uint8Array(data as ArrayBuffer)); // binaryType is set
      this.#waiting.get(requestId)?.(reply);
    });
  }

  static async open(url: string): Promise<RelayDoor> {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}${SOCKET_PATH}`, SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    const door = new RelayDoor(socket);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => {
        reject(new Error("the relay does not answer"));
      });
    });
    await door.ask({ type: "hello", minVersion: 1, maxVersion: 1 });
    return door;
  }

  async ask(request: Request): Promise<Reply> {
    this.#asked += 1;
    const requestId = this.#asked;
    return await new Promise((resolve) => {
      this.#waiting.set(requestId, resolve);
      this.#socket.send(new Uint8Array(requestFrame.encode({ requestId, request })));
    });
  }

  close(): void {
    this.#socket.close();
  }
}

/** What the relay keeps of a token. */
export function tokenHash(token: Uint8Array): Buffer {
  return createHash("sha256").update(token).digest();
}
