import { createFetchHttp, createClient, parseInstant, type Client, type Clock, type Transport } from "@stonechat/core";
import { systemRandom } from "@stonechat/crypto";
import { SOCKET_PATH, SUBPROTOCOL } from "@stonechat/protocol";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { memorySource, type MemorySink } from "@stonechat/testkit/memory-files";
import { testSqlite } from "@stonechat/testkit/test-sqlite";

const clock: Clock = {
  now: () => parseInstant(Date.now()),
  setTimer(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  },
};

const transport: Transport = {
  canReach: () => true,
  openSocket(relayUrl, events) {
    const socket = new WebSocket(`${relayUrl.replace(/^http/, "ws")}${SOCKET_PATH}`, SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      events.onOpen();
    });
    socket.addEventListener("message", ({ data }) => {
      events.onFrame(new Uint8Array(data as ArrayBuffer));
    });
    socket.addEventListener("close", ({ code }) => {
      events.onClose(code);
    });
    return {
      send: (frame) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(Uint8Array.from(frame));
      },
      close: () => {
        socket.close();
      },
    };
  },
};

/** A client that talks to a relay over real sockets, in real time. */
export interface RealPerson {
  readonly client: Client;
  readonly files: MemoryBlockFiles;
}

/** Opens a profile in memory with an account at the relay. */
export async function joinRelay(relayUrl: string, name: string): Promise<RealPerson> {
  const files = new MemoryBlockFiles(1);
  const client = await createClient({
    files,
    filePort: {
      openSource: (file) => Promise.resolve(memorySource(file as Uint8Array)),
      openSink: (target) => Promise.resolve(target as MemorySink),
    },
    clock,
    random: systemRandom(),
    transport,
    http: createFetchHttp((url, settings) => fetch(url, settings)),
    sqlite: await testSqlite(),
    report: () => undefined,
  });
  await client.start();
  await client.createAccount({ name, relayUrl, deviceName: `${name}'s device` });
  return { client, files };
}

/** Asks again after each thing the client hears, until there is an answer. */
export async function eventually<T>({ client }: RealPerson, ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const heard = new Promise<void>((resolve) => {
      const end = client.onEvent(() => {
        end();
        resolve();
      });
    });
    const answer = await ask();
    if (answer !== undefined) return answer;
    await heard;
  }
}
