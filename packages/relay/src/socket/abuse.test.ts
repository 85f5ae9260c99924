import { connect, type Socket } from "node:net";
import { initCrypto } from "@stonechat/crypto/issuer";
import { requestFrame, type Request } from "@stonechat/protocol";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { startChildRelay, type ChildRelay } from "../testing/child-relay.ts";
import { FrameClient } from "../testing/frame-client.ts";
import { frame, RawSocket, upgradeRequest } from "../testing/raw-socket.ts";
import { temporaryFolder } from "../testing/relay-fixture.ts";
import { ask, logId, token } from "../testing/service-fixture.ts";

const MESSAGE = 0x82;
const framed = (request: Request): Uint8Array => frame(MESSAGE, requestFrame.encode({ requestId: 1, request }));
const HELLO = framed({ type: "hello", minVersion: 1, maxVersion: 1 });
const BURST = 10_000;

beforeAll(initCrypto);

/** A relay in a process of its own, started by way of another program. */
async function relayThrough(
  program: readonly string[],
  flags: Readonly<Record<string, string>> = {},
): Promise<ChildRelay> {
  const relay = await startChildRelay(await temporaryFolder(), flags, program);
  onTestFinished(() => relay.kill());
  return relay;
}

/** A socket at the relay, of which nothing is known but whether the relay has greeted it. */
function guest(url: string): { readonly socket: Socket; readonly greeted: Promise<boolean> } {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => {
    socket.destroy();
  });
  socket.on("error", () => undefined);
  socket.write(upgradeRequest());
  socket.write(HELLO);
  let heard = "";
  const greeted = new Promise<boolean>((resolve) => {
    socket.on("data", (data: Buffer) => {
      if (heard.length < 4096) heard += data.toString("latin1");
      const end = heard.indexOf("\r\n\r\n");
      if (end >= 0 && heard.length > end + 4) resolve(heard.startsWith("HTTP/1.1 101 "));
    });
    socket.on("close", () => {
      resolve(false);
    });
  });
  return { socket, greeted };
}

async function expectServes(url: string): Promise<void> {
  const client = await FrameClient.open(url);
  expect((await client.ask({ type: "unsubscribe", logIds: [] })).type).toBe("done");
  await client.close();
}

test(
  "without file descriptors left it turns away who comes, serves who is there, and takes new ones when some have gone",
  { timeout: 60_000 },
  async () => {
    const { url } = await relayThrough(["sh", "-c", 'ulimit -n 128; exec "$0" "$@"']);
    const first = await FrameClient.open(url);
    await first.ask(ask.create(1));
    const guests = Array.from({ length: 300 }, () => guest(url));
    const greeted = await Promise.all(guests.map((one) => one.greeted));
    expect(greeted).toContain(true);
    expect(greeted).toContain(false);
    for (let n = 0; n < 20; n += 1) expect(await first.ask(ask.append(1, n))).toMatchObject({ seq: n });
    const gone = guests.map(
      ({ socket }) =>
        new Promise((resolve) => {
          socket.on("close", resolve);
          if (socket.closed) resolve(undefined);
          socket.destroy();
        }),
    );
    await Promise.all(gone);
    for (let n = 0; n < 20; n += 1) await first.ask({ type: "unsubscribe", logIds: [] });
    await expectServes(url);
  },
);

test(
  `a burst of ${String(BURST)} connections is taken whole, and who was there before is served meanwhile`,
  { timeout: 120_000 },
  async ({ skip }) => {
    const files = openFilesLimit();
    if (files < BURST + 1000) skip(`this process may open ${String(files)} files only`);
    const { url } = await relayThrough([]);
    const before = await FrameClient.open(url);
    await before.ask(ask.create(1));
    const guests = Array.from({ length: BURST }, () => guest(url));
    const greeted = Promise.all(guests.map((one) => one.greeted)).then((all) => all.filter(Boolean).length);
    let appended = 0;
    for (let count: number | undefined; count === undefined; appended += 1) {
      await before.expect("appended", ask.append(1, appended % 250));
      count = await Promise.race([greeted, Promise.resolve(undefined)]);
    }
    expect(await greeted).toBe(BURST);
    expect(appended).toBeGreaterThan(0);
  },
);

test(
  "with a heap of 128 MiB everything that abuses memory together is refused or waits, and others are served",
  { timeout: 120_000 },
  async () => {
    const { url, process: child } = await relayThrough(["sh", "-c", 'exec "$0" --max-old-space-size=128 "$@"'], {
      logQuotaMib: "1024",
    });
    const writer = await FrameClient.open(url);
    await writer.ask(ask.create(1));
    await writer.ask(ask.create(2));
    for (let n = 0; n < 100; n += 1) await writer.ask(ask.append(1, n, 0, 60_000));
    const attackers: RawSocket[] = [];
    const attack = async (...frames: readonly Uint8Array[]): Promise<void> => {
      const raw = new RawSocket(url);
      onTestFinished(() => {
        raw.socket.destroy();
      });
      attackers.push(raw);
      await raw.upgrade();
      raw.socket.write(HELLO);
      raw.socket.pause();
      for (const one of frames) raw.socket.write(one);
    };
    const subscribed: Request = {
      type: "subscribe",
      items: [{ logId: logId(1), readToken: token("read 0"), from: 0 }],
    };
    const page: Request = { type: "read", logId: logId(1), readToken: token("read 0"), from: 0, limit: 100 };
    const promised = Uint8Array.of(MESSAGE, 0xff, 0, 0, 0, 0, 0, 0x0f, 0, 0, 0, 0, 0, 0);
    for (let n = 0; n < 40; n += 1) {
      // Reads pages and takes none; follows a log and takes nothing; promises much and sends a part; floods in three ways.
      await attack(...new Array<Uint8Array>(200).fill(framed(page)));
      await attack(framed(subscribed));
      await attack(promised, new Uint8Array(900_000));
      await attack(new Uint8Array(Buffer.concat(new Array<Uint8Array>(20_000).fill(frame(0x89)))));
      await attack(frame(0x02), ...new Array<Uint8Array>(100).fill(frame(0x00, new Uint8Array(9000))));
      await attack(...new Array<Uint8Array>(100).fill(framed(ask.append(1, n + 100, 0, 60_000))));
    }
    for (let n = 0; n < 50; n += 1) expect((await writer.ask(ask.append(2, n, 0, 60_000))).type).toBe("appended");
    await expectServes(url);
    expect(child.exitCode).toBeNull();
    for (const { socket } of attackers) socket.destroy();
    await expectServes(url);
  },
);

/** How many files this process may open, as the system says. */
function openFilesLimit(): number {
  const { userLimits } = process.report.getReport() as unknown as {
    readonly userLimits?: { readonly open_files?: { readonly soft: number | string } };
  };
  return Number(userLimits?.open_files?.soft ?? Infinity) || Infinity;
}
