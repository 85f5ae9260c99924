import { fc, test } from "@fast-check/vitest";
import { CLOSE_CODES, type LogId, type Reply, type Run, type RunId } from "@stonechat/protocol";
import { ManualClock } from "@stonechat/testkit/manual-clock";
import { expect } from "vitest";
import { ScriptedTransport } from "../testing/scripted-relay.ts";
import { RelayLink, RelayUnavailable, type LinkState } from "./relay-link.ts";

const logId = new Uint8Array(32) as LogId;
const unsubscribe = { type: "unsubscribe", logIds: [logId] } as const;

/** A link to a relay that the test plays. `fraction` is the randomness of its delays, from 0 to 255. */
function setUp(
  fraction = 0,
  heed: () => Promise<boolean> = () => Promise.resolve(false),
): {
  readonly link: RelayLink;
  readonly transport: ScriptedTransport;
  readonly clock: ManualClock;
  readonly states: LinkState[];
  readonly pages: Reply[];
  readonly told: (readonly Run[])[];
} {
  const transport = new ScriptedTransport();
  const clock = new ManualClock();
  const states: LinkState[] = [];
  const pages: Reply[] = [];
  const told: (readonly Run[])[] = [];
  const random = { bytes: (length: number) => new Uint8Array(length).fill(fraction) };
  const link = new RelayLink(
    "http://localhost:1",
    { transport, clock, random },
    {
      onState: (state) => states.push(state),
      onEntries: (page) => pages.push(page),
      isBehind: () => false,
      onRuns: (runs) => {
        told.push(runs);
        return heed();
      },
    },
  );
  return { link, transport, clock, states, pages, told };
}

function setUpOnline(): ReturnType<typeof setUp> {
  const parts = setUp();
  parts.link.open();
  parts.transport.socket.welcome();
  return parts;
}

test("says hello with its versions and is online after the welcome", () => {
  const { link, transport, states } = setUp();
  link.open();
  expect(transport.socket.sent).toEqual([]);
  transport.socket.events.onOpen();
  expect(transport.socket.sent).toEqual([{ requestId: 1, request: { type: "hello", minVersion: 1, maxVersion: 2 } }]);
  expect(link.state).toBe("connecting");
  transport.socket.welcome();
  expect(link.state).toBe("online");
  expect(link.welcome?.retentionSeconds).toBe(100);
  expect(states).toEqual(["connecting", "online"]);
});

test("a relay that closes for the version is outdated, is tried again, and may be mended", () => {
  const { link, transport, clock } = setUp();
  link.open();
  transport.socket.events.onOpen();
  transport.socket.events.onClose(CLOSE_CODES.unsupportedVersion);
  expect(link.state).toBe("outdated");
  clock.runNext();
  transport.socket.welcome();
  expect(link.state).toBe("online");
});

test("a request is answered by its id alone", async () => {
  const { link, transport } = setUpOnline();
  const first = link.request(unsubscribe, "done");
  const second = link.request(unsubscribe, "done");
  const [, a, b] = transport.socket.sent;
  expect(a?.requestId).not.toBe(b?.requestId);
  transport.socket.reply(b?.requestId ?? 0, { type: "error", code: "busy", seq: 0 });
  transport.socket.reply(a?.requestId ?? 0, { type: "done" });
  expect(await first).toEqual({ type: "done" });
  expect(await second).toEqual({ type: "error", code: "busy", seq: 0 });
});

test("an answer to nothing, and a second answer, change nothing", async () => {
  const { link, transport } = setUpOnline();
  const asked = link.request(unsubscribe, "done");
  const { requestId } = transport.socket.last("unsubscribe");
  transport.socket.reply(4711, { type: "done" });
  transport.socket.reply(requestId, { type: "done" });
  transport.socket.reply(requestId, { type: "error", code: "busy", seq: 0 });
  expect(await asked).toEqual({ type: "done" });
  expect(link.state).toBe("online");
});

test("an answer of the wrong kind ends the connection", async () => {
  const { link, transport } = setUpOnline();
  const asked = link.request(unsubscribe, "done");
  transport.socket.reply(transport.socket.last("unsubscribe").requestId, { type: "appended", seq: 1 });
  await expect(asked).rejects.toBeInstanceOf(RelayUnavailable);
  expect(transport.socket.closed).toBe(true);
  expect(link.state).toBe("offline");
});

test("pages that nobody asked for by id are handed on", () => {
  const { transport, pages } = setUpOnline();
  const page: Reply = { type: "entries", logId, entries: [], next: 0, endOfEpoch: false };
  transport.socket.reply(0, page);
  transport.socket.reply(0, { type: "done" });
  expect(pages).toEqual([page]);
});

