import { replyFrame, requestFrame, type Reply, type ReplyOf, type Request } from "@stonechat/protocol";
import type { Socket, SocketEvents, Transport } from "../ports/transport.ts";

/** One connection that a link has opened, in the hands of a test. */
export class ScriptedSocket implements Socket {
  readonly events: SocketEvents;
  readonly sent: { readonly requestId: number; readonly request: Request }[] = [];
  closed = false;
  /** Signs of life are not given either. */
  silent = false;
  /** How often it was asked for one. Those requests are not among `sent`. */
  signs = 0;

  constructor(events: SocketEvents) {
    this.events = events;
  }

  send(frame: Uint8Array): void {
    const asked = requestFrame.decode(frame);
    if (asked.request.type !== "unsubscribe" || asked.request.logIds.length > 0) this.sent.push(asked);
    else {
      this.signs += 1;
      if (!this.silent) this.reply(asked.requestId, { type: "done" });
    }
  }

  close(): void {
    this.closed = true;
  }

  reply(requestId: number, reply: Reply): void {
    this.events.onFrame(replyFrame.encode({ requestId, reply }));
  }

  /** Opens, and greets the link as a relay does. */
  welcome(version = 1): void {
    this.events.onOpen();
    this.reply(this.sent[0]?.requestId ?? 0, { ...WELCOME, version });
  }

  /** The newest request of a type. */
  last(type: Request["type"]): { readonly requestId: number; readonly request: Request } {
    const found = this.sent.findLast(({ request }) => request.type === type);
    if (found === undefined) throw new RangeError(`no ${type} was sent`);
    return found;
  }
}

const WELCOME: ReplyOf<"welcome"> = {
  type: "welcome",
  version: 1,
  now: 0,
  admission: "open",
  maxMessageBytes: 65_536,
  maxCommitBytes: 1_048_576,
  maxBlobBytes: 1_000_000,
  retentionSeconds: 100,
  commitRetentionSeconds: 100,
};

/** A transport whose other end the test speaks for. */
export class ScriptedTransport implements Transport {
  readonly sockets: ScriptedSocket[] = [];

  openSocket(_url: string, events: SocketEvents): Socket {
    const socket = new ScriptedSocket(events);
    this.sockets.push(socket);
    return socket;
  }

  canReach(): boolean {
    return true;
  }

  /** The newest connection. */
  get socket(): ScriptedSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new RangeError("no connection was opened");
    return socket;
  }
}
