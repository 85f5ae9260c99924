import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { systemRandom } from "@stonechat/crypto/issuer";
import { describeError, type Log } from "@stonechat/serving";
import { listenAt } from "@stonechat/serving/endpoint";
import {
  CONTROL_SOCKET,
  MAX_REQUEST_BYTES,
  parseControlRequest,
  type ControlAnswer,
  type ControlRequest,
} from "./control-messages.ts";
import { RefusedError } from "./refused-error.ts";

const MAX_CONNECTIONS = 16;
/** A request is one line, and whoever connects has it ready. */
const REQUEST_TIMEOUT_MS = 5000;

/** Answers one request. @throws RefusedError with a sentence for the person who asked. */
export type Answerer = (request: ControlRequest) => Promise<ControlAnswer>;

/**
 * Listens in the data folder, which is closed to everybody but the relay's user, for what the person who runs it asks.
 * There is no way to it over a network. `stack` ends it.
 *
 * @throws the system's error when the socket cannot be made.
 */
export async function listenForControl(
  data: string,
  answer: Answerer,
  log: Log,
  stack: AsyncDisposableStack,
): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {
      // Who asked went away; whatever was asked for is done all the same.
      socket.destroy();
    });
    void serveOne(socket, answer, log);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listenAt(server, join(data, CONTROL_SOCKET), async (length) => systemRandom().bytes(length));
  stack.defer(async () => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    for (const socket of sockets) socket.destroy();
    await closed;
  });
}

async function serveOne(socket: Socket, answer: Answerer, log: Log): Promise<void> {
  const line = await readLine(socket);
  const request = line === undefined ? undefined : parseControlRequest(line);
  if (request === undefined) {
    socket.destroy();
    return;
  }
  socket.end(`${JSON.stringify(await answerOrRefuse(request, answer, log))}\n`);
}

async function answerOrRefuse(request: ControlRequest, answer: Answerer, log: Log): Promise<ControlAnswer> {
  try {
    return await answer(request);
  } catch (error) {
    if (error instanceof RefusedError) return { type: "refused", reason: error.message };
    log({ level: "error", event: "control-failed", ask: request.ask, ...describeError(error) });
    return { type: "refused", reason: "It failed; see the relay's log." };
  }
}

/** The first line that comes; undefined if it is too long, too late, or never ends. */
function readLine(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.setTimeout(REQUEST_TIMEOUT_MS, () => {
      resolve(undefined);
    });
    socket.on("data", (chunk: string) => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end >= 0) {
        socket.setTimeout(0);
        resolve(text.slice(0, end));
      } else if (text.length > MAX_REQUEST_BYTES) resolve(undefined);
    });
    socket.on("close", () => {
      resolve(undefined);
    });
  });
}