test.prop([fc.uint8Array({ maxLength: 50 })])(
  "a relay that talks nonsense is left, and nothing is acted on",
  (noise) => {
    const { link, transport, pages } = setUpOnline();
    transport.socket.events.onFrame(new Uint8Array([0, 0, 0, 9, 200, ...noise]));
    expect(link.state).toBe("offline");
    expect(transport.socket.closed).toBe(true);
    expect(pages).toEqual([]);
  },
);

test("a greeting that is none ends the connection", () => {
  const { link, transport } = setUp();
  link.open();
  transport.socket.events.onOpen();
  transport.socket.reply(1, { type: "done" });
  expect(link.state).toBe("offline");
});

test("what is not answered in half a minute fails, and the connection with it", async () => {
  const { link, clock } = setUpOnline();
  const asked = link.request(unsubscribe, "done");
  const failed = expect(asked).rejects.toBeInstanceOf(RelayUnavailable);
  clock.advance(29_999);
  expect(link.state).toBe("online");
  clock.advance(1);
  expect(link.state).toBe("offline");
  await failed;
});

test.each(["the network", "the owner"])("pending requests fail when %s ends the connection", async (who) => {
  const { link, transport, clock } = setUpOnline();
  const asked = [link.request(unsubscribe, "done"), link.request(unsubscribe, "done")];
  if (who === "the owner") link.close();
  else transport.socket.events.onClose(1006);
  for (const request of asked) await expect(request).rejects.toBeInstanceOf(RelayUnavailable);
  expect(link.state).toBe(who === "the owner" ? "closed" : "offline");
  // Only the next try waits, and after closing nothing does.
  expect(clock.pending).toBe(who === "the owner" ? 0 : 1);
});

test("nothing is asked while offline", async () => {
  const { link } = setUp();
  await expect(link.request(unsubscribe, "done")).rejects.toBeInstanceOf(RelayUnavailable);
});

test("what an old connection still says is not heard", () => {
  const { link, transport, clock, pages } = setUpOnline();
  const [old] = transport.sockets;
  old?.events.onClose(1006);
  clock.runNext();
  transport.socket.welcome();
  old?.reply(0, { type: "entries", logId, entries: [], next: 0, endOfEpoch: false });
  old?.events.onClose(1006);
  expect(pages).toEqual([]);
  expect(link.state).toBe("online");
});

test.prop([fc.nat({ max: 255 })])(
  "tries again after 0.5 s, doubling up to a minute, never sooner than half of that and never later",
  (fraction) => {
    const { link, transport, clock } = setUp(fraction);
    link.open();
    for (const limit of [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]) {
      const before: number = clock.now();
      const count = transport.sockets.length;
      transport.socket.events.onClose(1006);
      expect(clock.pending).toBe(1);
      clock.runNext();
      expect(transport.sockets.length).toBe(count + 1);
      const waited = clock.now() - before;
      expect(waited).toBeGreaterThanOrEqual(limit / 2 - 1);
      expect(waited).toBeLessThanOrEqual(limit + 1);
    }
  },
);

test("the delay begins anew after a welcome", () => {
  const { link, transport, clock } = setUp();
  link.open();
  for (let i = 0; i < 6; i += 1) {
    transport.socket.events.onClose(1006);
    clock.runNext();
  }
  transport.socket.welcome();
  transport.socket.events.onClose(1006);
  const before: number = clock.now();
  clock.runNext();
  expect(clock.now() - before).toBeLessThanOrEqual(500);
});

test("who hurries does not wait, and never has two connections", () => {
  const { link, transport, clock } = setUp();
  link.open();
  transport.socket.events.onClose(1006);
  link.hurry();
  link.hurry();
  expect(transport.sockets.length).toBe(2);
  // The stage's own limit.
  expect(clock.pending).toBe(1);
});

test("a connection that does not come to be within 20 s is given up and tried again", () => {
  const { link, transport, clock } = setUp();
  link.open();
  clock.advance(19_999);
  expect(link.state).toBe("connecting");
  clock.advance(1);
  expect(link.state).toBe("offline");
  expect(transport.socket.closed).toBe(true);
  clock.advance(500);
  expect(transport.sockets.length).toBe(2);
});

test("a relay that says no welcome within 20 s is left", () => {
  const { link, transport, clock } = setUp();
  link.open();
  clock.advance(15_000);
  transport.socket.events.onOpen();
  clock.advance(19_999);
  expect(link.state).toBe("connecting");
  clock.advance(1);
  expect(link.state).toBe("offline");
});

