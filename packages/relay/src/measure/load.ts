/**
 * Measures the relay beside the disk's raw rate: `node packages/relay/src/measure/load.ts [seconds]`. No pass or fail.
 * The relay runs in a process of its own, the clients here: both cores are busy, as on a small server under load.
 */
import { fork } from "node:child_process";
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initCrypto, sha256, systemRandom } from "@stonechat/crypto/issuer";
import {
  replyFrame,
  requestFrame,
  SOCKET_PATH,
  SUBPROTOCOL,
  type EntryId,
  type LogId,
  type Token,
  type TokenHash,
} from "@stonechat/protocol";
import { WebSocket } from "ws";

const CONNECTIONS = 64;
const BODY_BYTES = 1024;
await initCrypto();
const random = systemRandom();

/** One connection with one log. Writes its frames by hand: the load must cost less than what it measures. */
class LoadClient {
  readonly socket: WebSocket;
  readonly #template: Uint8Array;
  readonly #waiting = new Map<number, () => void>();
  #nextId = 10;

  private constructor(socket: WebSocket, template: Uint8Array) {
    this.socket = socket;
    this.#template = template;
  }

  static async open(relayUrl: string): Promise<LoadClient> {
    const socket = new WebSocket(`${relayUrl.replace("http", "ws")}${SOCKET_PATH}`, SUBPROTOCOL, {
      perMessageDeflate: false,
    });
    await new Promise((resolve) => {
      socket.once("open", resolve);
    });
    const appendToken = random.bytes(32) as Token;
    const logId = random.bytes(32) as LogId;
    const hash = sha256(appendToken) as TokenHash;
    socket.send(requestFrame.encode({ requestId: 1, request: { type: "hello", minVersion: 1, maxVersion: 1 } }));
    socket.send(
      requestFrame.encode({
        requestId: 2,
        request: {
          type: "create",
          logId,
          readHash: hash,
          appendHash: hash,
          ownerHash: undefined,
          admission: new Uint8Array(0),
        },
      }),
    );
    await new Promise<void>((resolve) => {
      let replies = 0;
      socket.on("message", () => {
        replies += 1;
        if (replies === 2) resolve();
      });
    });
    socket.removeAllListeners("message");
    const client = new LoadClient(
      socket,
      requestFrame.encode({
        requestId: 1,
        request: {
          type: "append",
          logId,
          appendToken,
          entryId: new Uint8Array(16) as EntryId,
          ttlSeconds: 86_400,
          body: random.bytes(BODY_BYTES),
        },
      }),
    );
    socket.on("message", (data: Buffer) => {
      const id = data.readUInt32BE(0);
      if (data[4] !== 66) throw new Error(`refused: ${JSON.stringify(replyFrame.decode(new Uint8Array(data)))}`);
      client.#waiting.get(id)?.();
      client.#waiting.delete(id);
    });
    return client;
  }

  append(): Promise<void> {
    const id = this.#nextId;
    this.#nextId += 1;
    const frame = Buffer.from(this.#template);
    frame.writeUInt32BE(id, 0);
    // struct: request id, tag, log id, token, entry id
    frame.set(random.bytes(16), 4 + 1 + 32 + 32);
    this.socket.send(frame);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
    });
  }
}

const seconds = Number(process.argv[2] ?? 5);

const folder = mkdtempSync(join(tmpdir(), "relay-load-"));
const relay = fork(
  new URL("../testing/relay-process.ts", import.meta.url),
  [join(folder, "data"), JSON.stringify({ logQuotaMib: "1000000" })],
  {
    stdio: ["ignore", "inherit", "ignore", "ipc"],
  },
);
const url = await new Promise<string>((resolve) => {
  relay.once("message", (message) => {
    resolve(message as string);
  });
});

const raw = rawSyncRate();
const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => LoadClient.open(url)));
const one = await closedLoop(1);
const several = await closedLoop(8);
const half = await openLoop(several.rate / 2);
const idle = await openLoop(500);
console.log(
  JSON.stringify(
    { rawSyncsPerSecond: raw, onePerConnection: one, eightPerConnection: several, halfLoad: half, lightLoad: idle },
    undefined,
    2,
  ),
);
for (const client of clients) client.socket.terminate();
relay.kill("SIGKILL");
rmSync(folder, { recursive: true });

function rawSyncRate(): number {
  const path = join(folder, "raw");
  const file = openSync(path, "w");
  const body = random.bytes(BODY_BYTES);
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < 2000) {
    writeSync(file, body);
    fdatasyncSync(file);
    count += 1;
  }
  closeSync(file);
  rmSync(path);
  return Math.round(count / 2);
}

/** Processor time of the relay so far: less troubled by what else runs here than the rate is. Linux only, else 0. */
function relayCpuMs(): number {
  try {
    const fields =
      readFileSync(`/proc/${String(relay.pid)}/stat`, "utf8")
        .split(") ")[1]
        ?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10; // user and system time in ticks of 10 ms
  } catch {
    return 0;
  }
}

/** Each connection keeps `depth` appends under way. */
async function closedLoop(
  depth: number,
): Promise<{ readonly rate: number; readonly cpuMicrosEach: number } & Percentiles> {
  const latencies: number[] = [];
  const cpuBefore = relayCpuMs();
  const start = performance.now();
  const end = start + seconds * 1000;
  await Promise.all(
    clients.flatMap((client) =>
      Array.from({ length: depth }, async () => {
        while (performance.now() < end) {
          const sent = performance.now();
          await client.append();
          latencies.push(performance.now() - sent);
        }
      }),
    ),
  );
  const rate = Math.round(latencies.length / ((performance.now() - start) / 1000));
  const cpuMicrosEach = Math.round(((relayCpuMs() - cpuBefore) * 1000) / latencies.length);
  return { rate, cpuMicrosEach, ...percentiles(latencies) };
}

/** Appends fall due evenly, whether or not earlier ones came back: waiting counts from when it was due. */
async function openLoop(rate: number): Promise<{ readonly rate: number } & Percentiles> {
  const latencies: number[] = [];
  const waiting: Promise<void>[] = [];
  const start = performance.now();
  let sent = 0;
  for (let now = start; now - start < seconds * 1000; now = performance.now()) {
    for (; sent < ((now - start) / 1000) * rate; sent += 1) {
      const due = start + (sent / rate) * 1000;
      const client = clients[sent % CONNECTIONS];
      if (client !== undefined)
        waiting.push(
          client.append().then(() => {
            latencies.push(performance.now() - due);
          }),
        );
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
  await Promise.all(waiting);
  return { rate: Math.round(rate), ...percentiles(latencies) };
}

type Percentiles = { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };
function percentiles(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort();
  const at = (p: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0) * 100) / 100;
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}
