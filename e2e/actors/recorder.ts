import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** What whoever watches the line to the relay sees of one exchange; bytes as they go over the line. */
export type Exchange =
  | { readonly type: "request"; readonly path: string; readonly sent: number; readonly received: number }
  | { readonly type: "frame"; readonly direction: "sent" | "received"; readonly bytes: number };

/** A server between browsers and a relay that passes everything on and writes down how much. */
export class Recorder {
  readonly #exchanges: Exchange[] = [];
  readonly #sockets = new Set<Duplex>();
  readonly #server = createServer((incoming, outgoing) => {
    this.#pass(incoming, outgoing);
  });
  #relay = new URL("http://127.0.0.1");

  static async start(): Promise<Recorder> {
    const recorder = new Recorder();
    recorder.#server.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      recorder.#upgrade(incoming, socket, head);
    });
    recorder.#server.listen(0, "127.0.0.1");
    await once(recorder.#server, "listening");
    return recorder;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Everything goes there. */
  leadTo(relayUrl: string): void {
    this.#relay = new URL(relayUrl);
  }

  /** What was seen since the last call. */
  take(): readonly Exchange[] {
    return this.#exchanges.splice(0);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method, url: path = "/", headers } = incoming;
    let [sent, received] = [0, 0];
    const onward = request(new URL(path, this.#relay), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.on("data", (part: Buffer) => (received += part.length));
      answer.on("end", () => this.#exchanges.push({ type: "request", path, sent, received }));
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.on("data", (part: Buffer) => (sent += part.length));
    incoming.pipe(onward);
  }

  #upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { hostname, port } = this.#relay;
    const onward: Socket = connect(Number(port), hostname, () => {
      const lines = incoming.rawHeaders.flatMap((name, at, all) =>
        at % 2 === 0 ? [`${name}: ${all[at + 1] ?? ""}`] : [],
      );
      onward.write(`GET ${incoming.url ?? "/"} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward);
      onward.pipe(socket);
    });
    for (const end of [socket, onward]) {
      this.#sockets.add(end);
      end.on("error", () => undefined);
      end.on("close", () => {
        socket.destroy();
        onward.destroy();
      });
    }
    const note = (direction: "sent" | "received") => (bytes: number) => {
      this.#exchanges.push({ type: "frame", direction, bytes });
    };
    socket.on("data", countFrames(note("sent"), false));
    onward.on("data", countFrames(note("received"), true));
  }
}

/** Reads WebSocket frames (RFC 6455, section 5.2) and tells the length of each with data; others are the browser's. */
function countFrames(tell: (bytes: number) => void, afterHeader: boolean): (part: Buffer) => void {
  let held = Buffer.alloc(0);
  let inHeader = afterHeader;
  return (part) => {
    held = Buffer.concat([held, part]);
    if (inHeader) {
      const end = held.indexOf("\r\n\r\n");
      if (end < 0) return;
      held = held.subarray(end + 4);
      inHeader = false;
    }
    for (;;) {
      const frame = readFrame(held);
      if (frame === undefined) return;
      if (frame.opcode <= 2) tell(frame.payload);
      held = held.subarray(frame.length);
    }
  };
}

function readFrame(
  bytes: Buffer,
): { readonly opcode: number; readonly payload: number; readonly length: number } | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const short = second & 0x7f;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  const masked = (second & 0x80) === 0 ? 0 : 4;
  if (bytes.length < 2 + extra) return undefined;
  const payload = extra === 0 ? short : extra === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const length = 2 + extra + masked + payload;
  return bytes.length < length ? undefined : { opcode: first & 0x0f, payload, length };
}
