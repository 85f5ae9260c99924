import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openDoors } from "./doors.ts";

const CLIENTS = 64;
const HOST = "127.0.0.1";

async function setUp(
  maxConnections: number,
  doors?: number,
): Promise<{ readonly http: Server; readonly port: number }> {
  const http = createServer((_, response) => response.end("hello"));
  http.maxConnections = maxConnections;
  const port = await openDoors(http, { host: HOST, port: 0 }, doors);
  onTestFinished(() => {
    http.close();
    http.closeAllConnections();
  });
  return { http, port };
}

/** So many clients that connect before the event loop turns. */
function clients(port: number): readonly Socket[] {
  return Array.from({ length: CLIENTS }, () => {
    const socket = connect(port, HOST).on("error", () => undefined);
    onTestFinished(() => {
      socket.destroy();
    });
    return socket;
  });
}

/** The most connections that were let in during one turn of the event loop. */
async function mostInOneTurn(doors: number): Promise<number> {
  const { http, port } = await setUp(CLIENTS, doors);
  let [most, now, all] = [0, 0, 0];
  const done = Promise.withResolvers<undefined>();
  http.on("connection", () => {
    if (now === 0)
      setImmediate(() => {
        most = Math.max(most, now);
        now = 0;
        if (all === CLIENTS) done.resolve(undefined);
      });
    now += 1;
    all += 1;
  });
  clients(port);
  await done.promise;
  return most;
}

test("several connections are let in during one turn, where one socket would let in one", async () => {
  expect(await mostInOneTurn(1)).toBe(1);
  expect(await mostInOneTurn(8)).toBeGreaterThan(1);
});

test("the limit of connections holds for all doors together", async () => {
  const limit = 10;
  const { port } = await setUp(limit);
  const ended = clients(port).map(
    (socket) =>
      new Promise((resolve) => {
        socket.once("close", resolve);
      }),
  );
  let closed = 0;
  const enough = Promise.withResolvers<undefined>();
  for (const one of ended)
    void one.then(() => {
      closed += 1;
      if (closed === CLIENTS - limit) enough.resolve(undefined);
    });
  await enough.promise;
  const answer = new Promise<string>((resolve) => {
    connect(port, HOST)
      .on("error", () => undefined)
      .once("close", () => {
        resolve("closed");
      });
  });
  expect(await answer).toBe("closed");
});

test("every door is served and counted until closing is over, and then closed", async () => {
  const { http, port } = await setUp(CLIENTS);
  for (let n = 0; n < CLIENTS; n += 1)
    expect(await (await fetch(`http://${HOST}:${String(port)}/`)).text()).toBe("hello");
  const [last] = clients(port);
  await new Promise<void>((resolve) => {
    last?.once("connect", resolve);
  });
  let over = false;
  const closed = new Promise<void>((resolve) => {
    http.close(() => {
      over = true;
      resolve();
    });
  });
  expect(over).toBe(false);
  http.closeAllConnections();
  await closed;
  await expect(fetch(`http://${HOST}:${String(port)}/`)).rejects.toThrow();
});
