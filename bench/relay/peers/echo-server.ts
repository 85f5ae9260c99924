/** A bare `ws` server that sends each frame back: the least that any relay on this machine must cost. Says its URL. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on("connection", (socket) => {
  socket.on("message", (data: Buffer) => {
    socket.send(data);
  });
});
http.listen(0, "127.0.0.1", () => {
  const { port } = http.address() as AddressInfo; // it listens on TCP
  console.log(JSON.stringify({ url: `http://127.0.0.1:${String(port)}` }));
});
