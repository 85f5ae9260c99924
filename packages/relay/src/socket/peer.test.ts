import { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { fc, test } from "@fast-check/vitest";
import { CLOSE_CODES, replyFrame, requestFrame, type Reply, type Request } from "@stonechat/protocol";
import { expect } from "vitest";
import { frame } from "../testing/raw-socket.ts";
import { ask, serviceFixture, settle } from "../testing/service-fixture.ts";
import type { RelayService } from "../service/relay-service.ts";
import { Gathering } from "./gathering.ts";
import { Peer, type PeerParts } from "./peer.ts";
import { Turns } from "./turns.ts";

const HELLO: Request = { type: "hello", minVersion: 1, maxVersion: 1 };
const MESSAGE = 0x82;
const PING = 0x89;
const PONG = 0x8a;
const CLOSE = 0x88;

/** A frame of a server, which is never masked: opcode with its FIN bit, and payload. */
type Heard = readonly [first: number, payload: Uint8Array];

/** A peer whose network is played by the test: what it writes is taken at once, or when {@link take} says so. */
class Stage {
  readonly socket: Duplex;
  readonly peer: Peer;
  slow = false;
  #written: Uint8Array[] = [];
  #waiting: (() => void)[] = [];

  constructor(parts: PeerParts) {
    this.socket = new Duplex({
      read: () => undefined,
      write: (chunk: Uint8Array, _encoding, taken) => {
        const take = (): void => {
          // Looked at only now, as the system does.
          this.#written.push(Uint8Array.from(chunk));
          taken();
        };
        if (this.slow) this.#waiting.push(take);
        else take();
      },
    });
    this.peer = new Peer(this.socket as unknown as Socket, "net", parts); // a Duplex is all that a peer uses of it
    this.socket.on("drain", () => {
      this.peer.drained();
    });
    this.say(HELLO);
  }

  say(...requests: readonly Request[]): void {
    const frames = requests.map((request, i) => frame(MESSAGE, requestFrame.encode({ requestId: i + 1, request })));
    this.peer.received(new Uint8Array(Buffer.concat(frames)));
  }

  /** The network takes everything that was written. */
  take(): void {
    this.slow = false;
    for (const take of this.#waiting.splice(0)) take();
  }

  get heard(): readonly Heard[] {
    const bytes = Buffer.concat(this.#written);
    const frames: Heard[] = [];
    for (let at = 0; at < bytes.length;) {
      const form = bytes.readUInt8(at + 1);
      const head = form < 126 ? 2 : form === 126 ? 4 : 10;
      const length = form < 126 ? form : form === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUIntBE(at + 4, 6);
      frames.push([bytes.readUInt8(at), Uint8Array.from(bytes.subarray(at + head, at + head + length))]);
      at += head + length;
    }
    return frames;
  }

  get replies(): readonly Reply[] {
    return this.heard.filter(([first]) => first === MESSAGE).map(([, payload]) => replyFrame.decode(payload).reply);
  }

  get closedWith(): number | undefined {
    const payload = this.heard.find(([first]) => first === CLOSE)?.[1];
    return payload === undefined ? undefined : Buffer.from(payload).readUInt16BE(0);
  }
}

async function stages(count: number, options: Parameters<typeof serviceFixture>[0] = {}) {
  const { service } = await serviceFixture(options);
  const parts = partsOf(service);
  const all = Array.from({ length: count }, () => new Stage(parts));
  await turns();
  return { service, all, one: all[0] as Stage, two: all[1] as Stage }; // as many as were asked for
}

function partsOf(service: RelayService): PeerParts {
  return { service, gathering: new Gathering(), turns: new Turns() };
}

/** Lets the event loop turn, so that what was gathered is flushed and what waits for its turn has it. */
async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await settle();
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

test("what one turn has for a peer leaves in one write, in order", async () => {
  const { one } = await stages(1);
  one.say(ask.create(1));
  await turns();
  let writes = 0;
  const write = one.socket.write.bind(one.socket);
  one.socket.write = ((chunk: Uint8Array) => {
    writes += 1;
    return write(chunk);
  }) as typeof one.socket.write;
  one.say(ask.append(1, 1), ask.append(1, 2), ask.read(1));
  await turns(1);
  expect(writes).toBe(1);
  expect(one.replies.map(({ type }) => type)).toEqual(["welcome", "done", "appended", "appended", "entries"]);
});

test.prop(
  [fc.array(fc.constantFrom(0, 20, 1000, 9000, 16_300, 40_000, 60_000), { maxLength: 12 }), fc.array(fc.boolean())],
  {
    numRuns: 40,
  },
)("a slow network gets each byte that was meant for it, however long it holds our memory", async (sizes, slowness) => {
  const { all, one, two } = await stages(2);
  one.say(ask.create(1));
  await turns();
  two.say(ask.subscribe(1));
  await turns();
  for (const [n, size] of sizes.entries()) {
    two.slow ||= slowness[n] ?? false;
    one.say(ask.append(1, n, 0, size));
    await turns(2);
    if (slowness[n + 1] === true) two.take();
  }
  for (const stage of all) stage.take();
  await turns();
  two.take();
  await turns();
  const entries = two.replies.flatMap((reply) => (reply.type === "entries" ? reply.entries : []));
  expect(entries.map(({ seq, body }) => [seq, body.length, body.every((byte) => byte === seq)])).toEqual(
    sizes.map((size, n) => [n, size, true]),
  );
});

test("a peer that floods is read in turns: who asks later than all of it is answered before its end", async () => {
  const { one, two } = await stages(2);
  const flood = Array.from({ length: 3000 }, (): Request => ({ type: "unsubscribe", logIds: [] }));
  one.say(...flood);
  two.say(ask.create(1));
  for (let turn = 0; two.replies.length < 2 && turn < 1000; turn += 1) await turns(1);
  expect(two.replies.at(-1)).toEqual({ type: "done" });
  expect(one.replies.length).toBeLessThan(1000);
  await turns(200);
  expect(one.replies.length).toBe(1 + flood.length);
});

test("hundreds that flood at once all come to their turn", async () => {
  const { all } = await stages(300);
  const flood = Array.from({ length: 200 }, (): Request => ({ type: "unsubscribe", logIds: [] }));
  for (const stage of all) stage.say(...flood);
  await turns(300);
  for (const stage of all) expect(stage.replies.length).toBe(201);
});

test("who asks more than may be under way is not read from, and then goes on where he was", async () => {
  const { one } = await stages(1, { limits: { maxInFlight: 3 } });
  one.say(ask.create(1));
  await turns();
  one.say(...Array.from({ length: 50 }, (_, n) => ask.append(1, n)));
  expect(one.socket.isPaused()).toBe(true);
  await turns(100);
  expect(one.replies.filter(({ type }) => type === "appended").length).toBe(50);
  expect(one.socket.isPaused()).toBe(false);
});

test("pings are answered, and a flood of 20,000 ends with 4005 and no more answers than may be", async () => {
  const { one, two } = await stages(2);
  one.peer.received(frame(PING, Uint8Array.of(1, 2)));
  await turns();
  expect(one.heard.at(-1)).toEqual([PONG, Uint8Array.of(1, 2)]);
  one.peer.received(new Uint8Array(Buffer.concat(new Array<Uint8Array>(20_000).fill(frame(PING)))));
  await turns(100);
  expect(one.closedWith).toBe(CLOSE_CODES.tooMany);
  expect(one.heard.filter(([first]) => first === PONG).length).toBeLessThanOrEqual(500);
  two.say(ask.create(1));
  await turns();
  expect(two.closedWith).toBeUndefined();
  expect(two.replies.at(-1)).toEqual({ type: "done" });
});

test("pongs that nobody asked for are a flood as well, and pings now and then are none", async () => {
  const { one, two } = await stages(2);
  one.peer.received(new Uint8Array(Buffer.concat(new Array<Uint8Array>(20_000).fill(frame(PONG)))));
  for (let quarter = 0; quarter < 100; quarter += 1) {
    two.peer.received(new Uint8Array(Buffer.concat(new Array<Uint8Array>(100).fill(frame(PING)))));
    two.peer.received(frame(PONG));
    two.peer.visit();
    await turns(1);
  }
  await turns(20);
  expect(one.closedWith).toBe(CLOSE_CODES.tooMany);
  expect(two.closedWith).toBeUndefined();
});

test("a message that does not come to its end is not waited for longer than half a minute", async () => {
  const { one, two } = await stages(2);
  const bytes = frame(MESSAGE, requestFrame.encode({ requestId: 9, request: ask.create(1) }));
  one.peer.received(bytes.slice(0, -1));
  for (let quarter = 0; quarter < 2; quarter += 1) {
    // Whoever goes on slowly but sends whole messages stays.
    two.peer.received(bytes.slice(0, 10));
    two.peer.received(bytes.slice(10));
    one.peer.visit();
    two.peer.visit();
  }
  expect([one.socket.destroyed, two.socket.destroyed]).toEqual([true, false]);
});

test("fragments that never end are not waited for either", async () => {
  const { one } = await stages(1);
  one.peer.received(frame(0x02, Uint8Array.of(1)));
  one.peer.visit();
  one.peer.received(frame(0x00, Uint8Array.of(1)));
  one.peer.visit();
  expect(one.socket.destroyed).toBe(true);
});

test("a goodbye is answered with its code, and nothing is read after it", async () => {
  const { one, service } = await stages(1);
  one.peer.received(frame(CLOSE, Uint8Array.of(0x0f, 0xa0)));
  one.say(ask.create(1));
  await turns();
  expect(one.closedWith).toBe(4000);
  expect(one.replies.length).toBe(1);
  expect([service.connectionCount, one.socket.writableEnded]).toEqual([0, true]);
});

test("whoever is told goodbye and stays is put out", async () => {
  const { one } = await stages(1);
  one.peer.end(CLOSE_CODES.stopping);
  await turns();
  expect([one.closedWith, one.socket.destroyed]).toEqual([CLOSE_CODES.stopping, false]);
  one.peer.visit();
  one.peer.visit();
  expect(one.socket.destroyed).toBe(true);
});

test("answers that come after the network has gone are dropped", async () => {
  const { one } = await stages(1);
  one.say(ask.create(1));
  one.socket.destroy();
  one.peer.gone();
  await turns();
  expect(one.replies.length).toBe(1);
});