test.prop([fc.nat({ max: 255 }), fc.nat({ max: 200_000 })])(
  "a connection that swallows everything from some moment on is given up and replaced within 46.5 s",
  (fraction, until) => {
    const { link, transport, clock } = setUp(fraction);
    link.open();
    transport.socket.welcome();
    clock.advance(until);
    expect(link.state).toBe("online");
    const [dead] = transport.sockets;
    if (dead !== undefined) dead.silent = true;
    for (let waited = 0; waited < 46_500 && transport.sockets.length === 1; waited += 100) clock.advance(100);
    expect(dead?.closed).toBe(true);
    expect(transport.sockets.length).toBe(2);
    transport.socket.welcome();
    clock.advance(until);
    expect(link.state).toBe("online");
    expect(transport.sockets.length).toBe(2);
  },
);

test("a relay that pushes is not asked", () => {
  const { transport, clock } = setUpOnline();
  for (let second = 0; second < 120; second += 1) {
    clock.advance(1_000);
    transport.socket.reply(0, { type: "entries", logId, entries: [], next: 0, endOfEpoch: false });
  }
  expect(transport.socket.signs).toBe(0);
});

test("who hurries learns within 5 s that the connection is dead", () => {
  const { link, transport, clock } = setUpOnline();
  transport.socket.silent = true;
  link.hurry();
  link.hurry();
  expect(transport.socket.signs).toBe(1);
  clock.advance(4_999);
  expect(link.state).toBe("online");
  clock.advance(1);
  expect(link.state).toBe("offline");
});

test("a closed link asks for nothing and waits for nothing", () => {
  const { link, transport, clock } = setUpOnline();
  clock.advance(20_000);
  const { signs } = transport.socket;
  link.close();
  link.hurry();
  clock.advance(600_000);
  expect(transport.socket.signs).toBe(signs);
  expect(transport.sockets.length).toBe(1);
  expect(clock.pending).toBe(0);
});

const runs: readonly Run[] = [
  { number: 1, id: new Uint8Array(16) as RunId, at: 5 },
  { number: 3, id: new Uint8Array(16).fill(1) as RunId, at: 4 },
];
const turn = async (): Promise<void> => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
};

test("a relay that tells its runs is online only when they were heeded", async () => {
  const heeded = Promise.withResolvers<boolean>();
  const { link, transport, told } = setUp(0, () => heeded.promise);
  link.open();
  transport.socket.welcome(2);
  expect(link.state).toBe("connecting");
  const { requestId, request } = transport.socket.last("lineage");
  expect(request).toEqual({ type: "lineage", limit: 64 });
  transport.socket.reply(requestId, { type: "lineage", runs });
  await turn();
  expect(told).toEqual([runs]);
  expect(link.state).toBe("connecting");
  heeded.resolve(true);
  await turn();
  expect(link.state).toBe("online");
});

test("a relay that tells runs out of order, or whose runs could not be kept, is left", async () => {
  const broken = setUp();
  broken.link.open();
  broken.transport.socket.welcome(2);
  const asked = broken.transport.socket.last("lineage").requestId;
  broken.transport.socket.reply(asked, { type: "lineage", runs: [...runs].reverse() });
  await turn();
  expect(broken.told).toEqual([]);
  expect(broken.link.state).toBe("offline");

  const full = setUp(0, () => Promise.reject(new Error("disk full")));
  full.link.open();
  full.transport.socket.welcome(2);
  full.transport.socket.reply(full.transport.socket.last("lineage").requestId, { type: "lineage", runs });
  await turn();
  expect(full.link.state).toBe("offline");
});

test("some minutes after a page the runs are asked for again, and a put-back ends the connection", async () => {
  let putBack = false;
  const { link, transport, clock, told } = setUp(0, () => Promise.resolve(putBack));
  link.open();
  transport.socket.welcome(2);
  transport.socket.reply(transport.socket.last("lineage").requestId, { type: "lineage", runs });
  await turn();
  for (let page = 0; page < 3; page += 1)
    transport.socket.reply(0, { type: "entries", logId, entries: [], next: 1, endOfEpoch: false });
  const questions = (): number => transport.socket.sent.filter(({ request }) => request.type === "lineage").length;
  expect(questions()).toBe(1);
  clock.advance(299_999);
  expect(questions()).toBe(1);
  clock.advance(1);
  expect(questions()).toBe(2);
  putBack = true;
  transport.socket.reply(transport.socket.last("lineage").requestId, { type: "lineage", runs });
  await turn();
  expect(told).toHaveLength(2);
  expect(link.state).toBe("offline");
});
