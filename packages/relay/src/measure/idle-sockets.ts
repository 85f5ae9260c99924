/** Measures the relay's memory per idle socket: `node packages/relay/src/measure/idle-sockets.ts [count]`. No pass or fail. */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initCrypto } from "@stonechat/crypto/issuer";
import { requestFrame, SOCKET_PATH, SUBPROTOCOL } from "@stonechat/protocol";

const count = Number(process.argv[2] ?? 5000);
const AT_ONCE = 100;
await initCrypto();
const folder = mkdtempSync(join(tmpdir(), "relay-idle-"));
const relay = fork(new URL("../testing/relay-process.ts", import.meta.url), [join(folder, "data")], {
  stdio: ["ignore", "inherit", "ignore", "ipc"],
  execArgv: ["--expose-gc"],
});
const url = new URL(
  await new Promise<string>((resolve) => {
    relay.once("message", (message) => {
      resolve(message as string);
    });
  }),
);
const hello = requestFrame.encode({ requestId: 1, request: { type: "hello", minVersion: 1, maxVersion: 1 } });

const warm = await Promise.all(Array.from({ length: AT_ONCE }, open));
const before = await memory();
const sockets: Socket[] = [...warm];
while (sockets.length < count + AT_ONCE) sockets.push(...(await Promise.all(Array.from({ length: AT_ONCE }, open))));
await new Promise((resolve) => {
  setTimeout(resolve, 2000);
});
const after = await memory();
const per = (name: keyof NodeJS.MemoryUsage): number => Math.round((after[name] - before[name]) / count);
console.log(
  JSON.stringify({
    sockets: count,
    bytesEach: { resident: per("rss"), heap: per("heapUsed"), external: per("external") },
  }),
);
for (const socket of sockets) socket.destroy();
relay.kill("SIGKILL");
rmSync(folder, { recursive: true });

/** A WebSocket by hand that has said hello and got its welcome. */
async function open(): Promise<Socket> {
  const socket = connect(Number(url.port), url.hostname);
  socket.write(
    `GET ${SOCKET_PATH} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`,
  );
  // Masked with zeros: FIN and binary, length, key, payload.
  socket.write(Buffer.concat([Buffer.from([0x82, 0x80 + hello.length, 0, 0, 0, 0]), hello]));
  let seen = 0;
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("data", (data: Buffer) => {
      seen += data.length;
      if (seen > 129 + 30 && data.at(-1) !== 0x0a) resolve();
    });
  });
  return socket;
}

function memory(): Promise<NodeJS.MemoryUsage> {
  return new Promise((resolve) => {
    relay.once("message", (message) => {
      resolve(message as NodeJS.MemoryUsage);
    }); // what relay-process.ts sends
    relay.send("memory");
  });
}
