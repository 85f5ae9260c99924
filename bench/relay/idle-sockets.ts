/**
 * Opens idle sockets at a relay, in a process of its own, by hand so that each costs little here. `argv`: URL, count.
 * Prints one line when all are greeted, and holds them until it is stopped.
 */
import { connect, type Socket } from "node:net";
import { initCrypto } from "@stonechat/crypto/issuer";
import { requestFrame, SOCKET_PATH, SUBPROTOCOL } from "@stonechat/protocol";

const AT_ONCE = 100;
const BINARY_FRAME = 0x82;
const MASKED = 0x80;

await initCrypto();
const [, , address = "", count = "0"] = process.argv;
const url = new URL(address);
const hello = requestFrame.encode({ requestId: 1, request: { type: "hello", minVersion: 1, maxVersion: 1 } });
for (let opened = 0; opened < Number(count); opened += AT_ONCE)
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, Number(count) - opened) }, open));
console.log(JSON.stringify({ url: address }));

/** A WebSocket that has said hello and got its welcome. */
async function open(): Promise<Socket> {
  const socket = connect(Number(url.port), url.hostname);
  const key = Buffer.alloc(16).toString("base64");
  socket.write(
    `GET ${SOCKET_PATH} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`,
  );
  // Masked with zeros.
  socket.write(Buffer.concat([Buffer.from([BINARY_FRAME, MASKED + hello.length, 0, 0, 0, 0]), hello]));
  let heard = Buffer.alloc(0);
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("close", () => {
      reject(new RangeError(`closed: ${heard.toString("latin1").slice(0, 40)}`));
    });
    socket.on("data", (data: Buffer) => {
      if (heard.length < 4096) heard = Buffer.concat([heard, data]);
      const end = heard.indexOf("\r\n\r\n");
      if (end >= 0 && heard.length > end + 4) resolve();
    });
  });
  return socket;
}
