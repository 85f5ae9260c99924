import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { startNats } from "../../../packages/relay/src/nats/testing/nats-server.ts";
import { memoryOf } from "../../relay/memory.ts";
import { BODY_BYTES } from "../../relay/scale.ts";
import { ownProcesses, processorTime } from "./processor-time.ts";

const SUBJECTS = 50_000;
const SUBSCRIBERS = 2;
const MESSAGES = 60_000;
const BURST = 60;
const BURST_MS = 2;
const SETTLE_MS = 1000;

/** What NATS takes where every log has a subject of its own, so that only who follows it hears. */
export interface SubjectCosts {
  /** Microseconds of an entry that is told to two relays. */
  readonly each: number;
  /** Bytes of one relay's interest in one log. */
  readonly interestBytes: number;
}

/** Speaks NATS's own protocol to a server of its own: every subscriber names every subject. */
export async function measureSubjects(): Promise<SubjectCosts> {
  const running = new Set(ownProcesses("nats-server"));
  const server = await startNats();
  const sockets: Socket[] = [];
  try {
    const pid = ownProcesses("nats-server").find((each) => !running.has(each));
    if (pid === undefined) throw new RangeError("the server is not among our processes");
    for (let i = 0; i <= SUBSCRIBERS; i += 1) sockets.push(await greeted(server.url));
    const [publisher, ...subscribers] = sockets;
    const before = memoryOf(pid);
    for (const subscriber of subscribers)
      subscriber.write(Array.from({ length: SUBJECTS }, (_, i) => `SUB log.${String(i)} ${String(i)}\r\n`).join(""));
    await sleep(SETTLE_MS);
    const interestBytes = (memoryOf(pid) - before) / (SUBJECTS * SUBSCRIBERS);
    const from = processorTime([pid]);
    for (let sent = 0; sent < MESSAGES; sent += BURST) {
      publisher?.write(Buffer.concat(Array.from({ length: BURST }, (_, i) => message(sent + i))));
      await sleep(BURST_MS);
    }
    await sleep(SETTLE_MS);
    return { interestBytes, each: (processorTime([pid]).all - from.all) / MESSAGES };
  } finally {
    for (const socket of sockets) socket.destroy();
    await server.close();
  }
}

const BODY = Buffer.alloc(BODY_BYTES, 0x5a);

/** Logs take turns in no order that a cache could make use of. */
function message(number: number): Buffer {
  const head = `PUB log.${String((number * 7919) % SUBJECTS)} ${String(BODY_BYTES)}\r\n`;
  return Buffer.concat([Buffer.from(head), BODY, Buffer.from("\r\n")]);
}

async function greeted(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("data", nothing).on("error", nothing);
  await once(socket, "connect");
  socket.write('CONNECT {"verbose":false,"pedantic":false,"protocol":1}\r\nPING\r\n');
  await once(socket, "data");
  return socket;
}

function nothing(): void {
  // What is heard is not looked at: the server's time is measured.
}
