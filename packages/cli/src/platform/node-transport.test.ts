import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { MAX_FRAME_BYTES, SOCKET_PATH, SUBPROTOCOL } from "@stonechat/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { nodeTransport } from "./node-transport.ts";

const servers: WebSocketServer[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    for (const client of server.clients) client.terminate();
    server.close();
  }
});

async function relay(): Promise<{ readonly server: WebSocketServer; readonly url: string }> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, path: SOCKET_PATH, perMessageDeflate: true });
  servers.push(server);
  await once(server, "listening");
  return { server, url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` };
}

/** A socket of ours, what it told, and the server's side of it. */
async function connected(): Promise<{
  readonly told: unknown[];
  readonly peer: WebSocket;
  readonly closed: Promise<number>;
  readonly socket: ReturnType<typeof nodeTransport.openSocket>;
}> {
  const { server, url } = await relay();
  const told: unknown[] = [];
  const connection = once(server, "connection");
  const { promise: opened, resolve: open } = Promise.withResolvers<undefined>();
  const { promise: closed, resolve: close } = Promise.withResolvers<number>();
  const socket = nodeTransport.openSocket(url, {
    onOpen: () => {
      told.push("open");
      open(undefined);
    },
    onFrame: (frame) => told.push(frame),
    onClose: (code) => {
      told.push(code);
      close(code);
    },
  });
  const [peer] = (await connection) as [WebSocket];
  await opened;
  return { told, peer, closed, socket };
}

describe("the transport of Node", () => {
  test("speaks our subprotocol without compression, in binary frames both ways", async () => {
    const { told, peer, socket } = await connected();
    expect(peer.protocol).toBe(SUBPROTOCOL);
    expect(peer.extensions).toBe("");
    const heard = once(peer, "message");
    socket.send(Uint8Array.of(1, 2));
    const [data, isBinary] = (await heard) as [Buffer, boolean];
    expect([[...data], isBinary]).toEqual([[1, 2], true]);
    peer.send(Uint8Array.of(3));
    while (told.length < 2) await new Promise((resolve) => void setImmediate(resolve));
    expect(told).toEqual(["open", Uint8Array.of(3)]);
    socket.close();
  });

  test("closes on a text frame, and tells no frame of it", async () => {
    const { told, peer, closed } = await connected();
    peer.send("text");
    await closed;
    expect(told).toEqual(["open", 1003]);
  });

  test("closes on a frame that is too large", async () => {
    const { told, peer, closed } = await connected();
    peer.send(new Uint8Array(MAX_FRAME_BYTES + 1));
    await closed;
    expect(told.length).toBe(2);
  });

  test("tells the close code of the relay", async () => {
    const { peer, closed } = await connected();
    peer.close(4001);
    expect(await closed).toBe(4001);
  });

  test("tells nothing any more once it was closed by us", async () => {
    const { told, peer, socket } = await connected();
    const gone = once(peer, "close");
    peer.send(Uint8Array.of(1));
    socket.close();
    socket.send(Uint8Array.of(2));
    await gone;
    expect(told).toEqual(["open"]);
  });

  test("tells a relay that is not there by a close, and throws nothing", async () => {
    const code = await new Promise<number>((resolve) => {
      nodeTransport.openSocket("http://127.0.0.1:9", {
        onOpen: () => undefined,
        onFrame: () => undefined,
        onClose: resolve,
      });
    });
    expect(code).toBe(1006);
  });
});
